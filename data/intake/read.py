"""Rows of a platform's file read into records, fast: positions are settled once, texts are read once and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from operator import itemgetter

from data.files.read import BadRow, Record, Table
from data.intake.cells import CellError, is_shortened, on_one_line, read_quantity, refuse_example, unwrapped
from data.intake.dates import read_instant
from data.intake.format import Format
from data.intake.money import read_money
from data.intake.plan import make_plan
from data.intake.record import NO_ADDRESS, Context, PledgeRecord
from data.model import ADDRESS_FIELDS, Address, InputError
from data.text import has_hidden

_GET = (
    "backer_uid", "backer_number", "name", "email", "tier", "reward_id", "reward_minimum", "status", "notes",
    "pledged_at", "survey_at", "amount", "shipping", "bonus", "shipping_country", "address_name", "company",
    "line1", "line2", "city", "region", "postcode", "country", "country_name", "phone",
)  # fmt: skip
_MOST_REMEMBERED = 10_000


def read_records(tables: Iterable[Table], shape: Format, context: Context) -> Iterator[PledgeRecord | BadRow]:
    """Read tables of one format, row by row; what can't be read comes as a BadRow and the reading goes on.

    Raises InputError as iterating a table does.
    """
    for table in tables:
        reader = RowReader(table, shape, context)
        for row in table:
            yield reader.read(row) if isinstance(row, Record) else row


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, table: Table, shape: Format, context: Context) -> None:
        """Settle what can be settled before the first row."""
        self.plan = plan = make_plan(table, shape)
        self._table, self._shape, self._context = table, shape, context
        self._file = table.name
        self._get = itemgetter(*(plan.positions[field] for field in _GET))
        self._ordered = itemgetter(*plan.order)
        self._key = blake2b("\0".join((plan.tier, *plan.names)).encode()).digest()
        self._identity = tuple(tuple((field, plan.positions[field]) for field in group) for group in shape.identity)
        self._marks = tuple((plan.positions[field], words) for field, words in shape.cancelled_when)
        columns = [each.position for each in plan.quantities]
        self._counts = itemgetter(*columns) if columns else None
        self._baskets: dict[tuple[str, object], tuple[tuple[str, str, int], ...]] = {}
        self._has_survey = plan.positions["survey_at"] < plan.width
        self._countries: dict[tuple[str, str], str] = {}
        self._statuses: dict[str, tuple[bool | None, bool]] = {}

    def read(self, row: Record) -> PledgeRecord | BadRow:
        """Read one row."""
        try:
            return self._read(row.line, row.cells)
        except CellError as error:
            header = self._table.header
            field = header[error.position] if error.position < len(header) else ""
            return BadRow(self._file, row.line, field, error.reason, tuple(row.cells))

    def row_hash(self, row: Record) -> str:
        """Return the hash that the row's record has, without reading more of it."""
        return self._hash("\0".join(self._ordered(row.cells)))

    def _hash(self, joined: str) -> str:
        """Return the hash of a row's cells in the order of their names."""
        return blake2b(joined.encode(), digest_size=16, key=self._key).hexdigest()

    def _read(self, line: int, raw: list[str]) -> PledgeRecord:
        """Read one row; raises CellError."""
        context, plan = self._context, self.plan
        joined = "\0".join(self._ordered(raw))
        flat = joined.replace("\0", " ")
        odd = not flat.isprintable()
        hidden = False
        if odd:
            flat = flat.replace("\n", " ").replace("\r", " ").replace("\t", " ")
            hidden = not flat.isprintable() and has_hidden(flat)
        # Any space but the plain one is not printable, so cells are stripped only where there is something to strip.
        if odd or " \0" in joined or "\0 " in joined or joined[:1] == " " or joined[-1:] == " ":
            cells = [cell.strip() for cell in raw]
        else:
            cells = raw.copy()
        if '="' in joined:
            cells = [unwrapped(cell) for cell in cells]
        for word in self._shape.blank:
            if word in joined:
                cells = ["" if cell == word else cell for cell in cells]
        cells.append("")
        (
            uid, number, name, email, tier, reward_id, minimum, status, notes, pledged_raw, survey_at, amount_raw,
            shipping_raw, bonus_raw, pledge_country, address_name, company, line1, line2, city, region, postcode,
            country_code, country_name, phone,
        ) = self._get(cells)  # fmt: skip
        if not tier:
            tier = plan.tier or self._tier(reward_id, minimum)
        if self._shape.example_row and line == self._table.skip + 1:
            refuse_example(name, email, plan.positions["email"])
        field = "amount"
        try:
            amount = read_money(amount_raw, context.currency)
            field = "shipping"
            shipping = read_money(shipping_raw, context.currency)
            field = "bonus"
            bonus = read_money(bonus_raw, context.currency)
            field = "pledged_at"
            pledged_at = read_instant(pledged_raw, context.zone, context.date_order)
        except InputError as error:
            raise CellError(plan.positions[field], str(error)) from error
        address = NO_ADDRESS
        if line1 or line2 or city or postcode:
            country = self._country(country_code, country_name)
            address = Address(address_name, company, line1, line2, city, region, postcode, country, phone)
            if odd and not f"{address_name}{company}{line1}{line2}{city}{region}{postcode}{phone}".isprintable():
                address = Address(*(on_one_line(getattr(address, part)) for part in ADDRESS_FIELDS))
        paid, cancelled = self._statuses.get(status) or self._judge(status)
        for position, words in self._marks:
            folded = cells[position].casefold()
            cancelled = cancelled or any(word in folded for word in words)
        return PledgeRecord(
            self._shape.platform,
            self._external_id(cells, tier),
            uid,
            number,
            name,
            email,
            tier,
            reward_id,
            self._items(cells, tier),
            address,
            self._country(pledge_country, "") if pledge_country else address.country,
            bool(survey_at) if self._has_survey else address is not NO_ADDRESS,
            pledged_raw,
            pledged_at,
            amount,
            shipping,
            bonus,
            status,
            paid,
            cancelled,
            notes,
            tuple([(question, cells[at]) for at, question in plan.answers if cells[at]]),
            hidden,
            self._hash(joined),
            self._file,
            line,
        )

    def _tier(self, reward_id: str, minimum: str) -> str:
        """Name a tier that neither a column nor the file names: by its id, in the oldest reports by its price."""
        if reward_id:
            return f"Reward {reward_id}"
        try:
            price = read_money(minimum, self._context.currency)
        except InputError as error:
            raise CellError(self.plan.positions["reward_minimum"], str(error)) from error
        return minimum if price and price.minor else ""

    def _external_id(self, cells: list[str], tier: str) -> str:
        """Build the order's identity; the first part must be there, a later one is `none` where it is not."""
        parts: list[str] = []
        for group in self._identity:
            for field, position in group:
                value = tier if field == "tier" else cells[position]
                if value:
                    if field != "tier" and not value.isalnum() and is_shortened(value):
                        reason = (
                            f"“{value}” was shortened by a spreadsheet and its digits are lost: export the file again"
                        )
                        raise CellError(position, reason)
                    parts.append(value)
                    break
            else:
                if not parts:
                    raise CellError(group[0][1], "is empty; without it the order can't be told from others")
                parts.append("none")
        return ":".join(parts)

    def _items(self, cells: list[str], tier: str) -> tuple[tuple[str, str, int], ...]:
        """Return what the backer gets; most backers get what others got, so it is put together once."""
        key = (tier, self._counts(cells) if self._counts else None)
        found = self._baskets.get(key)
        if found is None:
            if len(self._baskets) > _MOST_REMEMBERED:
                self._baskets.clear()
            found = self._baskets[key] = self._basket(cells, tier)
        return found

    def _basket(self, cells: list[str], tier: str) -> tuple[tuple[str, str, int], ...]:
        """Put together what a backer gets; columns of the same kind and name are added up."""
        counts: dict[tuple[str, str], int] = {}
        if tier and self.plan.tier_is_line:
            counts["tier", tier] = 1
        for each in self.plan.quantities:
            text = cells[each.position]
            if text and (quantity := read_quantity(text, each.position)):
                counts[each.kind, each.name] = counts.get((each.kind, each.name), 0) + quantity
        return tuple((kind, name, quantity) for (kind, name), quantity in counts.items())

    def _country(self, code: str, name: str) -> str:
        """Return the ISO alpha-2 code, or what the file says where it is not known."""
        found = self._countries.get((code, name))
        if found is None:
            if len(self._countries) > _MOST_REMEMBERED:
                self._countries.clear()
            known = self._context.country_code
            found = (code and known(code)) or (name and known(name)) or code or name
            self._countries[code, name] = found
        return found

    def _judge(self, status: str) -> tuple[bool | None, bool]:
        """Tell from the status's words whether it is paid, and whether it is cancelled."""
        shape, words = self._shape, status.casefold()
        paid: bool | None = None
        cancelled = any(word in words for word in shape.cancelled)
        if cancelled or any(word in words for word in shape.unpaid):
            paid = False
        elif any(word in words for word in shape.paid):
            paid = True
        if len(self._statuses) > _MOST_REMEMBERED:
            self._statuses.clear()
        self._statuses[status] = (paid, cancelled)
        return paid, cancelled
