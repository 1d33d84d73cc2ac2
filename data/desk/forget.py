"""Forgetting a person: one act blanks what says who they are, everywhere it is kept; ids, goods and money stay."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.clock import utc_text
from data.desk.open_matters import open_matters
from data.desk.person import OWNED, WITH_PERSON, copies_of, find_backers
from data.model import Done, Refusal
from data.orders.chosen import counted
from data.store.store import Store, Write
from data.store.workspace import Workspace

VERB = "person.forget"
"""The verb the database's own rules let change what is otherwise frozen."""

PERSONAL: dict[str, dict[str, str]] = {
    "backers": {"name": "", "email": ""},
    "orders": {"answers": ""},
    "addresses": dict.fromkeys(("name", "company", "line1", "line2", "city", "region", "postcode", "phone"), ""),
    "changes": {"fields": "[]", "reasons": "[]", "answer": ""},
    "holds": {"reason": ""},
    "notes": {"text": ""},
    "issues": {"title": ""},
    "shipments": {"problem": ""},
    "parcels": {"tracking_url": ""},
    "commands": {"body": "", "body_sha": "", "reason": ""},
}
"""Columns that say who a person is, and what stands there afterwards. Countries stay, for the accounts."""

_SHORTEST = 4
"""Characters of a text worth looking for in the log."""


def forget(ws: Workspace, email: str) -> Done:
    """Blank every personal field of the people with an e-mail address, in tables, journal, outbox and search.

    Refuses a person of whom an order, a parcel or an issue is still open. `notes` name the copies that lie elsewhere.
    Raises InputError where nobody has the address. What is forgotten can't be brought back.
    """
    backers = find_backers(ws.store, email)
    copies = copies_of(ws, backers)
    views = ws.store.rows("SELECT name FROM views WHERE instr(lower(filter), lower(?)) ORDER BY name", (email.strip(),))
    segments = ws.store.rows(
        "SELECT segment FROM notices WHERE instr(lower(segment), lower(:email))"
        " UNION SELECT segment FROM reminders WHERE instr(lower(segment), lower(:email)) ORDER BY 1",
        {"email": email.strip()},
    )
    leftovers = _leftovers(ws.store, backers)
    done: list[int] = []
    refused: list[Refusal] = []
    with ws.write(VERB, "forget a person", compensate="import, with the person's own consent") as tx:
        for each in backers:
            if matters := open_matters(tx, each, ws.clock.now()):
                refused.append(Refusal(each, f"backer {each}", "; ".join(matters)))
            else:
                done.append(each)
        if done:
            _forget(tx, done, leftovers, utc_text(ws.clock.now()))
        tx.words = f"forget {counted(len(done), 'backer')}"
    notes: list[str] = []
    if done:
        notes += _purge(ws.store)
        notes += [f"{each}: ask them to delete it too" for each in copies.warehouses]
        notes += [f"{each} still names the person" for each in copies.files]
        notes += [f"{each} is a copy from before" for each in copies.backups]
        notes += [f"the saved view {name} names the person" for (name,) in views]
        notes += [f"the last call of “{segment}” names the person" for (segment,) in segments]
    return Done(tx.act or None, tx.words, tuple(done), tuple(refused), notes=tuple(notes))


def _forget(tx: Write, backers: Sequence[int], leftovers: Sequence[int], at: str) -> None:
    """Blank the rows, then the journal's images of them, this act's own included, then the log and the search."""
    given = {"backers": str([*backers])}
    secrets = _secrets(tx, given)
    for table in ("findings", "address_keys"):
        tx.run(f"{WITH_PERSON} DELETE FROM {table} WHERE {OWNED[table]}", given)
    tx.run(f"{WITH_PERSON} UPDATE checked SET e164 = '' WHERE {OWNED['findings']}", given)
    tx.run(f"{WITH_PERSON} UPDATE attempts SET reply = '' WHERE {OWNED['attempts']}", given)
    for table, blanks in PERSONAL.items():
        sets = ", ".join(f"{name} = '{blank}'" for name, blank in blanks.items())
        differs = " OR ".join(f"{name} <> '{blank}'" for name, blank in blanks.items())
        tx.run(f"{WITH_PERSON} UPDATE {table} SET {sets}, rev = rev + 1 WHERE {OWNED[table]} AND ({differs})", given)
    tx.run(
        f"{WITH_PERSON} UPDATE backers SET forgotten_at = :at, rev = rev + 1 WHERE {OWNED['backers']}",
        given | {"at": at},
    )
    _blank_log(tx, given, secrets)
    for table, blanks in PERSONAL.items():
        changes = "".join(f", '$.{name}', '{blank}'" for name, blank in blanks.items())
        tx.run(
            f"{WITH_PERSON} UPDATE journal"
            f" SET before = json_replace(before{changes}), after = json_replace(after{changes})"
            f" WHERE tbl = '{table}' AND (row_id IN (SELECT id FROM {table} WHERE {OWNED[table]})"
            " OR id IN (SELECT value FROM json_each(:leftovers)))",
            given | {"leftovers": str([*leftovers])},
        )
    theirs = f"{WITH_PERSON} SELECT id FROM theirs"
    for (order_id,) in tx.rows(theirs, given):
        tx.run("DELETE FROM order_search WHERE rowid = ?", (order_id,))
        tx.run(
            "INSERT INTO order_search(rowid, name, email, number, tracking, address)"
            " SELECT id, name, email, number, tracking, address FROM order_search_source WHERE id = ?",
            (order_id,),
        )


def _secrets(tx: Write, given: dict[str, str]) -> list[str]:
    """Return what a person's rows say that a line of the log could repeat."""
    found: set[str] = set()
    for table, columns in (
        ("backers", ("name", "email")),
        ("addresses", ("name", "line1", "phone")),
        ("issues", ("title",)),
        ("notes", ("text",)),
    ):
        for row in tx.rows(f"{WITH_PERSON} SELECT {', '.join(columns)} FROM {table} WHERE {OWNED[table]}", given):
            found.update(each.strip().casefold() for each in row if len(each.strip()) >= _SHORTEST)
    return sorted(found)


def _blank_log(tx: Write, given: dict[str, str], secrets: Sequence[str]) -> None:
    """Put the bare verb in place of words in the log that repeat something of the person."""
    for table in PERSONAL:
        for act, verb, words in tx.rows(
            f"{WITH_PERSON} SELECT DISTINCT a.id, a.verb, a.words FROM journal j JOIN act a ON a.id = j.act_id"
            f" WHERE j.tbl = '{table}' AND j.row_id IN (SELECT id FROM {table} WHERE {OWNED[table]})",
            given,
        ):
            if any(each in words.casefold() for each in secrets):
                tx.run("UPDATE act SET words = ? WHERE id = ?", (verb, act))


def _leftovers(store: Store, backers: Sequence[int]) -> list[int]:
    """Return the journal's entries about rows that are gone and were the person's: notes taken back, imports undone."""
    given = {"backers": str([*backers])}
    image = "coalesce(j.before, j.after)"
    gone: set[tuple[str, int]] = set(
        store.rows(
            f"{WITH_PERSON} SELECT DISTINCT j.tbl, j.row_id FROM journal j WHERE j.op IN ('insert', 'delete')"
            f" AND (json_extract({image}, '$.backer_id') IN (SELECT id FROM person)"
            f" OR json_extract({image}, '$.order_id') IN (SELECT id FROM theirs))",
            given,
        )
    )
    for row in store.rows(f"{WITH_PERSON} SELECT name, email FROM backers WHERE {OWNED['backers']}", given):
        for word in (json.dumps(each, ensure_ascii=False) for each in row if len(each) >= _SHORTEST):
            gone |= set(
                store.rows("SELECT tbl, row_id FROM journal WHERE instr(before, ?) OR instr(after, ?)", (word, word))
            )
    return [
        entry
        for table, row_id in sorted(gone)
        if table in PERSONAL and store.one(f"SELECT 1 FROM {table} WHERE id = ?", (row_id,)) is None
        for (entry,) in store.rows("SELECT id FROM journal WHERE tbl = ? AND row_id = ?", (table, row_id))
    ]


def _purge(store: Store) -> list[str]:
    """Make the disk forget too: merge the search index, and write the log of the database back and empty it.

    Freed pages are overwritten on every connection (`secure_delete`). Returns what could not be done.
    """
    with store.derive() as tx:
        tx.run("INSERT INTO order_search(order_search) VALUES ('optimize')")
    busy = store.value("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        return ["others are reading: traces stay in lastcall.db-wal until it is written over"]
    return []
