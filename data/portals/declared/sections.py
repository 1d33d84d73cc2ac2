"""Reading the sections that a portal's TOML file is made of."""

from __future__ import annotations

from data.model import ShipmentState
from data.portals.declared.keys import Keys
from data.portals.declared.shape import (
    Auth,
    AuthKind,
    Change,
    Creation,
    Limits,
    Lines,
    Listing,
    Option,
    Pages,
    Paging,
    Request,
    Show,
    Verdicts,
)
from data.portals.declared.template import Template

Headers = tuple[tuple[str, Template], ...]
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_KEY_MAX = 40
_DONE = "status >= `200` && status < `300`"
_NOT_CREATED = "contains(`[400, 404, 413, 422]`, status)"
"""What a refused write is answered with, where the file does not say."""


def read_option(keys: Keys) -> Option:
    """Read one option."""
    default = keys.text("default") if "default" in keys else None
    found = Option(keys.text("words"), default, keys.text("example", default or "1"))
    keys.refuse_unread()
    return found


def read_limits(keys: Keys) -> Limits:
    """Read `[limits]`."""
    found = Limits(
        per_minute=keys.whole("per_minute", 60),
        concurrency=keys.whole("concurrency", 2),
        deadline=keys.number("deadline", 30, 1),
        max_lag=keys.number("max_lag", 60),
        key_max=keys.whole("key_max", _KEY_MAX),
    )
    if found.key_max > _KEY_MAX:
        raise keys.error("key_max", f"is more than {_KEY_MAX}, which no key of ours is longer than")
    keys.refuse_unread()
    return found


def read_auth(keys: Keys, known: frozenset[str]) -> Auth:
    """Read `[auth]`; `known` are the names that a login's templates may have."""
    kind = AuthKind(keys.choice("kind", list(AuthKind)))
    login = keys.section("login")
    asked = kind is AuthKind.LOGIN
    if asked and "login" not in keys:
        raise keys.error("login", "is missing")
    found = Auth(
        kind=kind,
        header=keys.text("header", "Authorization" if kind in (AuthKind.BASIC, AuthKind.BEARER) else None),
        prefix=keys.text("prefix", {AuthKind.BEARER: "Bearer ", AuthKind.BASIC: "Basic "}.get(kind, "")),
        login=read_request(login, known, known, (), writes=True) if asked else None,
        token=login.expression("token") if asked else None,
        seconds=login.number("seconds", 3600, 120),
        seconds_in=login.find("seconds_in"),
    )
    login.refuse_unread()
    keys.refuse_unread()
    return found


def read_request(
    keys: Keys,
    call: frozenset[str],
    inside: frozenset[str],
    headers: Headers,
    *,
    writes: bool,
    line: frozenset[str] | None = None,
) -> Request:
    """Read a request; `call` are the names its path and query may have, `inside` those of its body, `line` of a line's.

    Without `line` it has no lines. Raises WorkspaceError.
    """
    lines = keys.section("lines") if line is not None else None
    path = keys.template("path", call)
    if not (isinstance(path.parts[0], str) and path.parts[0].startswith("/")) or any(
        isinstance(each, str) and set(each) & set("?#{}") for each in path.parts
    ):
        raise keys.error("path", "must begin with / and have no ?, # or braces of its own; a query stands in `query`")
    found = Request(
        method=keys.choice("method", _METHODS, "POST" if writes else "GET"),
        path=path,
        query=keys.templates("query", call),
        body=keys.tree("body", inside),
        lines_at=tuple(lines.text("at").split(".")) if lines is not None and "lines" in keys else (),
        line=lines.tree("each", inside | (line or frozenset())) if lines is not None else None,
        writes=writes,
        headers=headers,
    )
    if lines is not None:
        lines.refuse_unread()
    if found.lines_at and not isinstance(found.line, dict):
        raise keys.error("lines", "each is missing, or no table")
    return found


def read_verdicts(keys: Keys, *, writes: bool) -> Verdicts:
    """Read what a reply means; a write has to say which reply is a yes."""
    return Verdicts(
        ok=keys.expression("ok", None if writes else _DONE),
        refused=keys.expression("refused", _NOT_CREATED),
        too_late=keys.find("too_late"),
        duplicate=keys.find("duplicate"),
        missing=keys.find("missing"),
        words=keys.find("words"),
        fields=keys.find("fields"),
    )


def read_creation(
    keys: Keys,
    call: frozenset[str],
    inside: frozenset[str],
    line: frozenset[str],
    headers: Headers,
    *,
    whole: bool = True,
) -> Creation:
    """Read a request that makes something; `whole` refuses keys that are none of it."""
    found = Creation(
        request=read_request(keys, call, inside, headers, writes=True, line=line),
        verdicts=read_verdicts(keys, writes=True),
        ids=keys.expression("remote_id"),
        reference=keys.find("reference"),
        updated=keys.find("updated"),
    )
    if found.request.body is None:
        raise keys.error("body", "is missing")
    if whole:
        keys.refuse_unread()
    return found


def read_change(keys: Keys, call: frozenset[str], inside: frozenset[str], headers: Headers) -> Change:
    """Read a request that changes an order."""
    states = [each for each in ShipmentState if each not in (ShipmentState.DRAFT, ShipmentState.SENDING)]
    return Change(
        request=read_request(keys, call, inside, headers, writes=True),
        verdicts=read_verdicts(keys, writes=True),
        before=ShipmentState(keys.choice("before", states, ShipmentState.PICKING)),
        over_last=keys.flag("over_last"),
        without=keys.texts("without"),
    )


def read_listing(keys: Keys, known: frozenset[str], headers: Headers, *, whole: bool = True) -> Listing:
    """Read a request that reads rows; `whole` refuses keys that are none of it."""
    found = Listing(
        request=read_request(keys, known, known, headers, writes=False),
        verdicts=read_verdicts(keys, writes=False),
        rows=keys.expression("rows", "body"),
        detail=keys.flag("detail"),
        pages=keys.optional("pages", _pages),
    )
    if whole:
        keys.refuse_unread()
    return found


def read_show(keys: Keys, known: frozenset[str], headers: Headers) -> Show:
    """Read how one order is shown."""
    also = keys.section("also")
    parts: list[tuple[str, Request]] = []
    for each in also.names():
        inside = also.section(each)
        parts.append((each, read_request(inside, known, known, headers, writes=False)))
        inside.refuse_unread()
    return Show(
        request=read_request(keys, known, known, headers, writes=False),
        verdicts=read_verdicts(keys, writes=False),
        order=keys.expression("order", "body"),
        also=tuple(parts),
    )


def read_lines(keys: Keys) -> Lines:
    """Read where lines stand."""
    found = Lines(keys.expression("rows"), keys.expression("sku"), keys.expression("quantity"))
    keys.refuse_unread()
    return found


def _pages(keys: Keys) -> Pages:
    kind = Paging(keys.choice("kind", list(Paging)))
    marked = kind in (Paging.TOKEN, Paging.CURSOR)
    if kind is Paging.CURSOR and "more" not in keys:
        raise keys.error("more", "is missing")
    return Pages(
        kind=kind,
        limit=keys.whole("limit", 100),
        first=keys.whole("first", 1, 0),
        next=keys.expression("next") if marked else None,
        more=keys.find("more"),
        initial=keys.text("initial", ""),
        overlap=keys.number("overlap", 0),
    )
