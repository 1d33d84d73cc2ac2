"""What can be asked of an order: the fields of the filter language on orders, each with its SQL on `orders o`.

Where an index names the matches in the order of the orders' ids, the condition carries it as streams (see
`conditions.py`), so that a first page of a million orders costs what one of a thousand does.
"""

from __future__ import annotations

from collections.abc import Callable

from data.model import ChangeState, HoldKind, IssueState, IssueType, OrderKind, Stage
from data.orders.alike import decided, possible_duplicates
from data.orders.conditions import Condition, Context, Stream
from data.orders.filters import Field, Value, field_table, parse
from data.orders.money_terms import amount
from data.orders.pages import per_campaign, per_stage
from data.orders.search import has_token, match, phrase, search_column, search_orders
from data.orders.terms import compare_number, contains, instant, number, yes_no

OPEN_CHANGE = "c.state IN ('waiting', 'asked')"
OPEN_ISSUE = "i.state NOT IN ('resolved', 'closed')"
_LIVE_SHIPMENT = "s.state NOT IN ('rejected', 'cancelled')"


def order_conditions(text: str, context: Context) -> list[Condition]:
    """Read a filter on orders and say it in SQL; raises FilterError with the column."""
    return parse(text, ORDER_FIELDS).conditions(context, search_orders)


def _stage(value: Value, context: Context) -> Condition:
    stage = value.text.lower()
    return Condition("o.stage = ?", (stage,), per_campaign(context, "o.stage = ?", stage))


def _country(value: Value, context: Context) -> Condition:
    country = value.text.upper() if len(value.text) == 2 else value.text
    return Condition("o.country = ?", (country,), per_campaign(context, "o.country = ?", country))


def _kind(value: Value, context: Context) -> Condition:
    kind = value.text.lower()
    rare = per_campaign(context, "o.kind <> 'pledge' AND o.kind = ?", kind) if kind != OrderKind.PLEDGE else ()
    return Condition("o.kind = ?", (kind,), rare)


def _hold(value: Value, context: Context) -> Condition:
    kind = value.text.lower()
    return Condition(
        "EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.kind = ? AND h.released_at IS NULL)",
        (kind,),
        (Stream("holds h INDEXED BY holds_live", "h.order_id", "h.released_at IS NULL AND h.kind = ?", (kind,)),),
    )


def _held(context: Context) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL)",
        (),
        (Stream("holds h INDEXED BY holds_live", "h.order_id", "h.released_at IS NULL", unique=False),),
    )


def _sku(value: Value, context: Context) -> Condition:
    """Ask for a SKU as it is written, or in another case where no product is written so; `DICE*` for its beginning."""
    if value.text.endswith("*") and not value.quoted:
        skus = context.store.rows(
            "SELECT sku FROM products WHERE substr(sku, 1, ?) = ? COLLATE NOCASE",
            (len(value.text) - 1, value.text[:-1]),
        )
    else:
        skus = context.store.rows("SELECT sku FROM products WHERE sku = ?", (value.text,)) or context.store.rows(
            "SELECT sku FROM products WHERE sku = ? COLLATE NOCASE", (value.text,)
        )
    if not skus:
        return Condition("FALSE", (), (Stream("order_lines l", "l.order_id", "FALSE"),))
    return Condition.either([_one_sku(each) for (each,) in skus])


def _one_sku(sku: str) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id AND l.sku = ? AND l.quantity > 0)",
        (sku,),
        (
            Stream(
                "order_lines l INDEXED BY order_lines_sku",
                "l.order_id",
                "l.sku = ? AND l.quantity > 0",
                (sku,),
                unique=False,
            ),
        ),
    )


def _mapped(context: Context) -> Condition:
    return Condition(
        "NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id AND l.sku IS NULL AND l.quantity > 0)"
    )


def _warehouse(value: Value, context: Context) -> Condition:
    """Ask for where it goes, or where some of its lines go."""
    code = value.text.upper()
    whole = Condition(
        "o.warehouse IS ?",
        (code,),
        per_stage(lambda stage: (Stream("orders o", "o.id", "o.warehouse = ? AND o.stage = ?", (code, stage.value)),)),
    )
    lines = "order_lines l INDEXED BY order_lines_split"
    part = Condition(
        f"(o.warehouse IS NOT NULL AND o.id IN (SELECT l.order_id FROM {lines} WHERE l.warehouse = ?))",
        (code,),
        (
            Stream(
                f"{lines} CROSS JOIN orders w ON w.id = l.order_id",
                "l.order_id",
                "l.warehouse = ? AND w.warehouse IS NOT NULL",
                (code,),
                unique=False,
            ),
        ),
    )
    return Condition.either([whole, part])


def _backorder(context: Context) -> Condition:
    """Ask for what the last allocation left because something was not there."""
    return Condition(
        "(o.stage = 'ready' AND EXISTS (SELECT 1 FROM backorders r WHERE r.order_id = o.id))",
        (),
        (Stream("backorders r CROSS JOIN orders w ON w.id = r.order_id AND w.stage = 'ready'", "r.order_id", "TRUE"),),
    )


def _rare(sql: str) -> Callable[[Context], Condition]:
    """Return a condition on orders that is rare and has an index of its own."""
    return lambda context: Condition(sql, (), per_campaign(context, sql))


def _batch(value: Value, context: Context) -> Condition:
    comparison, bounds = compare_number("batch", value)
    return Condition(
        "o.id IN (SELECT l.order_id FROM batches b JOIN shipments s ON s.batch_id = b.id"
        f" JOIN shipment_lines l ON l.shipment_id = s.id WHERE b.number {comparison})",
        tuple(float(each) for each in bounds),
    )


def _batched(context: Context) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
        f" WHERE l.order_id = o.id AND s.batch_id IS NOT NULL AND {_LIVE_SHIPMENT})"
    )


def _number(value: Value, context: Context) -> Condition:
    if value.operator:
        comparison, bounds = compare_number("number", value)
        return Condition(
            f"(o.number GLOB '[0-9]*' AND CAST(o.number AS INTEGER) {comparison})",
            tuple(float(each) for each in bounds),
        )
    if not has_token(value.text):
        return Condition("o.number = ?", (value.text,))
    stream = match(f"number : {phrase(value.text, prefix=False)}").streams[0]
    return Condition(
        "o.number = ?",
        (value.text,),
        (
            Stream(
                f"{stream.source} JOIN orders n ON n.id = order_search.rowid",
                stream.key,
                f"{stream.where} AND n.number = ?",
                (*stream.parameters, value.text),
            ),
        ),
    )


def _issue(value: Value, context: Context) -> Condition:
    word = value.text.lower()
    which = "i.state = ?" if word in {each.value for each in IssueState} else f"i.type = ? AND {OPEN_ISSUE}"
    return Condition(f"o.id IN (SELECT i.order_id FROM issues i WHERE {which})", (word,))


def _change(value: Value, context: Context) -> Condition:
    return Condition("o.id IN (SELECT c.order_id FROM changes c WHERE c.state = ?)", (value.text.lower(),))


def _level(comparison: str, bounds: tuple[object, ...]) -> Condition:
    return Condition(f"o.id IN (SELECT c.order_id FROM changes c WHERE {OPEN_CHANGE} AND c.level {comparison})", bounds)


def _tracking(value: Value, context: Context) -> Condition:
    """Ask for a tracking number or a shipment's key, whole, in any case."""
    spellings = tuple(dict.fromkeys((value.text, value.text.upper(), value.text.lower())))
    marks = ", ".join("?" * len(spellings))
    return Condition(
        "o.id IN (SELECT l.order_id FROM parcels p JOIN shipment_lines l ON l.shipment_id = p.shipment_id"
        f" WHERE p.tracking_number IN ({marks}) UNION ALL SELECT l.order_id FROM shipments s"
        f" JOIN shipment_lines l ON l.shipment_id = s.id WHERE s.key IN ({marks}))",
        (*spellings, *spellings),
    )


def _carrier(value: Value, context: Context) -> Condition:
    return Condition(f"({_PARCELS} AND p.carrier = ? COLLATE NOCASE))", (value.text,))


_PARCELS = (
    "EXISTS (SELECT 1 FROM shipment_lines l JOIN parcels p ON p.shipment_id = l.shipment_id WHERE l.order_id = o.id"
)


def _parent(value: Value, context: Context) -> Condition:
    return Condition(
        "(o.parent_id IS NOT NULL AND EXISTS (SELECT 1 FROM orders r WHERE r.id = o.parent_id AND r.number = ?))",
        (value.text,),
    )


def _import(comparison: str, bounds: tuple[object, ...]) -> Condition:
    return Condition(f"(o.import_id IS NOT NULL AND o.import_id {comparison})", bounds)


def _priority(comparison: str, bounds: tuple[object, ...]) -> Condition:
    return Condition(f"o.priority {comparison}", bounds)


def _prioritised(context: Context) -> Condition:
    return Condition("o.priority <> 0", (), per_campaign(context, "o.priority <> 0"))


def _duplicate(value: Value, context: Context) -> Condition:
    match value.text.lower():
        case "yes":
            return possible_duplicates()
        case "no":
            return possible_duplicates().negated()
        case "merged":
            return decided("ship_with")
    return decided("meant_with")


def _plain(sql: str) -> Callable[[Context], Condition]:
    return lambda context: Condition(sql)


def _only_presence(value: Value, context: Context) -> Condition:
    raise AssertionError("choices leave nothing but any and none")


ORDER_FIELDS = field_table(
    Field("stage", "how far it has come: ready, batched, shipped", _stage, choices=tuple(Stage)),
    Field("country", "two-letter code of where it goes", _country, _plain("o.country <> ''")),
    Field("hold", "a hold it has: address, stock, any, none", _hold, _held, choices=tuple(HoldKind)),
    Field("sku", "a SKU among its lines, DICE* for all that begin so; none: a name without a SKU", _sku, _mapped),
    yes_no("late", "came after the lock", _rare("o.late = 1")),
    yes_no("locked", "its address is locked", _plain("o.locked_at IS NOT NULL")),
    yes_no("paid", "is paid", _plain("o.paid = 1"), _rare("o.paid = 0")),
    Field("kind", "pledge, store or replacement", _kind, choices=tuple(OrderKind)),
    Field("warehouse", "code of the warehouse it is for", _warehouse, _plain("o.warehouse IS NOT NULL")),
    yes_no("backorder", "the last allocation found too little stock for it", _backorder),
    Field("batch", "number of a batch it is in", _batch, _batched, ordered=True),
    contains("tier", "words in the name of its tier", "o.tier", _plain("o.tier <> ''")),
    Field("name", "words in the backer's or the addressee's name", lambda value, _: search_column("name", value)),
    Field("email", "words of the e-mail address", lambda value, _: search_column("email", value)),
    Field("number", "the order's number", _number, ordered=True),
    Field(
        "issue",
        "an open issue's type, or an issue's state",
        _issue,
        _plain(f"o.id IN (SELECT i.order_id FROM issues i WHERE {OPEN_ISSUE})"),
        choices=(*IssueType, *IssueState),
    ),
    Field(
        "change",
        "state of a change of its address; any: one to decide",
        _change,
        _plain(f"o.id IN (SELECT c.order_id FROM changes c WHERE {OPEN_CHANGE})"),
        choices=tuple(ChangeState),
    ),
    number("level", "how much a change to decide changes, 0 to 4", _level),
    Field("tracking", "a tracking number or a shipment's key", _tracking, _plain(f"{_PARCELS})")),
    Field("carrier", "who carries a parcel of it", _carrier, _plain(f"({_PARCELS} AND p.carrier <> ''))")),
    instant("ordered", "when it was ordered: 2026-11-01, >2026-10, 7d", "o.ordered_at"),
    amount("amount", "what was paid, in its own currency: >100, 25..50", "o.amount_minor", "o.currency"),
    Field("parent", "number of the order it replaces", _parent, _plain("o.parent_id IS NOT NULL")),
    number("priority", "its priority: >0; any: not 0", _priority, smallest=-1000, present=_prioritised),
    Field(
        "address",
        "any or none: whether one is on file",
        _only_presence,
        _plain(
            "EXISTS (SELECT 1 FROM addresses a WHERE a.id = o.address_id"
            " AND (a.line1 <> '' OR a.line2 <> '' OR a.city <> '' OR a.postcode <> ''))"
        ),
        choices=("any", "none"),
    ),
    Field(
        "duplicate",
        "yes: may be somebody's twice; merged, meant: a person has said so",
        _duplicate,
        choices=("yes", "no", "merged", "meant"),
    ),
    number("import", "number of the import it came in with", _import),
)
