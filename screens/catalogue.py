"""Which module shows which view; each is imported when it is first visited."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from screens.shell import Shell


def make_screen(name: str, shell: Shell) -> Screen[Any]:
    """Make the screen of a view; raises KeyError for one there is not."""
    match name:
        case "orders":
            from screens.orders import OrdersScreen

            return OrdersScreen(shell)
        case "addresses":
            from screens.addresses import AddressesScreen

            return AddressesScreen(shell)
        case "dispatch":
            from screens.dispatch import DispatchScreen

            return DispatchScreen(shell)
        case "issues":
            from screens.issues import IssuesScreen

            return IssuesScreen(shell)
        case "overview":
            from screens.overview import OverviewScreen

            return OverviewScreen(shell)
    raise KeyError(name)
