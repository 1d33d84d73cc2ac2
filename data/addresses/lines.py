"""Addresses as JSON lines, in and out: compared or checked one by one, without a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from data.addresses.check import check
from data.addresses.compare import compare
from data.addresses.propose import SAME
from data.addresses.wire import address_of
from data.model import InputError

Judge = Callable[[dict[str, Any]], dict[str, object]]


class Answer(NamedTuple):
    """What became of one line."""

    line: int
    """From 1; blank lines are counted and passed over."""
    document: dict[str, object] | None
    error: str = ""
    """Why the line could not be judged."""


def judge_lines(stream: Iterable[bytes], judge: Judge) -> Iterator[Answer]:
    """Judge every line of a stream as it comes; a line that can't be read is answered with its error."""
    for number, raw in enumerate(stream, 1):
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if not text.strip():
            continue
        try:
            yield Answer(number, judge(_decode(text)))
        except InputError as error:
            yield Answer(number, None, str(error))


def compare_document(document: dict[str, Any]) -> dict[str, object]:
    """Judge `{"id", "old": {...}, "new": {...}}`; raises InputError naming what is missing or no text."""
    sides = []
    for side in ("old", "new"):
        if side not in document:
            raise InputError(f"{side} is missing")
        try:
            sides.append(address_of(document[side]))
        except InputError as error:
            raise InputError(f"{side}: {error}") from error
    verdict = compare(sides[0], sides[1])
    return {
        "id": document.get("id"),
        "label": str(verdict.label),
        "level": verdict.level,
        "fields": [each.field for each in verdict.fields if each.mark != SAME],
        "reasons": list(verdict.reasons),
        "zone_old": verdict.zone_old,
        "zone_new": verdict.zone_new,
    }


def check_document(document: dict[str, Any]) -> dict[str, object]:
    """Judge `{"id", ...fields}`; raises InputError naming a field that is no text."""
    findings = check(address_of(document))
    return {
        "id": document.get("id"),
        "ok": all(each.severity != "error" for each in findings),
        "findings": [asdict(each) for each in findings],
    }


def _decode(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start + 1} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {str(error)[:200]}") from error
    if not isinstance(found, dict):
        raise InputError("is not a JSON object")
    return found
