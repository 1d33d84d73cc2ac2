"""The sample campaign's journey: forty days from the backer report to the last parcels, on five sandbox warehouses.

Everything is done by the verbs a person uses. The workspace's clock and the warehouses' clocks are moved together, so
that nothing is waited for; at the end they show the present.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from data.addresses.decide import accept
from data.addresses.lock import lock_campaign
from data.addresses.review import ReviewRows
from data.clock import Clock, HeldClock
from data.desk.poll import poll_words
from data.desk.sample.agreements import AGREEMENTS
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.goods import deliveries, write_goods
from data.desk.sample.kickstarter import write_kickstarter
from data.desk.sample.rewards import mapping
from data.desk.sample.warehouses import WAREHOUSES, SampleWarehouse
from data.desk.upkeep import upkeep
from data.dispatch.allocate import allocate
from data.dispatch.ask import ask
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.intake.imports import ImportResult, import_files
from data.issues.rows import IssueRows
from data.issues.verbs import resolve, take
from data.model import Item
from data.orders.campaigns import find_campaign
from data.policy import save_warehouse
from data.portals.sandbox.process import SandboxProcess, start
from data.stock.adjust import receive
from data.stock.items import NameMap
from data.stock.product_import import import_products
from data.store.actor import Actor, find_actor
from data.store.workspace import Workspace, init_workspace

CAMPAIGN = "Ember Isles"
DAYS = 40
"""How long ago the journey begins."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the journey came to."""

    orders: int
    batches: int
    sent: int
    """Shipments a warehouse has accepted."""
    shipped: int
    delivered: int
    issues: int


class Demo:
    """A workspace on its journey; a context manager that stops the warehouses."""

    def __init__(self, folder: Path, orders: int = 2000, seed: int = 7, say: Say = lambda words: None) -> None:
        """Make the workspace in `folder` and start its warehouses; raises WorkspaceError when there is one already."""
        self.folder = folder
        self.clock = HeldClock(Clock().now() - timedelta(days=DAYS))
        self._say = say
        self._sample = SampleCampaign(orders, seed)
        init_workspace(folder)
        self.warehouses = {each.code: self._start(each, seed) for each in WAREHOUSES}
        self.ws = Workspace(folder, find_actor("demo"), self.clock)

    def __enter__(self) -> Demo:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the warehouses."""
        self.ws.close()
        for each in self.warehouses.values():
            each.stop()

    def run(self) -> Summary:
        """Live through the forty days."""
        self._say("importing the backer report")
        self._import(self._sample)
        upkeep(self.ws)
        self._say("products from the publisher's file; the first deliveries")
        self._stock_up()
        self._move(days=1)

        self._say("backers change their addresses; the last call")
        self._sample = self._sample.updated(changed=0.09, late=0)
        self._import(self._sample)
        self._decide("label:trivial,correction_of_invalid", 1000)
        self._decide("label:material", 60)
        lock_campaign(self.ws, self.campaign_id)
        self._move(days=1)

        self._say("the first wave goes out")
        self._allocate()
        self._send_wave(limit=len(self._sample) // 3)
        self._move(hours=2)
        self._sample = self._sample.updated(changed=0.04)
        self._import(self._sample)
        upkeep(self.ws)
        # Some of these orders are being picked: too late for them, and the others are requested at the warehouses.
        self._decide("label:material stage:at_warehouse,picking", 25)
        self._work()
        for _ in range(6):
            self._move(days=2)

        self._say("the second wave, with late pledges")
        self._allocate()
        self._send_wave(limit=len(self._sample) // 4)
        for _ in range(4):
            self._move(days=3)

        self._say("issues come in")
        self._settle_issues()
        self._allocate()
        self._send_wave(limit=40)
        for _ in range(4):
            self._move(days=3)
        self._say("the present")
        self._sample = self._sample.updated(changed=0.06)
        self._import(self._sample)
        upkeep(self.ws)
        self._allocate()
        self._draft()
        self._move(until_now=True)
        return self.summary()

    @property
    def campaign_id(self) -> int:
        """The sample campaign's id."""
        return find_campaign(self.ws.store, CAMPAIGN).id

    def summary(self) -> Summary:
        """Count what became of it."""
        value = self.ws.store.value
        return Summary(
            orders=value("SELECT count(*) FROM orders"),
            batches=value("SELECT count(*) FROM batches"),
            sent=value("SELECT count(*) FROM commands WHERE kind = 'push' AND state = 'accepted'"),
            shipped=value("SELECT count(*) FROM shipments WHERE shipped_at IS NOT NULL"),
            delivered=value("SELECT count(*) FROM shipments WHERE state = 'delivered'"),
            issues=value("SELECT count(*) FROM issues"),
        )

    def run_on(self, speed: float) -> None:
        """Let the warehouses' clocks run, `speed` times as fast as the world's, for whoever plays on."""
        for each in self.warehouses.values():
            each.control("clock", {"running": True, "speed": speed})

    # The steps.

    def _start(self, each: SampleWarehouse, seed: int) -> SandboxProcess:
        code, secret = each.code, each.make_secret()
        path = self.folder / "run" / f"{code}.token"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret.reveal())
        state = self.folder / "run" / f"{code}-sandbox.db"
        process = start(state, token=secret, dialect=each.dialect, limits=False)
        process.control("clock", {"at": self.clock.now().timestamp()})
        process.control("settings", {"exceptions": 0.05, "seed": seed})
        settings = each.settings(process.url, f"file:run/{code}.token")
        save_warehouse(self.folder, replace(settings, agreement=AGREEMENTS[code]))
        return process

    def _import(self, sample: SampleCampaign) -> ImportResult:
        path = self.folder / "imports" / f"{CAMPAIGN.lower().replace(' ', '-')}-{sample.version + 1}.csv"
        write_kickstarter(path, sample)
        maps = [NameMap(kind, name, parts) for (kind, name), parts in mapping().items()]
        return import_files(self.ws, [path], CAMPAIGN, maps=maps)

    def _stock_up(self) -> None:
        """Bring the products in, and receive what has come to each warehouse, which counts it in too."""
        path = self.folder / "imports" / "products.csv"
        write_goods(path)
        import_products(self.ws, [path])
        for code, delivered in deliveries(self.ws.store, self.ws.policy).items():
            for sku, quantity in delivered.items():
                receive(self.ws, code, sku, quantity, reference=f"container {code}-1")
            self.warehouses[code].control("stock", delivered)

    def _decide(self, text: str, most: int) -> None:
        """Accept changes as a person would, page by page."""
        rows = ReviewRows(self.ws.store, text, campaign_id=self.campaign_id)
        ids = rows.ids()[:most]
        accept(self.ws, [Item(each, 0) for each in ids])

    def _allocate(self) -> None:
        allocate(self.ws, campaign_id=self.campaign_id)

    def _draft(self, limit: int | None = None) -> list[Item]:
        """Make a batch for each warehouse that has something to send, and check it."""
        made: list[Item] = []
        for code in self.warehouses:
            done = create_batch(self.ws, self.campaign_id, code, limit=limit)
            for batch in done.made:
                check_batch(self.ws, Item(batch, 0))
                made.append(Item(batch, 0))
        return made

    def _send_wave(self, limit: int) -> None:
        for batch in self._draft(limit):
            orders = self.ws.store.value("SELECT count(*) FROM shipments WHERE batch_id = ?", (batch.id,))
            if orders:
                send_batch(self.ws, batch, orders, start=False)
        self._work()

    def _work(self) -> None:
        """Let each warehouse's worker do what is to be done."""
        for code in self.warehouses:
            worker = Workspace(self.folder, Actor(user=self.ws.actor.user, program=f"worker {code}"), self.clock)
            run_worker(worker, code, poll=poll_words, say=self._say)
            worker.close()

    def _move(self, *, days: int = 0, hours: int = 0, until_now: bool = False) -> None:
        """Move every clock, and ask the warehouses what happened meanwhile."""
        by = Clock().now() - self.clock.now() if until_now else timedelta(days=days, hours=hours)
        self.clock.move(by)
        for each in self.warehouses.values():
            each.control("clock", {"advance": by.total_seconds()})
        ask(self.ws, list(self.warehouses), "poll", start=False)
        self._work()
        upkeep(self.ws)

    def _settle_issues(self) -> None:
        """Resolve the oldest half of the issues, as a person would: a replacement for what is lost or damaged."""
        rows = IssueRows(self.ws.store)
        ids = rows.ids(lambda: False)
        half = rows.rows(ids[: len(ids) // 2])
        take(self.ws, [Item(each, 0) for each in half])
        for wanted, resolution in ((("lost", "damaged"), "replacement"), (("exception", "stuck"), "nothing")):
            chosen = [Item(row.id, 0) for row in half.values() if row.type in wanted]
            if chosen:
                resolve(self.ws, chosen, resolution)
