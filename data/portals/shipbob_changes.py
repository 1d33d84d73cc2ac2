"""Changing an order at ShipBob, shipment by shipment: the answer is what all of them together come to."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from data.model import Address, ShipmentState
from data.portals.compare import address_differences
from data.portals.errors import Ambiguous, PortalError
from data.portals.notices import summed
from data.portals.outcomes import (
    AmendResult,
    Applied,
    Cancelled,
    CancelResult,
    Doubtful,
    Held,
    HoldResult,
    Partly,
    Refused,
    Released,
    ReleaseResult,
    Requested,
    TooLate,
)
from data.portals.reply import Reply
from data.portals.shipbob_api import Api
from data.portals.shipbob_bodies import lacking, read_amend, with_shipments
from data.portals.shipbob_replies import accepted, after_sending, before_sending, error_words, words
from data.portals.shipbob_words import Part, Whole
from data.text import visible

Show = Callable[[str, str], Awaitable[Whole]]
"""Reads an order by ShipBob's id and our key; raises what a look-up raises."""
_NONE_YET = "ShipBob has made no shipment of it yet"


async def amend(api: Api, show: Show, remote_id: str, key: str, body: str) -> AmendResult:
    """Change the address of every shipment that is not too far, read all back, and say what will ship where.

    Applied only where all of them hold it. Raises what says that nothing was sent, or that the same may be asked again.
    """
    wanted = read_amend(body)
    if missing := lacking(wanted):
        return Refused(missing)
    with before_sending(f"address of {key}"):
        before = await show(remote_id, key)
    if before.remote.status is ShipmentState.CANCELLED:
        return Refused("the order is cancelled", before.remote.address)
    if not before.live:
        return Doubtful(_NONE_YET, before.remote.address)
    answers: dict[str, str] = {}
    for part in before.live:
        if part.too_far or not _differs(wanted, part):
            continue
        try:
            reply = await api.ask("PUT", "/shipment/{id}:updateAddress", {"id": part.id}, content=body)
        except Ambiguous as error:
            return Doubtful(str(error))
        answers[part.id] = _refusal(reply)
    try:
        after = await show(remote_id, key)
    except PortalError as error:
        return Doubtful(f"the address could not be read back: {error}")
    return _judge_amend(wanted, after, answers)


async def cancel(api: Api, show: Show, remote_id: str, key: str) -> CancelResult:
    """Cancel an order; a part that was picked goes out, and is told with what was cancelled."""
    reply = await api.ask("POST", "/order/{id}:cancel", {"id": remote_id})
    with after_sending(f"the cancel of {key}"):
        after = await show(remote_id, key)
    if after.remote.status is ShipmentState.CANCELLED:
        return Cancelled()
    reasons = _cancel_words(reply)
    gone = [line for each in after.parts if not each.live for line in each.lines]
    if len(after.live) < len(after.parts):
        return Partly(summed(gone), reasons)
    if reply.ok and _answer(reply).get("status") in ("Success", "PartialSuccess"):
        return Requested("ShipBob agreed, and has not done it yet")
    if after.live and all(each.too_far for each in after.live):
        return TooLate(reasons, after.remote.address)
    return Refused(reasons, after.remote.address)


async def hold(api: Api, show: Show, remote_id: str, key: str, body: str) -> HoldResult:
    """Place our hold on every shipment that has not left; held only where each of them says so."""
    with before_sending(f"the hold of {key}"):
        before = await show(remote_id, key)
    waiting = [each for each in before.live if not each.gone]
    if not waiting:
        return TooLate(before.remote.raw_status) if before.parts else Refused(_NONE_YET)
    reply = await api.ask("POST", "/shipment:bulkPlaceOnHold", content=_ids(body, waiting))
    told = _results(reply, waiting)
    failed = [each for each in waiting if told[each.id].get("is_success") is not True]
    if not failed:
        return Held()
    why = "; ".join(f"shipment {each.id}: {error_words(told[each.id].get('error'))}" for each in failed)
    if len(failed) < len(waiting):
        why = f"{len(waiting) - len(failed)} of {len(waiting)} shipments are held; {why}"
    return TooLate(why) if all(each.too_far for each in failed) else Refused(why)


async def release(api: Api, show: Show, remote_id: str, key: str, body: str) -> ReleaseResult:
    """Take our hold off every shipment that has not left, and say where others stay."""
    with before_sending(f"the release of {key}"):
        before = await show(remote_id, key)
    waiting = [each for each in before.live if not each.gone]
    if not waiting:
        return TooLate(before.remote.raw_status) if before.parts else Refused(_NONE_YET)
    reply = await api.ask("POST", "/shipment:bulkReleaseHold", content=_ids(body, waiting))
    told = _results(reply, waiting)
    failed = [each for each in waiting if told[each.id].get("is_success") is not True]
    if failed:
        return Refused("; ".join(f"shipment {each.id}: {error_words(told[each.id].get('error'))}" for each in failed))
    kept = [each for each in waiting if told[each.id].get("is_still_on_hold_due_to_other_reasons") is True]
    why = "; ".join(f"shipment {each.id}: {', '.join(each.complaints) or 'a hold of ShipBob’s own'}" for each in kept)
    return Released(visible(why))


def _judge_amend(wanted: Address, after: Whole, answers: dict[str, str]) -> AmendResult:
    """Decide by what the shipments hold now; `answers` say why one was refused, '' where ShipBob agreed."""
    left = [each for each in after.live if _differs(wanted, each)]
    if not left:
        held = next((each.address for each in after.live if each.address is not None), None)
        return Applied(held or wanted)
    ships_to = left[0].address
    why = [f"shipment {each.id} is {each.raw}" for each in left if each.too_far]
    refusals = [each for each in left if not each.too_far and answers.get(each.id)]
    why += [f"shipment {each.id}: {answers[each.id]}" for each in refusals]
    part = f"{len(left)} of {len(after.live)} shipments: " if len(after.live) > 1 else ""
    if len(why) < len(left):
        return Doubtful(f"{part}ShipBob agreed, and yet holds another address", ships_to)
    told = visible(part + "; ".join(why))
    return Refused(told, ships_to) if refusals else TooLate(told, ships_to)


def _differs(wanted: Address, part: Part) -> bool:
    return part.address is None or bool(address_differences(wanted, part.address))


def _refusal(reply: Reply) -> str:
    """Return why an amendment was refused, '' where it was done or the reply does not say."""
    if not reply.ok:
        return words(reply)
    answer = _answer(reply)
    return error_words(answer.get("error")) if answer.get("is_success") is False else ""


def _cancel_words(reply: Reply) -> str:
    """Return why not all was cancelled, in the vendor's words."""
    if not reply.ok:
        return words(reply)
    results = _answer(reply).get("canceled_shipment_results")
    told = [
        f"shipment {each.get('shipment_id')}: {each.get('reason') or 'no reason was given'}"
        for each in (results if isinstance(results, list) else ())
        if isinstance(each, dict) and each.get("is_success") is not True
    ]
    return visible("; ".join(told) or "the rest had left")


def _ids(body: str, parts: Sequence[Part]) -> str:
    return with_shipments(body, [each.id for each in parts])


def _results(reply: Reply, parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Return what a bulk request says of each shipment; raises Permanent, or NotUnderstood where one is missing."""
    results = accepted(reply).json().get("results")
    told = {
        str(each.get("id") or each.get("shipment_id")): each
        for each in (results if isinstance(results, list) else ())
        if isinstance(each, dict)
    }
    if any(each.id not in told for each in parts):
        reply.not_understood("it does not say what came of every shipment")
    return told


def _answer(reply: Reply) -> dict[str, Any]:
    """Return the object a reply is, empty where it is none: what is read back decides, not this."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
