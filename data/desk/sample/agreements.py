"""What the sample campaign agreed with its warehouses; something is left open at each, as in life."""

from __future__ import annotations

from collections.abc import Mapping

from data.policy import Agreed

AGREEMENTS: Mapping[str, Mapping[str, Agreed]] = {
    "EU1": {
        "late_orders": Agreed("go into the next batch", cut_off="Thursday 12:00"),
        "address_fixes": Agreed("changed while nobody picks it", channel="the portal", cut_off="15:00 on the day"),
        "cancels": Agreed("taken back while nobody picks it", channel="the portal"),
        "missing": Agreed("sent after from spares", evidence=("photo of the contents", "photo of the label")),
        "damaged": Agreed("replaced", within_days=30, who_pays="the warehouse", evidence=("photo of the parcel",)),
        "lost": Agreed("goods and postage refunded", after_days=15, within_days=60, who_pays="the carrier"),
        "returns": Agreed("wait 48 hours for an instruction, then restocked", who_pays="us, EUR 3.50 each"),
    },
    "US1": {
        "address_fixes": Agreed("changed while nobody picks it", channel="the portal"),
        "cancels": Agreed("taken back while nobody picks it", channel="the portal"),
        "lost": Agreed("up to USD 100 refunded", after_days=15, within_days=90, who_pays="the warehouse"),
    },
    "UK1": {
        "late_orders": Agreed("sent the next working day", cut_off="14:00"),
        "address_fixes": Agreed("by mail to the desk, until printed", channel="desk@thameshub.example"),
        "damaged": Agreed("replaced", within_days=14, who_pays="us", evidence=("photo of the parcel",)),
    },
    "CA1": {
        "cancels": Agreed("taken back until picked", channel="the portal"),
        "returns": Agreed("restocked after inspection", who_pays="us, CAD 4 each"),
    },
    "AP1": {
        "address_fixes": Agreed("changed until planned", channel="the portal"),
        "returns": Agreed("kept 30 days, then destroyed", within_days=30, who_pays="us"),
    },
}
"""By warehouse and topic."""
