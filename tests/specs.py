"""Checks of request bodies against the vendors' own specifications, which stay outside the project.

They are read where a folder `shared/specs` stands beside the repository; elsewhere such tests skip, saying so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPECS = Path(__file__).parents[2] / "shared" / "specs"


def spec_path(vendor: str, name: str) -> Path:
    """Return a file of a vendor's folder; skips the test where there is none."""
    path = SPECS / vendor / name
    if not path.is_file():
        pytest.skip(f"the specification {vendor}/{name} is not beside the repository")
    return path


def swagger_validator(path: Path, operation: str) -> Callable[[Any], list[str]]:
    """Return a check of an operation's body by its Swagger 2.0 file: what is wrong with it, a line each."""
    from jsonschema import Draft4Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    spec = json.loads(path.read_text(encoding="utf-8"))
    (schema,) = [
        parameter["schema"]
        for operations in spec["paths"].values()
        for each in operations.values()
        if isinstance(each, dict) and each.get("operationId") == operation
        for parameter in each.get("parameters", ())
        if parameter.get("in") == "body"
    ]
    registry: Registry[Any] = Registry().with_resource("urn:spec", Resource.from_contents(spec, DRAFT4))
    whole = {"$ref": f"urn:spec{schema['$ref']}"}
    validator = Draft4Validator(whole, registry=registry, format_checker=Draft4Validator.FORMAT_CHECKER)
    return lambda body: [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
