"""The portal of any warehouse system that speaks JSON over HTTP, driven by what its TOML file says."""

from __future__ import annotations

from collections.abc import Mapping

from data.clock import Clock
from data.model import Address, CommandKind, ShipmentState, WorkspaceError
from data.portals.checks import Step, try_steps
from data.portals.compare import address_differences, line_differences
from data.portals.credentials import Credentials
from data.portals.declared.announce import announce
from data.portals.declared.body import parsed, write_amend, write_change, write_notice, write_push
from data.portals.declared.create import create, made
from data.portals.declared.read import read_address, read_lines
from data.portals.declared.reader import Reader
from data.portals.declared.replies import Judged
from data.portals.declared.request import call
from data.portals.declared.shape import Change, Spec, Telling
from data.portals.errors import Ambiguous, Conflict, NotUnderstood, PortalError
from data.portals.http import Http
from data.portals.notices import InboundNotice, Notice
from data.portals.outcomes import (
    AmendResult,
    Cancelled,
    CancelResult,
    Check,
    Doubtful,
    FindResult,
    Found,
    Held,
    HoldResult,
    Page,
    PushResult,
    Refused,
    Released,
    ReleaseResult,
    RemoteState,
    Requested,
    StockLevel,
    TooLate,
    Unsupported,
)
from data.portals.protocol import Caps, ShipmentOrder
from data.portals.settle import settle_amend, settle_duplicate

_NO_REQUEST = Unsupported("this portal has no such request")


class Declared:
    """Drives one warehouse as a file says; implements `Portal`."""

    def __init__(
        self, spec: Spec, url: str, credentials: Credentials, clock: Clock, options: Mapping[str, str], caps: Caps
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `options` are the values of `{option.NAME}`, by that name whole. Raises WorkspaceError for an address that is
        not safe.
        """
        self._spec, self._options, self._caps = spec, options, caps
        self._http = Http(url, credentials, clock, deadline=caps.deadline, connections=caps.concurrency)
        self._reader = Reader(spec, options, self._http, clock)

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send; raises InputError where a value does not fit."""
        return write_push(self._spec, self._options, order)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the exact text that `amend` will send; raises InputError where a value does not fit."""
        return write_amend(self._spec, self._options, address, last)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return the exact text that `cancel`, `hold` or `release` will send, '' where it has no body."""
        return write_change(self._spec, self._change(kind), self._options, last)

    def render_notice(self, notice: Notice) -> str:
        """Return the exact text that `notify` will send; raises InputError where the notice can't be expressed."""
        telling = self._spec.announce if isinstance(notice, InboundNotice) else self._spec.returns
        return "" if telling is None else write_notice(telling, self._options, notice)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        asked, sent = parsed(body), self._spec.sent
        differences = address_differences(read_address(sent.address, asked), remote.address or Address())
        return differences + line_differences(read_lines(sent.lines, asked), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order; a duplicate with the same recipient and lines is `already`, another is a Conflict."""
        judged = await create(self._http, self._spec.push, {**self._options, "order.key": key}, body, key)
        if judged.duplicate:
            return await settle_duplicate(self, body, key, judged.reply)
        result = made(self._spec.push, judged, key)
        if self._spec.push.reference is None:
            # The reply does not name our key: what it made is looked at before it counts.
            await self._confirm(body, key, judged, result.remote_ids)
        return result

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key."""
        return await self._reader.find(key)

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address and read it back; whatever the reply says, what is read back is what counts.

        An order that is too far on is not asked to be changed: Karrio, for one, takes that to revive a cancelled one.
        """
        change = self._spec.amend
        if change is None:
            return _NO_REQUEST
        wanted = read_address(self._spec.sent.address, parsed(body))
        try:
            remote = await self._reader.show(remote_id, key)
            if _is_past(remote, change.before):
                words = f"the order is {remote.raw_status}"
                return settle_amend(wanted, remote, agreed=False, late=True, words=words)
            judged = await self._ask(change, remote_id, key, body)
        except Ambiguous as error:
            return Doubtful(str(error))
        try:
            remote = await self._reader.show(remote_id, key)
        except PortalError as error:
            return Doubtful(f"the address could not be read back: {error}")
        late = judged.too_late or _is_past(remote, change.before)
        if not (judged.ok or late or judged.refused):
            held = remote.address or Address()
            if address_differences(wanted, held):
                return Doubtful(f"{judged.reply.status}, nothing that this portal's file knows", held)
        # What agrees to change an order that is too far on has changed nothing: that is no doubt.
        return settle_amend(wanted, remote, agreed=judged.ok and not late, late=late, words=judged.words)

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Cancel; what the order then is decides, not the reply."""
        if self._spec.cancel is None:
            return _NO_REQUEST
        judged, remote = await self._changed(self._spec.cancel, remote_id, key, body)
        if remote.status is ShipmentState.CANCELLED:
            return Cancelled()
        if judged.too_late or (not judged.ok and _is_past(remote, self._spec.cancel.before)):
            return TooLate(judged.words, remote.address)
        return Requested(judged.words) if judged.ok else Refused(judged.words)

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Keep an order from being picked; one that is held already stays so."""
        if self._spec.hold is None:
            return _NO_REQUEST
        judged, remote = await self._changed(self._spec.hold, remote_id, key, body)
        if remote.held:
            return Held()
        if judged.too_late or (not judged.ok and _is_past(remote, self._spec.hold.before)):
            return TooLate(judged.words)
        if judged.ok:
            judged.reply.not_understood(f"it agreed, and yet the order is {remote.raw_status} and not held")
        return Refused(judged.words)

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Let an order go on."""
        if self._spec.release is None:
            return _NO_REQUEST
        judged, remote = await self._changed(self._spec.release, remote_id, key, body)
        if not remote.held:
            return Released()
        if judged.too_late:
            return TooLate(judged.words)
        return Released(remote.raw_status) if judged.ok else Refused(judged.words)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult | Unsupported:
        """Announce what will arrive or come back; one that is there with the same lines is `already`.

        Where the portal keeps no doubles out by itself, it is looked for first.
        """
        telling = self._telling(kind)
        if telling is None:
            return _NO_REQUEST
        return await announce(self._http, self._reader, self._options, telling, body, key)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Look up what was announced under a key."""
        telling = self._telling(kind)
        if telling is None:
            raise WorkspaceError(f"{self._spec.title}: it takes no announcements")
        return await self._reader.find_notice(telling, key)

    async def poll(self, cursor: str) -> Page:
        """Return what changed since a cursor; the empty cursor is the beginning."""
        return await self._reader.poll(cursor)

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts."""
        return await self._reader.stock()

    async def test(self) -> list[Check]:
        """Try the secret, reading orders, the listing of changes and stock; nothing is changed."""
        steps: list[Step] = [
            ("accepts the secret, and orders can be looked up", lambda: self.find("lastcall-test")),
            ("changes can be listed", lambda: self.poll("")),
        ]
        if self._spec.stock is not None:
            steps.append(("stock can be read", self.stock))
        return await try_steps(steps)

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    def _change(self, kind: CommandKind) -> Change | None:
        changes = {
            CommandKind.CANCEL: self._spec.cancel,
            CommandKind.HOLD: self._spec.hold,
            CommandKind.RELEASE: self._spec.release,
        }
        return changes[kind]

    def _telling(self, kind: CommandKind) -> Telling | None:
        return self._spec.announce if kind is CommandKind.ANNOUNCE else self._spec.returns

    async def _ask(self, change: Change, remote_id: str, key: str, body: str) -> Judged:
        values = {**self._options, "order.key": key, "remote.id": remote_id}
        return Judged(change.verdicts, await call(self._http, change.request, values, body), key, remote_id)

    async def _changed(self, change: Change, remote_id: str, key: str, body: str) -> tuple[Judged, RemoteState]:
        """Ask for a change and read the order back; a reply that is neither yes nor no is not understood."""
        judged = await self._ask(change, remote_id, key, body)
        try:
            remote = await self._reader.show(remote_id, key)
        except PortalError as error:
            # It was asked for: whatever reading back ran into must not say that it was not.
            raise Ambiguous(f"{judged.reply.words}: the order could not be read back: {error}") from error
        if not (judged.ok or judged.too_late or judged.refused):
            judged.reply.not_understood("nothing that this portal's file knows")
        return judged, remote

    async def _confirm(self, body: str, key: str, judged: Judged, remote_ids: tuple[str, ...]) -> None:
        """Raise NotUnderstood unless what was made is found under our key as it was asked for."""
        try:
            found = await self.find(key)
        except PortalError as error:
            raise NotUnderstood(f"{key} was taken and could not be looked up: {error}") from error
        if not isinstance(found, Found) or found.remote.remote_id not in remote_ids:
            judged.reply.not_understood(f"it was taken, and is not found under {key}")
        if differences := self.matches(body, found.remote):
            raise Conflict(f"{key} is at the warehouse with other contents", tuple(differences), remote_ids)


def _is_past(remote: RemoteState, limit: ShipmentState | None) -> bool:
    order = tuple(ShipmentState)
    return limit is not None and remote.status is not None and order.index(remote.status) >= order.index(limit)
