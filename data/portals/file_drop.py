"""The portal of a warehouse that takes files: order lists go out as numbered batches, tables come back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, InputError, ShipmentState
from data.portals.batch_files import BATCH, INCOMING, BatchFiles, Manifest, Told, is_told, told
from data.portals.delivery import Delivery, FolderDelivery
from data.portals.errors import Conflict, Permanent, PortalError
from data.portals.incoming_files import IncomingFiles
from data.portals.layout import Correcting, Layout
from data.portals.layout_toml import DEFAULT, PACKAGED, read_layout
from data.portals.notice_list import SERIES, notice_body, notice_table
from data.portals.notices import Notice
from data.portals.order_body import order_body, read_order, with_address
from data.portals.order_list import check_order, order_tables
from data.portals.outcomes import (
    Absent,
    Check,
    FindResult,
    Found,
    HandedOver,
    Page,
    Pushed,
    PushResult,
    RemoteState,
    StockLevel,
    Unknown,
    Unsupported,
)
from data.portals.protocol import Action, Caps, Entry, Idem, Lookup, ShipmentOrder

Entries = Sequence[Entry]
HANDED_OVER = "handed over"
_BACK = "tables can come back"
_BY_HAND = "this warehouse takes files: ask the people there, as agreed"


class FileDrop:
    """Drives one warehouse through files; implements `Portal` and `BatchPortal`.

    What was ever made for it stands in `drop/CODE` with manifests. The warehouse takes `batch-*` from there, or from
    where the delivery brings it, and its tables come into `in/`.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        layout: Layout | None = None,
        delivery: Delivery | None = None,
        batch_max: int = 5000,
        settle: float = 5.0,
        time_zone: str = "UTC",
    ) -> None:
        """Use `folder`, which is made when the first batch is handed over.

        `layout` is what its order lists look like, `delivery` where they are handed over (both ours by default);
        `settle` is the seconds an incoming file must have been left alone before it is read.
        """
        self._folder = folder
        self._clock = clock
        self._layout = layout or read_layout(PACKAGED / f"{DEFAULT}.toml", folder)
        self._delivery = delivery or FolderDelivery(folder)
        self._files = BatchFiles(folder)
        self._settle = settle
        self._incoming = IncomingFiles(folder / INCOMING, self._files, clock, settle, self._layout.returns, time_zone)
        remote = not isinstance(self._delivery, FolderDelivery)
        self._caps = Caps(
            idem=Idem.FILE,
            lookup=Lookup.EXACT,
            deadline=300.0 if remote else 60.0,
            max_lag=5.0 if remote else 0.0,
            amend_before=None,
            cancel_before=None,
            hold_before=None,
            verify_after_write=False,
            batch_max=batch_max,
            concurrency=1,
            announce=True,
            returns=True,
            corrections=self._layout.corrections.style is not Correcting.NONE,
        )

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the text from which the order's rows are made; raises InputError, naming column and order, where the
        layout can't carry it."""
        check_order(self._layout, order)
        return order_body(order)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the whole order to the new address, from which a change's rows are made.

        It is not checked against the layout: whoever plans a correction renders the order as a push before.
        """
        return with_address(last, address)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return the order as it was last accepted, from which a cancel's rows are made."""
        return last

    def render_notice(self, notice: Notice) -> str:
        """Return the text from which the notice's rows are made; raises InputError where they can't be."""
        return notice_body(self._layout, notice)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Tell whether the order was last handed over from exactly this body."""
        manifest = self._files.latest(remote.reference)
        if manifest is not None and is_told(manifest, remote.reference, body):
            return []
        return [f"{remote.reference}: {remote.remote_id} was made from another revision"]

    async def push(self, body: str, key: str) -> PushResult:
        """Refuse: the unit is the batch."""
        raise Permanent(f"{key}: this warehouse takes whole batches")

    async def push_batch(self, number: int, entries: Entries) -> PushResult:
        """Hand over a batch, once; raises Conflict where the number was used with other contents, or where only a
        person can find out whether an earlier attempt arrived."""
        if len(entries) > self._caps.batch_max:
            raise Permanent(f"batch {number}: {len(entries)} orders; this warehouse takes {self._caps.batch_max}")
        if not self._caps.corrections and any(each.action is not Action.ADD for each in entries):
            raise Permanent(f"batch {number}: {_BY_HAND} (the layout {self._layout.name} has no form for corrections)")
        stated = _told(number, entries)
        manifest = await asyncio.to_thread(
            self._files.stage, BATCH, number, stated, self._layout, lambda: order_tables(self._layout, number, entries)
        )
        return await self._hand_over(manifest)

    async def find_batch(self, number: int, entries: Entries) -> HandedOver | Absent:
        """Tell whether all of a batch was handed over; raises Conflict as `push_batch`."""
        manifest = await asyncio.to_thread(self._files.read, BATCH, number)
        if manifest is not None and list(manifest.told.items()) != list(_told(number, entries).items()):
            raise Conflict(f"batch {number} was handed over as {manifest.file} with other contents")
        if manifest is None or not await self._was_handed_over(manifest):
            return Absent(utc_text(self._clock.now()))
        return HandedOver(manifest.file, manifest.files[0].sha256, len(manifest.told), manifest.rows)

    async def find(self, key: str) -> FindResult:
        """Tell in which batch an order was last handed over."""
        manifest = await asyncio.to_thread(self._files.latest, key)
        if manifest is not None:
            return Found(RemoteState(key, manifest.file, HANDED_OVER, ShipmentState.ACCEPTED))
        return Absent(utc_text(self._clock.now()))

    async def amend(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it, or a delta batch."""
        return Unsupported(_BY_HAND)

    async def cancel(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it, or a delta batch."""
        return Unsupported(_BY_HAND)

    async def hold(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def release(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult:
        """Hand over a notice as a numbered file of its own, once; raises as `push_batch`."""
        return await self._hand_over(await asyncio.to_thread(self._stage_notice, kind, body, key))

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Tell in which file a notice was handed over."""
        manifest = await asyncio.to_thread(self._notice, kind, key)
        try:
            if manifest is not None and await self._was_handed_over(manifest):
                return Found(RemoteState(key, manifest.file, HANDED_OVER, None))
        except Conflict as error:
            return Unknown(str(error))
        return Absent(utc_text(self._clock.now()))

    async def poll(self, cursor: str) -> Page:
        """Read the next table in `in/`, and put the one the cursor names away, as it is safely stored.

        Where none waits, the delivery brings what waits elsewhere. Rows that can't be placed go to `in/quarantine/` and
        are told as problems; so is a file that is no such table, which then goes to `in/refused/`.
        """
        await asyncio.to_thread(self._incoming.put_away, cursor)
        problems: list[str] = []
        if not self._incoming.waiting():
            problems = await self._delivery.fetch(self._incoming.folder, self._settle)
        page = await asyncio.to_thread(self._incoming.read, cursor)
        return Page(page.states, page.cursor, page.more, (*problems, *page.problems))

    async def stock(self) -> list[StockLevel]:
        """Return nothing: files tell no stock."""
        return []

    async def test(self) -> list[Check]:
        """Look at the folders and at where files are handed over; nothing is changed."""
        return [*await self._delivery.test(), *await asyncio.to_thread(self._test)]

    async def close(self) -> None:
        """Do nothing: there is nothing open."""

    async def _hand_over(self, manifest: Manifest) -> PushResult:
        """Hand over what of a manifest is still staged."""
        left = self._files.staged(manifest)
        for staged, file in left:
            await self._delivery.deliver(staged, file)
        names = tuple(each.file for each in manifest.files)
        return PushResult(Pushed.CREATED if left else Pushed.ALREADY, names)

    async def _was_handed_over(self, manifest: Manifest) -> bool:
        for staged, file in self._files.staged(manifest):
            if not await self._delivery.is_delivered(staged, file):
                return False
        return True

    def _notice(self, kind: CommandKind, key: str) -> Manifest | None:
        return next((each for each in self._files.all(SERIES[kind]) if key in each.told), None)

    def _stage_notice(self, kind: CommandKind, body: str, key: str) -> Manifest:
        """Stage a notice under the next number, or return what was staged; raises Conflict for another of its key."""
        found = self._notice(kind, key)
        if found is not None and not is_told(found, key, body):
            raise Conflict(f"{key} was handed over as {found.file} with other contents")
        if found is not None:
            return found
        series = SERIES[kind]
        number = 1 + max((each.number for each in self._files.all(series)), default=0)
        stated = {key: told("", Action.ADD, body)}
        return self._files.stage(series, number, stated, self._layout, lambda: [notice_table(self._layout, kind, body)])

    def _test(self) -> list[Check]:
        checks = [Check("order lists", True, self._layout.title)]
        count = 1
        try:
            count = sum(not self._files.staged(each) for each in self._files.all())
        except PortalError as error:
            checks.append(Check("what was handed over is known", False, str(error)))
        else:
            checks.append(Check("what was handed over is known", True, f"{count} batches"))
        if self._incoming.folder.is_dir():
            arrives = Check(_BACK, True, f"{len(self._incoming.waiting())} files wait")
        elif not count:
            arrives = Check(_BACK, True, f"{self._incoming.folder} is made with the first batch")
        else:
            arrives = Check(_BACK, False, f"{self._incoming.folder} is not there")
        return [*checks, arrives]


def _told(number: int, entries: Entries) -> dict[str, Told]:
    """Return what a manifest keeps of entries; raises Permanent for a key that stands twice, or a body that is none."""
    stated: dict[str, Told] = {}
    for each in entries:
        if each.key in stated:
            raise Permanent(f"batch {number}: {each.key} stands in it twice")
        try:
            order = read_order(each.body)
        except InputError as error:
            raise Permanent(f"batch {number}: {each.key}: {error}") from error
        stated[each.key] = told(order.number, each.action, each.body)
    return stated
