"""Portals described in TOML: what is wrong in a file is found with its line, templates lose nothing, yes means yes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from data.clock import Clock
from data.model import InputError, WorkspaceError
from data.policy import WarehouseSettings, save_warehouse
from data.portals.declared.body import write_amend, write_push
from data.portals.declared.expression import expression
from data.portals.declared.lines import find_line
from data.portals.declared.pages import following, start
from data.portals.declared.read import read_order
from data.portals.declared.replies import Judged
from data.portals.declared.sample import ADDRESS, ELSEWHERE, ORDER, option_values, sample
from data.portals.declared.shape import Pages, Paging
from data.portals.declared.spec import find_spec, read_spec
from data.portals.declared.template import LEFT_OUT, template
from data.portals.protocol import Idem, ShipmentLine
from data.portals.registry import portal_for
from data.portals.reply import Reply
from data.store.workspace import Workspace
from tests.conftest import Ran

MINTSOFT = (resources.files("data.portals.declared") / "mintsoft.toml").read_text(encoding="utf-8")
KNOWN = {"order.key", "addr.name", "addr.country", "addr.postcode", "line.quantity", "line.value", "order.late"}


def line_of(text: str, within: str = MINTSOFT) -> int:
    """Return the line on which a text stands."""
    return within[: within.index(text)].count("\n") + 1


# ---- errors name file, line and key ----


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "why"),
    [
        ('idem = "reject_duplicate"', 'idem = "maybe"', "idem =", "portal.idem", "'maybe'; known are upsert"),
        ("[limits]  ", "[limitz]  ", "[limits]  ", "limitz", "there is no such key"),
        ("concurrency = 2", "concurency = 2", "concurrency", "limits.concurency", "known are concurrency"),
        ("per_minute = 60", 'per_minute = "many"', "per_minute", "limits.per_minute", "must be a number of 1 or more"),
        ("{addr.line1:100}", "{addr.street:100}", "{addr.line1", "push.body.Address1", "{addr.street} is not known"),
        ("{addr.line1:100}", "{addr.line1:wide}", "{addr.line1", "push.body.Address1", "there is no filter 'wide'"),
        ("{addr.line1:100}", "{addr.line1", "{addr.line1", "push.body.Address1", "has no partner"),
        ("{option.courier}", "{option.carrier}", "{option.courier}", "push.body.CourierService", "is not known here"),
        ('path = "/api/Order"\nok', 'path = "api/Order"\nok', 'path = "/api/Order"', "push.path", "must begin with /"),
        ('remote_id = "body[].OrderId"', "", "[push]", "push.remote_id", "is missing"),
        ('remote_id = "body[].OrderId"', 'remote_id = "body[.OrderId"', "remote_id", "push.remote_id", "no JMESPath"),
        ("'already exists'", "`already exists`", "duplicate =", "push.duplicate", "backquotes"),
        (', Quantity = "{line.quantity:int}" }', " }", "[push]", "push", "no whole number"),
        ('sku = "SKU"\nquantity', 'sku = "Sku"\nquantity', "[push]", "push", "no SKU"),
        ('NEW = "accepted"', 'NEW = "taken"', "NEW =", "status.map.NEW", "'taken'; known are"),
        ('company = "CompanyName"', 'firm = "CompanyName"', "company = ", "order.address.firm", "no field of"),
        ('city = "Town"', 'city = "City"', "[push]", "push", "addr.city would not arrive"),
        ('before = "picking"\nover', 'before = "later"\nover', "before =", "amend.before", "known are"),
        ("over_last = true", "over_last = 1", "over_last", "amend.over_last", "must be true or false"),
        ('without = ["OrderItems"]', 'without = ["ExternalOrderReference"]', "[amend]", "amend", "not name our key"),
        ('kind = "page", limit = 100, initial', 'kind = "book", initial', "pages = {", "poll.pages.kind", "'book'"),
        ("[hold]", "[holt]", "[release]", "release", "are given together"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_with_file_line_and_key(old: str, new: str, at: str, key: str, why: str) -> None:
    assert MINTSOFT.count(old) >= 1
    with pytest.raises(WorkspaceError) as caught:
        read_spec("hub.toml", MINTSOFT.replace(old, new, 1))
    told = str(caught.value)
    assert told.startswith(f"hub.toml, line {line_of(at)}: {key}: "), told
    assert why in told


def test_what_is_no_toml_or_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not TOML"):
        read_spec("hub.toml", "[portal\n")
    with pytest.raises(WorkspaceError, match=r"no portal hub .*karrio, mintsoft"):
        find_spec(tmp_path, "hub")
    with pytest.raises(WorkspaceError, match="there is no portal"):
        find_spec(tmp_path, "../mintsoft")


def test_a_line_is_found_in_tables_dotted_keys_and_behind_long_texts() -> None:
    text = '''# a comment = no key
a.b = 1
[one.two]
words = """
three = 3
"""
"odd key" = 2
inside = { deep = { x = 1 } }
[[list]]
x = 1
'''
    wanted = {
        ("a", "b"): 2,
        ("one",): 3,
        ("one", "two", "words"): 4,
        ("one", "two", "odd key"): 7,
        ("one", "two", "inside", "deep", "x"): 8,
        ("one", "two", "three"): 3,
        ("list", "x"): 10,
        ("nowhere",): 1,
    }
    assert {path: find_line(text, path) for path in wanted} == wanted


def test_a_team_s_own_file_comes_before_the_one_that_ships(tmp_path: Path) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "mintsoft.toml").write_text(MINTSOFT.replace('"Mintsoft"', '"Our hub"'), encoding="utf-8")
    assert find_spec(tmp_path, "mintsoft").title == "Our hub"
    assert find_spec(tmp_path, "karrio").title == "Karrio"


# ---- templates ----


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("{order.key}", "K-1"),
        ("no {{holes}}", "no {holes}"),
        ("{order.key}/{addr.name:20}", "K-1/Zoë Q. Sample"),
        ("{line.quantity}", "2"),
        ("{line.quantity:int}", 2),
        ("{line.value:number}", 12.5),
        ("{order.late:flag}", True),
        ("{addr.country:iso2}", "GB"),
        ("{addr.country:iso3}", "GBR"),
        ("{addr.country:name}", "UNITED KINGDOM"),
        ("{addr.name:first}+{addr.name:rest}", "Zoë+Q. Sample"),
        ("{addr.name:upper:20}", "ZOË Q. SAMPLE"),
        ("{addr.postcode|none}", "none"),
        ("{addr.postcode:int|7}", 7),
        ("{addr.postcode?}", LEFT_OUT),
        ("{addr.postcode}", ""),
    ],
)
def test_a_template_gives_text_unless_a_filter_says_otherwise(text: str, given: object) -> None:
    values = {
        "order.key": "K-1",
        "addr.name": "Zoë Q. Sample",
        "addr.country": "GB",
        "addr.postcode": "",
        "line.quantity": "2",
        "line.value": "12.50",
        "order.late": "true",
    }
    assert template("push.body.X", text, KNOWN).fill(values) == given


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("{addr.name:5}", "Zoë Q.", "of 6 characters; the warehouse takes 5"),
        ("{addr.name:int}", "two", "must be a whole number"),
        ("{addr.name:int}", "", "nothing and must be a whole number"),
        ("{addr.name:number}", "nan", "must be a number"),
        ("{addr.name:flag}", "yes", "must be true or false"),
        ("{addr.name:iso3}", "Nowhere", "which is no country"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_never_cut(text: str, value: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        template("push.body.X", text, KNOWN).fill({"addr.name": value})
    assert str(caught.value).startswith("push.body.X: addr.name is ")
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["{order.key", "order.key}", "{}", "{Order.key}", "{order.key:}", "{order.key!r}", "{order.key|x:int}", "{order}",
     "a {line.quantity:int}", "a {addr.name?}", "{line.quantity:int:5}"],
)  # fmt: skip
def test_what_is_no_template_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(InputError):
        template("push.body.X", text, KNOWN)


def test_an_order_that_would_lose_a_part_of_its_address_is_refused_and_named() -> None:
    text = MINTSOFT.replace('company = "CompanyName"\n', "")
    text = text.replace('CompanyName = "{addr.company:100}"\n', "")
    with pytest.raises(WorkspaceError, match=r"addr\.company would not arrive"):
        read_spec("hub.toml", text)
    spec = find_spec(Path(), "mintsoft")
    long = replace(ORDER, address=replace(ADDRESS, postcode="N1 1AA and the second house"))
    with pytest.raises(InputError, match=r"push\.body\.PostCode: addr\.postcode is .*27 characters.*takes 20"):
        write_push(spec, option_values(spec), long)
    with pytest.raises(InputError, match="longer than the 40"):
        write_push(spec, option_values(spec), replace(ORDER, key="K" * 41))


def test_an_amendment_is_put_over_the_body_before_it() -> None:
    spec = find_spec(Path(), "mintsoft")
    options = option_values(spec)
    push = write_push(spec, options, ORDER)
    amended = json.loads(write_amend(spec, options, ELSEWHERE, push))
    again = json.loads(write_amend(spec, options, ADDRESS, json.dumps(amended)))
    assert (amended["Town"], amended["ExternalOrderReference"], "OrderItems" in amended) == ("Genève", ORDER.key, False)
    assert again == {name: value for name, value in json.loads(push).items() if name != "OrderItems"}


# ---- what a reply means ----


def judged(status: int, body: object, section: str = "push") -> Judged:
    spec = find_spec(Path(), "mintsoft")
    verdicts = {"push": spec.push.verdicts, "find": spec.find.verdicts}[section]
    return Judged(verdicts, Reply(status, "", json.dumps(body).encode(), "PUT /x"), "K-1", "7")


TAKEN = {"OrderId": 1, "OrderNumber": "K-1", "Success": True, "Message": None}
REFUSED = TAKEN | {"OrderId": 0, "Success": False, "Message": "No such SKU"}
KNOWN_ALREADY = REFUSED | {"Message": "Order Number K-1 already exists"}


@pytest.mark.parametrize(
    ("status", "body", "ok", "duplicate", "refused"),
    [
        (200, [TAKEN], True, False, False),
        (200, [TAKEN, TAKEN | {"OrderId": 2}], True, False, False),
        (200, [TAKEN, REFUSED], False, False, False),
        (200, [REFUSED], False, False, True),
        (200, [KNOWN_ALREADY], False, True, True),
        (200, [], False, False, False),
        (200, {}, False, False, False),
        (200, None, False, False, False),
        (200, "Success", False, False, False),
        (200, [TAKEN | {"Success": "true"}], False, False, False),
        (409, [TAKEN], False, False, False),
        (400, {"Message": "bad"}, False, False, True),
    ],
)
def test_only_what_the_file_calls_a_yes_is_one(
    status: int, body: object, ok: bool, duplicate: bool, refused: bool
) -> None:
    found = judged(status, body)
    assert (found.ok, found.duplicate, found.refused) == (ok, duplicate, refused)


def test_an_expression_over_another_shape_than_expected_is_no_yes() -> None:
    found = expression("contains(body.Message, 'x')")
    assert found.holds({"body": {"Message": None}}) is False
    assert found.holds({"body": {"Message": "xyz"}}) is True
    assert expression("body").text_in({"body": [1]}) == ""
    assert expression("body").text_in({"body": 12.0}) == "12"


def test_a_status_that_is_not_in_the_file_is_kept_and_says_nothing() -> None:
    spec = find_spec(Path(), "mintsoft")
    row = {"ID": 7, "OrderStatusId": 99, "ExternalOrderReference": "K-1", "Country": {"Code3": "CHE", "Code": "CHE"}}
    remote = read_order(spec.order, spec.statuses, {"99": "ONTHEMOON"}, row)
    assert (remote.raw_status, remote.status, remote.remote_id) == ("ONTHEMOON", None, "7")
    assert remote.address is not None
    assert remote.address.country == "CH"
    with pytest.raises(ValueError, match="no status"):
        read_order(spec.order, spec.statuses, {}, {"ID": 7})


# ---- paging ----


def pages(kind: Paging, **more: object) -> Pages:
    return replace(Pages(kind, limit=2, initial="2026-01-01T00:00:00"), **more)  # type: ignore[arg-type]


def test_numbered_pages_end_with_one_that_is_not_full_and_the_next_round_overlaps() -> None:
    how = pages(Paging.PAGE, overlap=60.0)
    place, more = following(how, start(how), 2, ["2026-11-02T10:00:00", "2026-11-03T09:00:00"], {})
    assert (place.values(how)["page"], place.values(how)["offset"], more) == ("2", "2", True)
    place, more = following(how, start(how, place.text()), 1, ["2026-11-01T10:00:00"], {})
    assert (place.since, place.page, more) == ("2026-11-03T08:59:00", 1, False)
    place, more = following(how, place, 0, [], {})
    assert (place.since, more) == ("2026-11-03T08:59:00", False)


def test_a_listing_by_instant_goes_on_at_the_last_row_and_gets_out_of_a_page_of_one_instant() -> None:
    how = pages(Paging.SINCE)
    place, more = following(how, start(how), 2, ["2026-11-02T10:00:00Z"] * 2, {})
    assert (place.since, place.page, more) == ("2026-11-02T10:00:00Z", 1, True)
    place, more = following(how, place, 2, ["2026-11-02T10:00:00Z"] * 2, {})
    assert (place.since, place.page, more) == ("2026-11-02T10:00:00Z", 2, True)


def test_tokens_end_and_cursors_stay() -> None:
    how = pages(Paging.TOKEN, next=expression("next"))
    place, more = following(how, start(how), 2, ["2026-11-02T10:00:00Z"], {"next": "T2"})
    assert (place.token, more) == ("T2", True)
    place, more = following(how, place, 2, [], {"next": None})
    assert (place.token, place.since, more) == ("", "2026-11-02T10:00:00Z", False)
    how = pages(Paging.CURSOR, next=expression("next"), more=expression("more"))
    place, more = following(how, start(how), 2, [], {"next": "C1", "more": True})
    assert (place.token, more) == ("C1", True)
    place, more = following(how, place, 0, [], {"next": None, "more": False})
    assert (place.token, more) == ("C1", False)


# ---- the workspace's side ----


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "options.spec is missing"),
        ({"spec": "nobody"}, "there is no portal nobody"),
        ({"spec": "mintsoft"}, "options.warehouse_id is missing: the id of the warehouse"),
        ({"spec": "mintsoft", "warehouse_id": 3, "color": "red"}, "options.color: there is no such option; known are"),
        ({"spec": "mintsoft", "warehouse_id": True}, "neither text nor a whole number"),
        ({"spec": "mintsoft", "warehouse_id": "three"}, r"option\.warehouse_id is 'three' and must be a whole number"),
        ({"spec": "mintsoft", "warehouse_id": 3, "per_minute": 0}, "options.per_minute"),
    ],
)
def test_a_warehouse_s_options_are_checked(tmp_path: Path, options: dict[str, object], why: str) -> None:
    settings = WarehouseSettings("UK1", "Hub", portal="http", secret="env:X", options=options)
    with pytest.raises(WorkspaceError, match=why):
        portal_for(settings, tmp_path, Clock())


def test_what_a_warehouse_sets_takes_the_place_of_what_the_file_says(tmp_path: Path) -> None:
    options: dict[str, object] = {"spec": "mintsoft", "warehouse_id": 3, "courier": "DPD", "max_lag": 0.2}
    settings = WarehouseSettings("UK1", "Hub", portal="http", secret="env:X", options=options)
    portal = portal_for(settings, tmp_path, Clock())
    assert (portal.caps.max_lag, portal.caps.concurrency, portal.caps.idem) == (0.2, 2, Idem.REJECT_DUPLICATE)
    body = json.loads(portal.render_push(replace(ORDER, lines=(ShipmentLine("A", "A", 1),))))
    assert (body["WarehouseId"], body["CourierService"]) == (3, "DPD")


@pytest.mark.parametrize("name", ["mintsoft", "karrio"])
def test_the_sample_shows_every_request_with_its_body(name: str) -> None:
    spec = find_spec(Path(), name)
    shown = dict(sample(spec))
    assert all(line.split(" ")[0] in ("GET", "PUT", "POST") for line in shown)
    assert [json.loads(body) for body in shown.values() if body]
    key = ORDER.key
    assert any(key in line for line in shown)


def test_the_command_prints_what_would_be_sent_and_a_mistake_with_its_line(
    workspace: Workspace, lastcall: Callable[..., Ran]
) -> None:
    options: dict[str, object] = {"spec": "hub", "warehouse_id": 3, "courier": "DPD"}
    save_warehouse(workspace.folder, WarehouseSettings("UK1", "Hub", portal="http", secret="env:X", options=options))
    folder = workspace.folder / "portals"
    folder.mkdir()
    (folder / "hub.toml").write_text(MINTSOFT, encoding="utf-8")
    shown = lastcall("warehouse", "sample", "uk1")
    assert shown.code == 0, shown.err
    assert shown.out.startswith('PUT /api/Order\n  {\n    "OrderNumber": "SAMPLE-000001-1",\n')
    assert '"CourierService": "DPD"' in shown.out
    first, *_, last = lastcall("warehouse", "sample", "UK1", "--json").json
    assert (first["request"], json.loads(first["body"])["WarehouseId"]) == ("PUT /api/Order", 3)
    assert last == {"request": "GET /api/ASN/List?PageNo=1&Limit=100&IncludeASNItems=true", "body": ""}
    (folder / "hub.toml").write_text(MINTSOFT.replace("{addr.city:60}", "{addr.town:60}"), encoding="utf-8")
    wrong = lastcall("warehouse", "sample", "UK1")
    assert (wrong.code, wrong.out) == (2, "")
    assert f"hub.toml, line {line_of('{addr.city:60}')}: push.body.Town: {{addr.town}} is not known" in wrong.err


def test_a_warehouse_of_another_portal_has_no_sample(workspace: Workspace, lastcall: Callable[..., Ran]) -> None:
    save_warehouse(workspace.folder, WarehouseSettings("DE1", "Files"))
    assert "driven by file" in lastcall("warehouse", "sample", "DE1").err
