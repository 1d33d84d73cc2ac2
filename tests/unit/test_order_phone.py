"""A phone is kept as it was written, and beside it as it is dialled from anywhere."""

from __future__ import annotations

from dataclasses import replace

from data.addresses.check_run import run_checks
from data.model import Address
from data.orders.detail import order_detail
from data.store.workspace import Workspace
from tests.conftest import MakeOrder

HOME = Address(name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE")


def test_the_number_is_kept_in_e164_beside_the_original(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=replace(HOME, phone="0049 (0)30 / 90 18-20"))
    run_checks(workspace)
    found = order_detail(workspace.store, order)
    assert found is not None
    (version,) = found.addresses
    assert (version.address.phone, version.e164) == ("0049 (0)30 / 90 18-20", "+4930901820")


def test_a_number_that_can_not_be_read_has_none(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=replace(HOME, phone="4.93E+11"))
    run_checks(workspace)
    found = order_detail(workspace.store, order)
    assert found is not None
    assert [each.e164 for each in found.addresses] == [""]
