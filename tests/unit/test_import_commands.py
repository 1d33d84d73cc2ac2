from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.desk.sample.backerkit import write_backerkit
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter, write_kickstarter_zip
from data.intake.imports import import_files
from data.store.workspace import Workspace

ORDERS = 300
Run = Callable[..., Any]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.csv"
    write_kickstarter(path, SampleCampaign(40, seed=3))
    return path


@pytest.mark.parametrize("shape", ["A", "B", "C", "D", "zip", "backerkit"])
def test_every_shape_comes_in_with_nothing_lost_and_twice_with_no_change(
    workspace: Workspace, tmp_path: Path, shape: Any
) -> None:
    campaign = SampleCampaign(ORDERS, seed=3)
    if shape == "zip":
        path = tmp_path / "report.zip"
        write_kickstarter_zip(path, campaign)
    elif shape == "backerkit":
        path = tmp_path / "report.csv"
        write_backerkit(path, campaign, example_row=False)
    else:
        path = tmp_path / "report.csv"
        write_kickstarter(path, campaign, shape)
    first = import_files(workspace, [path], "Ember Isles", make_skus=True)
    assert first.rows == first.created + first.rejected + first.unchanged
    assert first.created == workspace.store.value("SELECT count(*) FROM orders") > ORDERS * 0.9
    again = import_files(workspace, [path], "Ember Isles", make_skus=True)
    assert (again.rows, again.unchanged, again.rejected) == (first.rows, first.rows - first.rejected, first.rejected)
    assert again.act is None


def test_a_newer_report_brings_late_orders_and_changes_to_decide(workspace: Workspace, tmp_path: Path) -> None:
    for version in (0, 1):
        write_kickstarter(
            tmp_path / f"{version}.csv", SampleCampaign(ORDERS, seed=3, version=version, late=version * 9)
        )
    import_files(workspace, [tmp_path / "0.csv"], "Ember Isles", make_skus=True)
    newer = import_files(workspace, [tmp_path / "1.csv"], "Ember Isles", late=True)
    waiting = workspace.store.value("SELECT count(*) FROM changes WHERE state = 'waiting'")
    assert newer.changes == waiting > 0
    assert workspace.store.value("SELECT count(*) FROM orders WHERE late = 1") == newer.created > 0


def test_import_prints_its_contract_and_ends_with_1_when_rows_were_rejected(
    lastcall: Run, report: Path, workspace: Workspace
) -> None:
    first = lastcall("import", str(report), "--campaign", "Ember Isles", "--json")
    keys = {"format", "rows", "created", "updated", "unchanged", "changes", "rejected", "reject_file"}
    assert keys <= first.json.keys()
    assert (first.json["format"], first.json["rows"]) == ("kickstarter", 40)
    assert first.json["unknown_names"]
    bad = report.with_name("bad.csv")
    lines = report.read_text(encoding="utf-8").splitlines()
    bad.write_text(f"{lines[0]}\n{lines[1]},surplus\n", encoding="utf-8")
    second = lastcall("import", str(bad), "--campaign", "EMBERISLES", "--json")
    assert (second.code, second.json["rejected"]) == (1, 1)
    assert Path(second.json["reject_file"]).parent == workspace.path("imports")
    assert lastcall("import", str(report), "--campaign", "Ember Isles", "--dry-run").out.count("would be: 40 rows") == 1


def test_names_are_listed_mapped_one_by_one_or_from_a_file(lastcall: Run, report: Path, workspace: Workspace) -> None:
    lastcall("import", str(report), "--campaign", "Ember Isles")
    names = lastcall("product", "unmapped", "--json").json
    assert names == sorted(names, key=lambda each: (each["kind"], each["name"]))
    first, rest = names[0], names[1:]
    done = lastcall("product", "map", first["name"], "ONE", "TWO=3", "--kind", first["kind"], "--json")
    assert done.code == 0
    table = report.with_name("map.csv")
    rows = [f'"{each["name"]}",SKU-{number},2,{each["kind"]}' for number, each in enumerate(rest)]
    table.write_text("name,sku,quantity,kind\n" + "\n".join(rows), encoding="utf-8")
    assert lastcall("product", "map-file", str(table)).code == 0
    assert lastcall("product", "unmapped", "--json").json == []
    ordered = {each["sku"]: each["ordered"] for each in lastcall("products", "--json").json}
    assert ordered["TWO"] == 3 * ordered["ONE"] == 3 * first["quantity"]
    assert ordered["SKU-0"] == 2 * rest[0]["quantity"]
    table.write_text("name,sku,quantity\nx,SKU,some\n", encoding="utf-8")
    refused = lastcall("product", "map-file", str(table))
    assert (refused.code, "map.csv, line 2, quantity" in refused.err) == (2, True)


def test_a_map_given_with_the_files_is_used_at_once(lastcall: Run, report: Path, workspace: Workspace) -> None:
    names = lastcall("import", str(report), "--campaign", "Ember Isles", "--dry-run", "--json").json["unknown_names"]
    table = report.with_name("map.csv")
    rows = [f'"{each["name"]}",SKU-{number},,{each["kind"]}' for number, each in enumerate(names)]
    table.write_text("name,sku,quantity,kind\n" + "\n".join(rows), encoding="utf-8")
    done = lastcall("import", str(report), "--campaign", "Ember Isles", "--map", str(table), "--json").json
    assert done["unknown_names"] == []
    assert workspace.store.value("SELECT count(*) FROM orders WHERE stage = 'ready'") > 20


def test_campaigns_and_products_are_added_changed_and_listed(lastcall: Run) -> None:
    assert lastcall("campaign", "add", "Müller & Söhne: Zweite Auflage", "--currency", "eur").code == 0
    lastcall("campaign", "set", "MULLERSOHNE", "--time-zone", "Europe/Berlin", "--end", "2026-07-01")
    [campaign] = lastcall("campaigns", "--json").json
    assert (campaign["code"], campaign["currency"], campaign["ends_at"]) == (
        "MULLERSOHNE",
        "EUR",
        "2026-07-01T21:59:59Z",
    )
    assert lastcall("campaign", "set", "MULLERSOHNE", "--time-zone", "Europe/Atlantis").code == 2
    assert lastcall("product", "add", "GAME", "--title", "The game", "--hs", "95049080").code == 0
    assert lastcall("product", "set", "GAME", "--weight", "1200", "--origin", "CN").code == 0
    [product] = lastcall("products", "--json").json
    assert (product["weight_g"], product["hs_code"], product["origin"]) == (1200, "95049080", "CN")
    assert lastcall("product", "set", "GAME", "--hs", "12").code == 2
    assert lastcall("product", "add", "GAME").code == 2
