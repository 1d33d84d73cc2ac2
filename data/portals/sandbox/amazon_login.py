"""Login with Amazon as the sandbox plays it: the warehouse's secret buys tokens that end after an hour of its clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from data.portals.sandbox.dialect import Answer

LIFETIME = 3600.0
"""Seconds of the warehouse's clock for which a token is good."""


class Login:
    """Gives out tokens, and knows those it gave."""

    def __init__(self, now: Callable[[], float], is_secret: Callable[[str], bool]) -> None:
        """Begin with none; `is_secret` knows the warehouse's secret."""
        self._now, self._is_secret = now, is_secret
        self._until: dict[str, float] = {}

    def answer(self, form: str) -> Answer:
        """Answer a request for a token; the secret is all three parts, or the refresh token alone."""
        told = {name: values[0] for name, values in parse_qs(form, keep_blank_values=True).items()}
        if told.get("grant_type") != "refresh_token":
            return 400, _error("unsupported_grant_type", "The authorization grant type is not supported")
        parts = [told.get(name, "") for name in ("client_id", "client_secret", "refresh_token")]
        if not all(parts):
            return 400, _error("invalid_request", "The request is missing a required parameter")
        if not (self._is_secret(":".join(parts)) or self._is_secret(parts[-1])):
            return 400, _error("invalid_grant", "The request has an invalid grant parameter : refresh_token")
        token = f"Atza|{secrets.token_urlsafe(24)}"
        self._until[token] = self._now() + LIFETIME
        return 200, {
            "access_token": token,
            "refresh_token": parts[-1],
            "token_type": "bearer",
            "expires_in": int(LIFETIME),
        }

    def is_good(self, token: str) -> bool:
        """Tell whether a token lets in."""
        return self._until.get(token, float("-inf")) > self._now()


def _error(code: str, words: str) -> dict[str, Any]:
    return {"error": code, "error_description": words}
