"""How the outside world stands, in a few words at the right of the top line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from data.text import visible
from screens.columns.text import QUIET, WARN, plain, since

if TYPE_CHECKING:
    from data.desk.overview import WarehouseLine


def house_words(lines: Sequence[WarehouseLine], now: datetime) -> Content | None:
    """Return how the outside world stands, as the top line of every list says it; None without a warehouse."""
    if not lines:
        return None
    doubtful = sum(each.doubtful for each in lines)
    parts = [
        *(Content.styled(f"{visible(each.code)} stopped", WARN) for each in lines if each.stopped),
        *(Content.styled(f"{visible(each.code)} in trouble", WARN) for each in lines if each.problem),
        *([Content.styled(f"{doubtful:,} doubtful", WARN)] if doubtful else []),
    ]
    asked = [each.polled_at for each in lines if each.polled_at]
    if asked:
        parts.append(plain(f"asked {since(min(asked), now)}", QUIET))
    if len(asked) < len(lines):
        never = "never asked" if not asked else f"{len(lines) - len(asked)} never asked"
        parts.append(plain(never, QUIET))
    return Content(" · ").join(parts)
