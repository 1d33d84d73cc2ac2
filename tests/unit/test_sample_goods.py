"""The sample campaign's goods: a file that comes in clean, and deliveries that are short at one place only."""

from __future__ import annotations

from pathlib import Path

from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.goods import KIT, PARTS, SHORT, SPARE, deliveries, write_goods
from data.desk.sample.kickstarter import write_kickstarter
from data.desk.sample.rewards import PRODUCTS, mapping
from data.dispatch.allocate import allocate
from data.intake.imports import import_files
from data.policy import WarehouseSettings, save_warehouse
from data.stock.adjust import receive
from data.stock.items import NameMap
from data.stock.levels import list_levels
from data.stock.product_import import import_products
from data.stock.products import list_products
from data.store.workspace import Workspace


def test_everything_ordered_has_come_but_for_what_is_short(workspace: Workspace, tmp_path: Path) -> None:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE", "FR", "IT")))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Harbor", ("*",)))
    workspace.reload_policy()
    write_kickstarter(tmp_path / "report.csv", SampleCampaign(600))
    maps = [NameMap(kind, name, parts) for (kind, name), parts in mapping().items()]
    import_files(workspace, [tmp_path / "report.csv"], "Ember Isles", maps=maps)
    goods = write_goods(tmp_path / "goods.csv")
    found = import_products(workspace, [goods.path])
    assert (found.added, found.done.notes) == (len(PARTS) + 1, ())
    assert import_products(workspace, [goods.path]).done.act is None
    products = {each.sku: each for each in list_products(workspace.store)}
    assert len(products) == len(PRODUCTS) + len(PARTS) + 1
    assert all(each.weight_g and each.height_mm and each.hs_code and each.values for each in products.values())
    assert (products[KIT].parts, products[SPARE[0]].spare) == (tuple((sku, 1) for sku, _ in PARTS), True)
    delivered = deliveries(workspace.store, workspace.policy)
    for code, skus in delivered.items():
        assert KIT not in skus
        for sku, quantity in skus.items():
            receive(workspace, code, sku, quantity)
    allocate(workspace)
    waiting = workspace.store.rows("SELECT warehouse, lacks FROM backorders")
    assert waiting
    assert all(code == SHORT[0] and SHORT[1] in lacks for code, lacks in waiting)
    assert list_levels(workspace.store, short=True) == []
