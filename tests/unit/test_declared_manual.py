"""The portal file that docs/portals.md shows, against the warehouse that it is for: what is written there works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.clock import Clock
from data.model import CommandKind, ParcelStatus, ShipmentState
from data.policy import WarehouseSettings
from data.portals.declared.auth import credentials_for
from data.portals.declared.sample import ELSEWHERE, ORDER, RETURN
from data.portals.declared.spec import read_spec
from data.portals.errors import NotUnderstood, Permanent
from data.portals.outcomes import Applied, Found, Held, Pushed, PushResult, Released, Several, TooLate, Unsupported
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.portals.sandbox.process import SandboxProcess
from data.portals.sandbox.process import start as start_sandbox
from data.portals.secrets import Secret


def manual() -> str:
    """Return the whole file that docs/portals.md shows."""
    page = (Path(__file__).parents[2] / "docs" / "portals.md").read_text(encoding="utf-8")
    shown = page.partition("### A whole file")[2].partition("### Mintsoft")[0]
    return "\n".join(line[4:] for line in shown.split("\n") if line.startswith("    ") or not line)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxProcess]:
    with start_sandbox(tmp_path / "warehouse.db") as running:
        running.control("settings", {"exceptions": 0})
        monkeypatch.setenv("MANUAL", running.token.reveal())
        yield running


def driven(sandbox: SandboxProcess, folder: Path, text: str) -> Portal:
    """Return the portal that a file describes, on a warehouse of our own."""
    (folder / "portals").mkdir()
    (folder / "portals" / "manual.toml").write_text(text, encoding="utf-8")
    options: dict[str, object] = {"spec": "manual"}
    settings = WarehouseSettings("EU1", "E", portal="http", url=sandbox.url, secret="env:MANUAL", options=options)
    return portal_for(settings, folder, Clock())


async def test_the_file_in_the_manual_drives_the_warehouse_it_is_for(sandbox: SandboxProcess, tmp_path: Path) -> None:
    portal = driven(sandbox, tmp_path, manual())
    assert [each.ok for each in await portal.test()] == [True, True, True]
    push = portal.render_push(ORDER)
    first = await portal.push(push, ORDER.key)
    again = await portal.push(push, ORDER.key)
    assert (first.outcome, again.outcome) == (Pushed.CREATED, Pushed.ALREADY)
    (remote_id,) = first.remote_ids
    with pytest.raises(Permanent) as caught:
        await portal.push(push.replace('"GB"', '"Gb"').replace(ORDER.key, "K-2"), "K-2")
    assert [each.field for each in caught.value.fields] == ["ship_to.country"]
    amend = portal.render_amend(ELSEWHERE, push)
    assert await portal.amend(remote_id, ORDER.key, amend) == Applied(ELSEWHERE)
    assert await portal.hold(remote_id, ORDER.key, portal.render_change(CommandKind.HOLD, amend)) == Held()
    assert await portal.release(remote_id, ORDER.key, "") == Released()
    page = await portal.poll("")
    assert [(each.reference, each.status) for each in page.states] == [(ORDER.key, ShipmentState.ACCEPTED)]
    assert (await portal.poll(page.cursor)).states == ()
    assert {each.sku for each in await portal.stock()} == {"GAME", "DICE-2"}
    back = portal.render_notice(RETURN)
    told = await portal.notify(CommandKind.RETURN, back, RETURN.key)
    assert isinstance(told, PushResult)
    repeated = await portal.notify(CommandKind.RETURN, back, RETURN.key)
    assert isinstance(repeated, PushResult)
    assert (told.outcome, repeated.outcome) == (Pushed.CREATED, Pushed.ALREADY)
    assert isinstance(await portal.notify(CommandKind.ANNOUNCE, "", "A-1"), Unsupported)
    sandbox.control("clock", {"advance": 30 * 86400})
    assert isinstance(await portal.cancel(remote_id, ORDER.key, ""), TooLate)
    (state,) = (await portal.poll(page.cursor)).states
    assert (state.status, state.parcels[0].status) == (ShipmentState.DELIVERED, ParcelStatus.DELIVERED)
    await portal.close()


async def test_an_exact_look_up_that_shows_only_others_is_not_believed(sandbox: SandboxProcess, tmp_path: Path) -> None:
    # The file asks for no reference, so the warehouse lists what it likes: absent would be a lie.
    portal = driven(sandbox, tmp_path, manual().replace('query = { reference = "{order.key}" }', ""))
    await portal.push(portal.render_push(ORDER), ORDER.key)
    assert isinstance(await portal.find(ORDER.key), Found)
    with pytest.raises(NotUnderstood, match="none of them is K-2"):
        await portal.find("K-2")
    await portal.close()


async def test_a_push_whose_reply_does_not_name_our_key_is_looked_up_before_it_counts(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    portal = driven(sandbox, tmp_path, manual().replace('reference = "body.reference"\n', ""))
    body = portal.render_push(ORDER)
    sandbox.control("faults", [{"on": "GET /orders", "fault": "500", "times": 1}])
    with pytest.raises(NotUnderstood, match="could not be looked up"):
        await portal.push(body, ORDER.key)
    assert (await portal.push(body, ORDER.key)).outcome is Pushed.ALREADY
    other = replace(ORDER, key="K-2")
    assert (await portal.push(portal.render_push(other), "K-2")).outcome is Pushed.CREATED
    await portal.close()


async def test_two_orders_under_one_key_are_both_shown(sandbox: SandboxProcess, tmp_path: Path) -> None:
    sandbox.control("settings", {"duplicates": "accept"})
    portal = driven(sandbox, tmp_path, manual())
    body = portal.render_push(ORDER)
    for _ in range(2):
        await portal.push(body, ORDER.key)
    found = await portal.find(ORDER.key)
    assert isinstance(found, Several)
    assert len({each.remote_id for each in found.remotes}) == 2
    await portal.close()


async def test_a_user_and_a_password_go_out_as_basic_credentials(tmp_path: Path) -> None:
    spec = read_spec("manual.toml", manual().replace('kind = "bearer"', 'kind = "basic"'))
    shown = credentials_for(spec.auth, "https://hub.example", lambda: Secret("me:correct horse"), {}, Clock(), 5)
    # RFC 7617: the base64 of `me:correct horse`.
    assert await shown.headers() == {"Authorization": "Basic bWU6Y29ycmVjdCBob3JzZQ=="}
    assert "bWU6" not in shown.hide("it says Basic bWU6Y29ycmVjdCBob3JzZQ==")
