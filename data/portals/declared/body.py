"""Writing what is sent: bodies from templates, and one body put over another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from data.model import Address, InputError
from data.portals.compare import address_differences, line_differences
from data.portals.declared.keys import Tree
from data.portals.declared.names import (
    address_values,
    line_values,
    notice_line_values,
    notice_values,
    order_values,
)
from data.portals.declared.read import read_address, read_lines
from data.portals.declared.shape import Change, Lines, Request, Sent, Spec, Telling
from data.portals.declared.template import LEFT_OUT, Template, Values
from data.portals.notices import Notice, summed
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentOrder


def write_push(spec: Spec, options: Values, order: ShipmentOrder) -> str:
    """Return the body that asks for an order to be sent.

    Raises InputError where a value does not fit, and where the portal has no place for one: nothing is lost silently.
    """
    if len(order.key) > spec.limits.key_max:
        raise InputError(f"the key {order.key} is longer than the {spec.limits.key_max} characters this portal keeps")
    values = {**options, **order_values(order)}
    body = _written(spec.push.request, values, [line_values(at, each) for at, each in enumerate(order.lines, 1)])
    _refuse_lost(spec.sent, body, order.address)
    asked = summed(RemoteLine(each.sku, each.quantity) for each in order.lines)
    if lost := line_differences(asked, _lines_in(spec.sent.lines, body)):
        raise InputError(f"[push] says something else than the order: {lost[0]}")
    return _text(body)


def write_amend(spec: Spec, options: Values, address: Address, last: str) -> str:
    """Return the body that asks for another address; raises InputError as `write_push`."""
    if spec.amend is None:
        return ""
    values = {**options, **address_values(address), "order.key": last_key(spec.sent, last)}
    body = _changed(spec.amend, values, last)
    _refuse_lost(spec.sent, body, address)
    return _text(body)


def write_change(spec: Spec, change: Change | None, options: Values, last: str) -> str:
    """Return the body of a cancel, a hold or a release; '' where it has none."""
    if change is None or (change.request.body is None and not change.over_last):
        return ""
    return _text(_changed(change, {**options, "order.key": last_key(spec.sent, last)}, last))


def write_notice(telling: Telling, options: Values, notice: Notice) -> str:
    """Return the body that announces something; raises InputError where a value does not fit or gets lost."""
    body = _written(telling.create.request, {**options, **notice_values(notice)}, notice_line_values(notice))
    told = summed(RemoteLine(each.sku, each.quantity) for each in notice.lines)
    if lost := line_differences(told, _lines_in(telling.sent, body)):
        raise InputError(f"the announcement would say something else than was asked: {lost[0]}")
    return _text(body)


def last_key(sent: Sent, last: str) -> str:
    """Return the key that a body of ours names; '' where it names none."""
    return sent.reference.text_in(parsed(last))


def parsed(text: str) -> Any:
    """Return JSON of our own, None for no body at all."""
    return json.loads(text) if text else None


def _changed(change: Change, values: Values, last: str) -> Any:
    body = _written(change.request, values, [])
    if not change.over_last:
        return body
    before = parsed(last)
    if not isinstance(before, dict):
        raise InputError("it is put over the last body, and there is none")
    merged = _over(before, body or {})
    return {name: value for name, value in merged.items() if name not in change.without}


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Put one object over another, objects in them too."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        merged[name] = _over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _written(request: Request, values: Values, lines: Iterable[Mapping[str, str]]) -> Any:
    """Fill a request's body, with its lines in their place."""
    body = _filled(request.body, values)
    if not request.lines_at:
        return body
    inside = body
    for name in request.lines_at[:-1]:
        inside = inside.setdefault(name, {})
    inside[request.lines_at[-1]] = [_filled(request.line, {**values, **each}) for each in lines]
    return body


def _filled(tree: Tree, values: Values) -> Any:
    if isinstance(tree, Template):
        return tree.fill(values)
    if isinstance(tree, dict):
        filled = {name: _filled(each, values) for name, each in tree.items()}
        return {name: each for name, each in filled.items() if each is not LEFT_OUT}
    if isinstance(tree, list):
        return [each for each in (_filled(item, values) for item in tree) if each is not LEFT_OUT]
    return tree


def _refuse_lost(sent: Sent, body: Any, address: Address) -> None:
    """Raise InputError for a part of an address that would not arrive, or arrive as something else."""
    if lost := address_differences(address, read_address(sent.address, body)):
        field, _, words = lost[0].partition(": ")
        raise InputError(f"addr.{field} would not arrive as it is: {words.replace('warehouse has', 'it would get')}")


def _lines_in(where: Lines, body: Any) -> tuple[RemoteLine, ...]:
    """Read the lines of a body of ours."""
    try:
        return read_lines(where, body)
    except ValueError as error:
        raise InputError(f"the lines can't be read where the file says that they stand: {error}") from None


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)
