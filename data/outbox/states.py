"""Where a command may go from each state; the database's trigger `commands_move` holds the same edges.

`planned` -> `sending` is durable before the first byte leaves. What was sent and got no trusted answer is `doubtful`
until a look-up after the quiet window tells, or a person decides. Nothing leaves `accepted`, `rejected`, `withdrawn`.
"""

from __future__ import annotations

from data.model import CommandState

MOVES: dict[CommandState, set[CommandState]] = {
    CommandState.PLANNED: {CommandState.SENDING, CommandState.WITHDRAWN},
    CommandState.SENDING: {
        CommandState.ACCEPTED,
        CommandState.REJECTED,
        CommandState.PLANNED,  # provably not sent
        CommandState.DOUBTFUL,
    },
    CommandState.DOUBTFUL: {
        CommandState.ACCEPTED,
        CommandState.REJECTED,
        CommandState.SENDING,
        CommandState.PERSON,
    },
    CommandState.PERSON: {CommandState.ACCEPTED, CommandState.PLANNED},
    CommandState.ACCEPTED: set(),
    CommandState.REJECTED: set(),
    CommandState.WITHDRAWN: set(),
}

LIVE = (CommandState.PLANNED, CommandState.SENDING, CommandState.DOUBTFUL, CommandState.PERSON)
"""States in which a shipment can have only one command of a kind."""
