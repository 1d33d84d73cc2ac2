"""What the warehouse did, for whoever checks the promise that nothing ships twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.portals.sandbox.book import read_book

_ROWS = """
SELECT l.reference, count(*), o.status, o.address, o.lines
FROM ledger l JOIN orders o ON o.id = (SELECT max(order_id) FROM ledger x WHERE x.reference = l.reference)
GROUP BY l.reference ORDER BY min(l.id)
"""


def ledger(path: Path) -> list[dict[str, Any]]:
    """Return one entry for each reference ever created: reference, creations, and the latest order's status, address,
    lines.

    Reads the file itself, so it needs no running server; raises WorkspaceError where the file is missing or another.
    """
    connection = read_book(path)
    try:
        rows = connection.execute(_ROWS).fetchall()
    finally:
        connection.close()
    return [
        {
            "reference": reference,
            "creations": creations,
            "status": status,
            "address": json.loads(address),
            "lines": json.loads(lines),
        }
        for reference, creations, status, address, lines in rows
    ]
