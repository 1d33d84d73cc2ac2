"""ShipBob's HTTP side: the version in every path, the channel in a header, its rate limit, and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data.portals.budget import Budget
from data.portals.http import Http
from data.portals.reply import Reply
from data.portals.shipbob_replies import rows

_MOST_PAGES = 2_000


class Api:
    """Asks one account of ShipBob's."""

    def __init__(self, http: Http, version: str, channel: int, per_minute: int) -> None:
        """Ask through `http`; `version` is dated (`2026-01`), `channel` is where our orders are kept."""
        self._http, self._version, self._channel = http, version, str(channel)
        self._budget = Budget(per_minute)

    async def ask(
        self,
        method: str,
        path: str,
        values: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str | None = None,
        in_channel: bool = False,
    ) -> Reply:
        """Make one request as `Http.ask` does, once the rate limit allows it; `in_channel` shows it our channel."""
        await self._budget.spend()
        return await self._http.ask(
            method,
            "/{version}" + path,
            {"version": self._version, **(values or {})},
            query=query,
            content=content,
            headers={"shipbob_channel_id": self._channel} if in_channel else None,
        )

    async def every(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the items of all pages of a list; raises what `ask` raises, and Permanent or NotUnderstood.

        Only the query of a page's `next` is used: where it points is the portal's own affair.
        """
        found: list[dict[str, Any]] = []
        asked: dict[str, str] = dict(query)
        for _ in range(_MOST_PAGES):
            reply = await self.ask("GET", path, query=asked)
            found += [each for each in rows(reply) if isinstance(each, dict)]
            answer = reply.json()
            following = dict(parse_qsl(urlsplit(str(answer.get("next") or "")).query))
            if not following:
                return found
            if following == asked:
                reply.not_understood("its next page is the same page")
            asked = following
        reply.not_understood(f"it has more than {_MOST_PAGES} pages")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
