"""Ids of orders in the order of their ids: the first and last pages from the index with the fewest rows to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.model import Stage
from data.orders.conditions import Condition, Context, Parameters, Stream
from data.store.store import Store

_FEW = 400

Query = tuple[str, Parameters]


def scope(context: Context) -> Condition | None:
    """Return the condition that an order belongs to the campaigns in scope, or None where all do."""
    if context.all_campaigns:
        return None
    marks = ", ".join("?" * len(context.campaigns))
    return Condition(f"+o.campaign_id IN ({marks})", tuple(context.campaigns), _scope_streams(context))


def by_id(conditions: Sequence[Condition], driver: Condition | None, *, descending: bool, limit: int) -> Query:
    """Return the query of ids by id; it stops after `limit` rows (-1: never) without having sorted any.

    The `driver`, one of the conditions, gives the rows by its streams, in their order; the others are asked of each.
    """
    direction = "DESC" if descending else "ASC"
    if driver is None:
        where, parameters = joined(conditions)
        return f"SELECT o.id FROM orders o WHERE {where} ORDER BY o.id {direction} LIMIT {limit}", parameters
    where, parameters = joined([each for each in conditions if each is not driver])
    parts = [_stream_sql(stream, where) for stream in driver.streams]
    bound = tuple(each for stream in driver.streams for each in (*stream.parameters, *parameters))
    if len(parts) == 1:
        key = driver.streams[0].key
        return f"{parts[0]} ORDER BY {key} {direction} LIMIT {limit}", bound
    # The parts come sorted; SQLite merges them as it goes.
    return f"{' UNION '.join(parts)} ORDER BY 1 {direction} LIMIT {limit}", bound


def driver_of(store: Store, conditions: Sequence[Condition]) -> tuple[Condition | None, bool]:
    """Choose the condition whose index gives the rows, and tell whether it has only a few.

    Every candidate is asked for a few hundred rows: who has fewer is best, else the first in the filter's order.
    """
    candidates = [each for each in conditions if each.streams]
    best: tuple[int, Condition] | None = None
    for each in candidates:
        rows = 0
        for stream in each.streams:
            rows += int(
                store.value(
                    f"SELECT count(*) FROM (SELECT 1 FROM {stream.source} WHERE {stream.where} LIMIT {_FEW})",
                    stream.parameters,
                )
            )
            if rows >= _FEW:
                break
        if best is None or rows < min(best[0], _FEW):
            best = (rows, each)
    return (None, False) if best is None else (best[1], best[0] < _FEW)


def joined(conditions: Sequence[Condition]) -> Query:
    """Return all conditions as one WHERE."""
    where = " AND ".join(f"({each.sql})" for each in conditions) or "TRUE"
    return where, tuple(parameter for each in conditions for parameter in each.parameters)


def per_campaign(context: Context, where: str, *parameters: object) -> tuple[Stream, ...]:
    """Return streams of an index of orders that starts with the campaign: one for each campaign in scope."""
    return tuple(
        Stream("orders o", "o.id", f"o.campaign_id = ? AND {where}", (each, *parameters)) for each in context.campaigns
    )


def per_stage(make: Callable[[Stage], tuple[Stream, ...]]) -> tuple[Stream, ...]:
    """Return the streams of an index in which the stage stands between the wanted column and the id."""
    return tuple(stream for stage in Stage for stream in make(stage))


def _scope_streams(context: Context) -> tuple[Stream, ...]:
    return per_stage(lambda stage: per_campaign(context, "o.stage = ?", stage.value))


def _stream_sql(stream: Stream, where: str) -> str:
    if stream.source == "orders o":
        return f"SELECT o.id FROM orders o WHERE {stream.where} AND {where}"
    distinct = "" if stream.unique else "DISTINCT "
    return (
        f"SELECT {distinct}{stream.key} FROM {stream.source} CROSS JOIN orders o ON o.id = {stream.key}"
        f" WHERE {stream.where} AND {where}"
    )
