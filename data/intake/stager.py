"""Rows into the staging file: each is told apart as to be made, as different from what is on file, or as unchanged."""

from __future__ import annotations

import json
from typing import Any

from data.files.read import BadRow
from data.intake.baskets import Baskets
from data.intake.differences import differ
from data.intake.facts import address_values, read_facts
from data.intake.on_file import OnFile, OrderOnFile, spot_of, unpack_spot
from data.intake.record import NO_ADDRESS, PledgeRecord
from data.intake.renumber import renumber_fresh, renumber_known
from data.intake.staged_rows import FRESH, INSERT_FRESH, INSERT_KNOWN, KNOWN, known_row
from data.intake.staging import Staging
from data.model import Stage
from data.store.store import Store

_BATCH = 500
_EXTERNAL_ID, _HASH = FRESH.index("external_id"), FRESH.index("row_hash")
_ON_FILE = 0
"""Stands for a person whom the workspace has."""
_LOW = (1 << 32) - 1
_LONGEST_NUMBER = 19
_NONE = -1
# As plain texts: the database driver takes ten times as long over an enumeration's.
_READY, _NEEDS_INFO, _CANCELLED = str(Stage.READY.value), str(Stage.NEEDS_INFO.value), str(Stage.CANCELLED.value)


class Stager:
    """The rows of one import on their way into its staging file."""

    def __init__(self, store: Store, staging: Staging, on_file: OnFile, baskets: Baskets, currency: str) -> None:
        """Stage into `staging`; `currency` is the campaign's."""
        self._store, self._db, self._on_file, self._baskets = store, staging.db, on_file, baskets
        self._currency = currency
        self._pending: list[tuple[Any, ...]] = []
        self._pending_known: dict[int, tuple[Any, ...]] = {}
        # uid → (person + 1) << 32 | n of their first row: one number, as there may be a million.
        self._people: dict[str | int, int] = {}
        self._seconds: dict[str, tuple[str, int, int, int]] = {}
        self._conflicting: set[str] = set()
        self._removed = False
        self._n = self._known_n = 0
        self._person = self._line = self._address = self._known_line = self._known_address = 0
        self.rows = 0
        self.unchanged = 0
        self.hidden = 0
        """Rows with characters that a person would not see."""
        self.rejected = 0

    @property
    def compares(self) -> bool:
        """Tell whether there are rows on file to compare with."""
        return bool(self._on_file.rows)

    def passed(self, row_hash: str, file: int, line: int) -> bool:
        """Count a row that is on file just so, without reading it further; False for any other."""
        place = self._on_file.place(row_hash)
        if place is None or self._on_file.moved[place]:
            return False
        self._on_file.seen[place] = spot_of(file, line)
        self.rows += 1
        self.unchanged += 1
        return True

    def reject(self, bad: BadRow, file: int) -> None:
        """Keep a row that can't be used for the reject file."""
        self.rows += 1
        self._reject(file, bad.line, bad.field, bad.reason, json.dumps(bad.cells))

    def add(self, record: PledgeRecord, file: int) -> None:
        """Stage one record of a row that `passed` did not count."""
        self.rows += 1
        self.hidden += record.hidden
        if record.external_id in self._conflicting:
            self._reject(file, record.line, "", "the same pledge stands in the files with other contents", None)
            return
        found = self._on_file.order(record.external_id)
        if found is not None and found.forgotten:
            self.unchanged += 1
        elif found is not None:
            self._add_known(record, file, found)
        else:
            self._add_fresh(record, file)

    def finish(self) -> None:
        """Stage what is pending, and close the gaps that rejected rows left in the counting."""
        self._flush()
        if self._removed:
            self._n, self._person, self._line, self._address = renumber_fresh(self._db)
            self._known_n, self._known_line, self._known_address = renumber_known(self._db)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many of each thing are staged."""
        return {
            "orders": self._n,
            "backers": self._person,
            "lines": self._line,
            "addresses": self._address,
            "known": self._known_n,
            "known_lines": self._known_line,
            "known_addresses": self._known_address,
        }

    def _add_fresh(self, record: PledgeRecord, file: int) -> None:
        """Stage an order to be made, unless the files have it already."""
        uid = record.backer_uid
        backer_id = _NONE
        # A number takes half of a text's memory; one with a zero before it is another text, so another person.
        key = int(uid) if uid.isdecimal() and uid.isascii() and uid[0] != "0" and len(uid) < _LONGEST_NUMBER else uid
        met = self._people.get(key)
        if met is None:
            backer_id = self._on_file.backer(uid) or _NONE
            makes = backer_id == _NONE
            person = self._person if makes else _NONE
            self._people[key] = (self._person + 1 if makes else _ON_FILE) << 32 | self._n
            self._person += makes
        else:
            makes = False
            if self._is_double(record, file, met & _LOW):
                return
            person = (met >> 32) - 1
            if met >> 32 == _ON_FILE:
                person, backer_id = _NONE, self._on_file.backer(uid) or _NONE
            self._seconds[record.external_id] = (record.row_hash, file, record.line, self._n)
        facts = read_facts(record, self._currency)
        basket = self._baskets.find(record.items)
        address = record.address
        stage, hold = _CANCELLED, ""
        if not record.cancelled:
            hold = "" if facts.paid else f"pledge status: {record.status_raw}"
            complete = address.country and address.name and (address.line1 or address.line2)
            stage = _READY if facts.paid and basket.ships and complete else _NEEDS_INFO
        has_address = address is not NO_ADDRESS
        self._pending.append(
            (
                self._n,
                record.external_id,
                facts.paid,
                stage,
                *facts.order,
                hold,
                record.notes,
                backer_id,
                person,
                int(makes),
                uid,
                record.name,
                record.email,
                record.backer_number,
                basket.number,
                basket.lines,
                self._line,
                self._address if has_address else _NONE,
                *address_values(address),
                file,
                record.line,
            )
        )
        self._n += 1
        self._line += basket.lines
        self._address += has_address
        if len(self._pending) >= _BATCH:
            self._flush()

    def _add_known(self, record: PledgeRecord, file: int, found: OrderOnFile) -> None:
        """Stage what a row changes of an order there is."""
        place = self._on_file.place(found.row_hash)
        if place is not None and (spot := self._on_file.seen[place]):
            self.unchanged -= 1
            self._conflict(record, file, *unpack_spot(spot))
            return
        earlier = (
            self._pending_known.get(found.order_id)
            or self._db.execute(
                f"SELECT {', '.join(KNOWN)} FROM known WHERE order_id = ?", (found.order_id,)
            ).fetchone()
        )
        if earlier is not None:
            if earlier[KNOWN.index("row_hash")] == record.row_hash:
                self.unchanged += 1
                return
            self._flush()
            self._db.execute("DELETE FROM known WHERE order_id = ?", (found.order_id,))
            self._baskets.take_back(earlier[KNOWN.index("basket")])
            self._conflict(record, file, *earlier[-2:])
            return
        facts = read_facts(record, self._currency)
        difference = differ(self._store, self._on_file, self._baskets, record, facts, found)
        if difference is None:
            self.unchanged += 1
            return
        if place is not None:
            self._on_file.moved[place] = 1
        basket = self._baskets.find(record.items)
        self._pending_known[found.order_id] = known_row(
            self._known_n, record, file, found, facts.order, difference, basket, self._known_line, self._known_address
        )
        self._known_n += 1
        self._known_line += basket.lines if difference.lines else 0
        self._known_address += difference.first_address
        if len(self._pending_known) >= _BATCH:
            self._flush()

    def _is_double(self, record: PledgeRecord, file: int, first: int) -> bool:
        """Deal with a row whose order the files have had: the same row counts as unchanged, another as a conflict."""
        second = self._seconds.get(record.external_id)
        if second is None:
            external_id, row_hash, its_file, its_line = self._row(first)
            if external_id != record.external_id:
                return False
            n = first
        else:
            row_hash, its_file, its_line, n = second
        if row_hash == record.row_hash:
            self.unchanged += 1
            return True
        self._flush()
        basket = self._db.execute("SELECT basket FROM fresh WHERE n = ?", (n,)).fetchone()[0]
        self._baskets.take_back(basket)
        self._db.execute("DELETE FROM fresh WHERE n = ?", (n,))
        self._conflict(record, file, its_file, its_line)
        return True

    def _row(self, n: int) -> tuple[str, str, int, int]:
        """Return external id, hash, file and line of a staged row; of one that was taken out again, nothing."""
        if self._pending and n >= self._pending[0][0]:
            row = self._pending[n - self._pending[0][0]]
            return row[_EXTERNAL_ID], row[_HASH], row[-2], row[-1]
        found: tuple[str, str, int, int] | None = self._db.execute(
            "SELECT external_id, row_hash, file, line FROM fresh WHERE n = ?", (n,)
        ).fetchone()
        return found or ("", "", 0, 0)

    def _conflict(self, record: PledgeRecord, file: int, its_file: int, its_line: int) -> None:
        """Reject two rows that say different things of one pledge, each naming the other."""
        self._removed = True
        self._conflicting.add(record.external_id)
        for one, line, other, other_line in (
            (its_file, its_line, file, record.line),
            (file, record.line, its_file, its_line),
        ):
            where = f"line {other_line}" if one == other else f"line {other_line} of file {other + 1}"
            self._reject(one, line, "", f"the same pledge stands with other contents on {where}", None)

    def _reject(self, file: int, line: int, field: str, reason: str, cells: str | None) -> None:
        self.rejected += 1
        self._db.execute("INSERT INTO reject VALUES (?, ?, ?, ?, ?)", (file, line, field, reason, cells))

    def _flush(self) -> None:
        """Stage what is pending."""
        self._db.executemany(INSERT_FRESH, self._pending)
        self._db.executemany(INSERT_KNOWN, self._pending_known.values())
        self._pending.clear()
        self._pending_known.clear()
