"""Vendors' own descriptions of their APIs, to hold our request bodies against; they stay outside the repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from openapi_schema_validator import OAS30Validator, OAS31Validator, oas30_format_checker, oas31_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT202012

SPECS = Path(__file__).parents[2] / "shared" / "specs"
_URI = "urn:spec"
Problems = Callable[[Any], list[str]]
"""Returns what is wrong with a body, a line for each; nothing where it is valid."""


def needs_specs(folder: str) -> pytest.MarkDecorator:
    """Skip where a vendor's description is not at hand."""
    there = (SPECS / folder).is_dir()
    return pytest.mark.skipif(not there, reason=f"the API description of {folder} is not beside the repository")


def example(folder: str, name: str) -> Any:
    """Return an example body that lies with a description."""
    return json.loads((SPECS / folder / name).read_text(encoding="utf-8"))


def spec_validator(folder: str, file: str, operation: str, *, reply: bool = False) -> Problems:
    """Return a function that names what is wrong with a body of an operation; [] is nothing.

    The operation is its id, or `POST /path`; with `reply` its 200 is checked instead of its request.
    """
    document = json.loads((SPECS / folder / file).read_text(encoding="utf-8"))
    schema, kind, dialect, formats = _body_schema(document, _operation(document, operation), reply)
    registry = Registry().with_resource(_URI, Resource.from_contents(document, default_specification=dialect))
    validator = kind(_absolute(schema), registry=registry, format_checker=formats)

    def check(body: Any) -> list[str]:
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]

    return check


def _operation(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Find an operation by its id, or by its method and path."""
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            if isinstance(found, dict) and name in (found.get("operationId"), f"{method.upper()} {path}"):
                return found
    raise LookupError(f"the description has no operation {name}")


def _body_schema(document: dict[str, Any], found: dict[str, Any], reply: bool) -> tuple[Any, Any, Any, Any]:
    """Return the schema of an operation's JSON body, with what validates it."""
    if "swagger" in document:
        (schema,) = [each["schema"] for each in found["parameters"] if each["in"] == "body"]
        return schema, Draft4Validator, DRAFT4, Draft4Validator.FORMAT_CHECKER
    part = found["responses"]["200"] if reply else found["requestBody"]
    schema = part["content"]["application/json"]["schema"]
    if document["openapi"].startswith("3.1"):
        return schema, OAS31Validator, DRAFT202012, oas31_format_checker
    return schema, OAS30Validator, DRAFT4, oas30_format_checker


def _absolute(schema: Any) -> Any:
    """Return a schema whose references into its document name the document."""
    if isinstance(schema, dict):
        return {
            name: f"{_URI}{value}" if name == "$ref" and str(value).startswith("#") else _absolute(value)
            for name, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema
