"""Making a declared request: path, query and headers from templates, its body as it was rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from data.portals.declared.shape import Request
from data.portals.declared.template import LEFT_OUT, Values
from data.portals.reply import Reply

if TYPE_CHECKING:
    # Whoever only shows what would be sent needs no client.
    from data.portals.http import Http


async def call(http: Http, request: Request, values: Values, body: str | None = None) -> Reply:
    """Make a request; raises what `Http.ask` raises, InputError where a value does not fit."""
    path, filled = _path(request, values)
    return await http.ask(
        request.method,
        path,
        filled,
        query=_query(request, values) or None,
        content=body or None,
        headers={name: each.text(values) for name, each in request.headers},
        writes=request.writes,
    )


def request_line(request: Request, values: Values) -> str:
    """Return method, path and query as they would be sent."""
    path, filled = _path(request, values)
    line = f"{request.method} {path.format_map({name: quote(value, safe='') for name, value in filled.items()})}"
    query = _query(request, values)
    return f"{line}?{urlencode(query)}" if query else line


def _path(request: Request, values: Values) -> tuple[str, dict[str, str]]:
    """Return a path with a name for each of its holes, and the values by those names."""
    path, filled = "", {}
    for part in request.path.parts:
        if isinstance(part, str):
            path += part
            continue
        name = part.name.replace(".", "_")
        path += f"{{{name}}}"
        filled[name] = str(request.path.filled(part, values))
    return path, filled


def _query(request: Request, values: Values) -> dict[str, str]:
    found = {name: each.fill(values) for name, each in request.query}
    return {name: _flat(each) for name, each in found.items() if each is not LEFT_OUT}


def _flat(value: object) -> str:
    """Return a value of a query as text."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
