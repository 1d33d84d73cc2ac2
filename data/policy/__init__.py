"""The workspace's policies, from `lastcall.toml`: warehouses, their rules, what was agreed with them, allocation."""

from data.policy.agreement import TOPICS, Agreed, Topic
from data.policy.allocation import SPLITS, AllocationPolicy, AllocationRule
from data.policy.label import COUNTRY_FORMS, LabelLimits, is_charset
from data.policy.read import load_policy
from data.policy.rules import IMPORT_VAT, PHONES, RULE_FORMS, STOCKS, WarehousePolicy
from data.policy.settings import ANYWHERE, FILE_NAME, PORTALS, Policy, WarehouseSettings, agreed_line
from data.policy.write import save_agreed, save_warehouse

__all__ = [
    "ANYWHERE",
    "COUNTRY_FORMS",
    "FILE_NAME",
    "IMPORT_VAT",
    "PHONES",
    "PORTALS",
    "RULE_FORMS",
    "SPLITS",
    "STOCKS",
    "TOPICS",
    "Agreed",
    "AllocationPolicy",
    "AllocationRule",
    "LabelLimits",
    "Policy",
    "Topic",
    "WarehousePolicy",
    "WarehouseSettings",
    "agreed_line",
    "is_charset",
    "load_policy",
    "save_agreed",
    "save_warehouse",
]
