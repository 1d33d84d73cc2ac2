"""What only a person decides about a command that no look-up could settle."""

from __future__ import annotations

from data.model import CommandState, StaleError
from data.store.store import Write


def confirm(tx: Write, command_id: int, remote_id: str, reason: str) -> None:
    """Accept a doubtful command, or one that waits for a person, under the number the warehouse gave that person.

    Raises StaleError when the command stands elsewhere.
    """
    changed = tx.run(
        "UPDATE commands SET state = 'accepted', remote_id = ?, reason = ?, rev = rev + 1"
        " WHERE id = ? AND state IN ('doubtful', 'person')",
        (remote_id, reason, command_id),
    )
    if not changed:
        raise StaleError(_words(tx, command_id))


def plan_again(tx: Write, command_id: int, reason: str) -> None:
    """Put a command that waits for a person back to `planned`, with the person's reason.

    Raises StaleError when it does not wait for a person.
    """
    changed = tx.run(
        "UPDATE commands SET state = 'planned', reason = ?, not_before = NULL, rev = rev + 1"
        " WHERE id = ? AND state = 'person'",
        (reason, command_id),
    )
    if not changed:
        raise StaleError(_words(tx, command_id))


def _words(tx: Write, command_id: int) -> str:
    found = tx.one("SELECT state FROM commands WHERE id = ?", (command_id,))
    if found is None:
        return f"there is no command {command_id}"
    if found[0] == CommandState.DOUBTFUL:
        return "it is still being looked up at the warehouse: wait for the answer"
    return f"it is {found[0]} already"
