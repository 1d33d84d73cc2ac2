"""Trying a portal's file on a sample: what it writes must read back as what was to be written, twice in a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from data.model import InputError
from data.portals.declared.body import last_key, write_amend, write_change, write_push
from data.portals.declared.keys import Source
from data.portals.declared.sample import ADDRESS, ELSEWHERE, ORDER, option_values, sample
from data.portals.declared.shape import Spec

T = TypeVar("T")


def check_spec(source: Source, spec: Spec) -> None:
    """Render every body for a sample; raises WorkspaceError naming the key that can't be."""
    options = option_values(spec)
    push = _tried(source, "push", lambda: write_push(spec, options, ORDER))
    if last_key(spec.sent, push) != ORDER.key:
        raise source.error(("push",), "its body does not name our key where [sent] or [order] say that it stands")
    amended = _tried(source, "amend", lambda: write_amend(spec, options, ELSEWHERE, push))
    _tried(source, "amend", lambda: write_amend(spec, options, ADDRESS, amended))
    if amended and last_key(spec.sent, amended) != ORDER.key and _needs_key(spec):
        raise source.error(("amend",), "its body does not name our key, which what is sent after it needs")
    for name, change in (("cancel", spec.cancel), ("hold", spec.hold), ("release", spec.release)):
        _tried(source, name, lambda change=change: write_change(spec, change, options, amended or push))  # type: ignore[misc]
    _tried(source, "announce", lambda: sample(spec))


def _tried(source: Source, section: str, write: Callable[[], T]) -> T:
    """Write something; what does not fit is an error of its key, or else of the section."""
    try:
        return write()
    except InputError as error:
        where, _, why = str(error).partition(": ")
        if " " in where:
            raise source.error((section,), str(error)) from None
        raise source.error(tuple(where.split(".")), why) from None


def _needs_key(spec: Spec) -> bool:
    """Tell whether a body that follows an amendment is made of our key, or of the whole body before it."""
    changes = (spec.amend, spec.cancel, spec.hold, spec.release)
    return any(each is not None and (each.over_last or _names_key(each.request.body)) for each in changes)


def _names_key(tree: object) -> bool:
    if isinstance(tree, dict):
        return any(_names_key(each) for each in tree.values())
    return "order.key" in getattr(tree, "names", ())
