"""Counting anew after rows were taken out of a staging file: the merge needs ids without gaps."""

from __future__ import annotations

from sqlite_utils.utils import sqlite3


def renumber_fresh(db: sqlite3.Connection) -> tuple[int, int, int, int]:
    """Count the orders to be made anew; returns how many orders, backers, lines and addresses there are."""
    people: dict[int, int] = {}
    orders = lines_at = addresses = 0
    moved: list[tuple[int | None, ...]] = []
    for n, person, lines, address_at in db.execute(
        "SELECT n, person, lines, address_at FROM fresh ORDER BY n"
    ).fetchall():
        makes = person >= 0 and person not in people
        if makes:
            people[person] = len(people)
        moved.append(
            (
                orders,
                people[person] if person >= 0 else person,
                int(makes),
                lines_at,
                addresses if address_at >= 0 else address_at,
                n,
            )
        )
        orders += 1
        lines_at += lines
        addresses += address_at >= 0
    # Numbers only ever get smaller, and in order, so none is taken when its turn comes.
    db.executemany("UPDATE fresh SET n = ?, person = ?, makes = ?, line_at = ?, address_at = ? WHERE n = ?", moved)
    return orders, len(people), lines_at, addresses


def renumber_known(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Count the differing orders anew; returns how many orders, lines and first addresses there are."""
    orders = lines_at = addresses = 0
    moved: list[tuple[int | None, ...]] = []
    for n, lines, line_at, address_at in db.execute(
        "SELECT n, lines, line_at, address_at FROM known ORDER BY n"
    ).fetchall():
        moved.append(
            (
                orders,
                None if line_at is None else lines_at,
                None if address_at is None else addresses,
                n,
            )
        )
        orders += 1
        lines_at += lines if line_at is not None else 0
        addresses += address_at is not None
    db.executemany("UPDATE known SET n = ?, line_at = ?, address_at = ? WHERE n = ?", moved)
    return orders, lines_at, addresses
