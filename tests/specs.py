"""Vendors' own descriptions of their APIs, where this machine has them: what they say of a body decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SPECS = Path(__file__).parents[2] / "shared" / "specs"
Problems = Callable[[Any], list[str]]
"""Returns what is wrong with a body, a line for each; nothing where it is valid."""


def spec_folder(name: str) -> Path:
    """Return a vendor's folder; skips the test where this machine has not got it."""
    folder = SPECS / name
    if not folder.is_dir():
        pytest.skip(f"the API description of {name} is not on this machine ({folder})")
    return folder


def spec_validator(folder: Path, operation: str, *, reply: bool = False) -> Problems:
    """Return the check of an operation's bodies (`POST /path`) by the OpenAPI 3.1 description in a folder.

    With `reply` it is of those of its 200.
    """
    (path,) = folder.glob("*openapi.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    method, _, where = operation.partition(" ")
    part = "responses/200" if reply else "requestBody"
    pointer = "/".join((where.replace("~", "~0").replace("/", "~1"), method.lower(), part))
    schema = {"$ref": f"urn:spec#/paths/{pointer}/content/application~1json/schema"}
    registry: Registry[Any] = Registry().with_resource("urn:spec", DRAFT202012.create_resource(document))
    validator = OAS31Validator(schema, registry=registry, format_checker=oas31_format_checker)

    def problems(body: Any) -> list[str]:
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]

    return problems
