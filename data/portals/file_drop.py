"""The portal of a warehouse that takes files: order lists go out as numbered batches, tracking tables come back."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, ShipmentState
from data.portals.batch_files import BatchFiles, Pushes, same, same_body
from data.portals.errors import Conflict, Permanent, PortalError
from data.portals.incoming_files import IncomingFiles
from data.portals.notices import Notice
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
    Unsupported,
)
from data.portals.protocol import Caps, Idem, Lookup, ShipmentOrder

HANDED_OVER = "handed over"
_BY_HAND = "this warehouse takes files: ask the people there, as agreed"


class FileDrop:
    """Drives one warehouse through its folder `drop/CODE`; implements `Portal` and `BatchPortal`.

    The warehouse (or whatever carries files to it) takes `batch-*.csv` and puts tracking tables into `in/`.
    """

    def __init__(
        self, folder: Path, clock: Clock, *, spreadsheet: bool = False, batch_max: int = 5000, settle: float = 5.0
    ) -> None:
        """Use `folder`, which is made when the first batch is handed over.

        `spreadsheet` is for a warehouse that opens the lists with a spreadsheet program; `settle` is the seconds an
        incoming file must have been left alone before it is read.
        """
        self._folder = folder
        self._clock = clock
        self._batches = BatchFiles(folder, spreadsheet)
        self._incoming = IncomingFiles(folder / "in", self._batches, clock, settle)
        self._caps = Caps(
            idem=Idem.FILE,
            lookup=Lookup.EXACT,
            deadline=60.0,
            max_lag=0.0,
            amend_before=None,
            cancel_before=None,
            hold_before=None,
            verify_after_write=False,
            batch_max=batch_max,
            concurrency=1,
        )

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the text from which the order's rows are made."""
        body = {
            "key": order.key,
            "number": order.number,
            "email": order.email,
            "address": asdict(order.address),
            "lines": [asdict(line) for line in order.lines],
        }
        return json.dumps(body, ensure_ascii=False)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the address as text; it is kept with the command, and people carry it to the warehouse."""
        return json.dumps(asdict(address), ensure_ascii=False)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return nothing: people do it."""
        return ""

    def render_notice(self, notice: Notice) -> str:
        """Return the notice as text; it is kept with the command, and people carry it to the warehouse."""
        return json.dumps(asdict(notice), ensure_ascii=False)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Tell whether the order was handed over from exactly this body."""
        key = remote.reference
        manifests = [each for each in self._batches.all() if key in each.numbers]
        if manifests and same_body(manifests[0], key, body):
            return []
        return [f"{key}: {remote.remote_id} was made from another revision"]

    async def push(self, body: str, key: str) -> PushResult:
        """Refuse: the unit is the batch."""
        raise Permanent(f"{key}: this warehouse takes whole batches")

    async def push_batch(self, number: int, pushes: Pushes) -> PushResult:
        """Hand over a batch as one file, once; raises Conflict where the number was used with other contents."""
        if len(pushes) > self._caps.batch_max:
            raise Permanent(f"batch {number}: {len(pushes)} orders; this warehouse takes {self._caps.batch_max}")
        manifest, fresh = await asyncio.to_thread(self._batches.hand_over, number, pushes)
        return PushResult(Pushed.CREATED if fresh else Pushed.ALREADY, (manifest.file,))

    async def find_batch(self, number: int, pushes: Pushes) -> HandedOver | Absent:
        """Tell whether a batch was handed over; raises Conflict where it was with other contents."""
        manifest = await asyncio.to_thread(self._batches.read, number)
        if manifest is not None and not same(manifest, pushes):
            raise Conflict(f"batch {number} was handed over as {manifest.file} with other contents")
        if manifest is None or not self._batches.was_handed_over(number):
            return Absent(utc_text(self._clock.now()))
        return HandedOver(manifest.file, manifest.sha256, manifest.orders, manifest.rows)

    async def find(self, key: str) -> FindResult:
        """Tell in which batch file an order was handed over."""
        for manifest in await asyncio.to_thread(self._batches.all):
            if key in manifest.numbers:
                return Found(RemoteState(key, manifest.file, HANDED_OVER, ShipmentState.ACCEPTED))
        return Absent(utc_text(self._clock.now()))

    async def amend(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def cancel(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def hold(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def release(self, remote_id: str, key: str, body: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def notify(self, kind: CommandKind, body: str, key: str) -> Unsupported:
        """Say that people must do it."""
        return Unsupported(_BY_HAND)

    async def find_notice(self, kind: CommandKind, key: str) -> Absent:
        """Say that nothing was announced here."""
        return Absent(utc_text(self._clock.now()))

    async def poll(self, cursor: str) -> Page:
        """Read the next tracking table in `in/`, and put the one the cursor names away, as it is safely stored.

        Rows that can't be placed go to `in/quarantine/` and are told as problems; so is a file that is no such table,
        which then goes to `in/refused/`.
        """
        return await asyncio.to_thread(self._incoming.poll, cursor)

    async def stock(self) -> list[StockLevel]:
        """Return nothing: files tell no stock."""
        return []

    async def test(self) -> list[Check]:
        """Look at the folders; nothing is changed."""
        return await asyncio.to_thread(self._test)

    async def close(self) -> None:
        """Do nothing: there is nothing open."""

    def _test(self) -> list[Check]:
        folder = self._folder if self._folder.exists() else self._folder.parent
        writable = os.access(folder, os.W_OK | os.X_OK)
        checks = [Check("batches can be written", writable, "yes" if writable else f"{folder} can't be written")]
        try:
            count = len(self._batches.all())
        except PortalError as error:
            checks.append(Check("what was handed over is known", False, str(error)))
        else:
            checks.append(Check("what was handed over is known", True, f"{count} batches"))
        arrives = self._incoming.folder.is_dir()
        words = f"{len(self._incoming.waiting())} files wait" if arrives else f"{self._incoming.folder} is not there"
        checks.append(Check("tracking tables can come back", arrives, words))
        return checks
