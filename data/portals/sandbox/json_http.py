"""JSON over HTTP, both ways."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from data.portals.sandbox.warehouse import Answer

LARGEST_BODY = 1_000_000
"""Bytes."""


def reply(answer: Answer) -> Response:
    """Return an answer of the warehouse as an HTTP reply."""
    status, body = answer
    return Response(json.dumps(body), status, media_type="application/json")


async def read_json(request: Request) -> Any:
    """Return the body as JSON, or the reply that refuses it."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            return reply((413, {"error": "body_too_large"}))
    try:
        return json.loads(bytes(content))
    except (ValueError, RecursionError):
        return reply((400, {"error": "not_json"}))
