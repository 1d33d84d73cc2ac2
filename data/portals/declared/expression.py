"""JMESPath over what a portal answers: where a value stands, and whether a condition holds.

Source of the language: jmespath.org; an expression reads, and can do nothing else.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from data.model import InputError


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, compiled."""

    text: str
    _compiled: Any

    def search(self, document: Any) -> Any:
        """Return the value, None where there is none or where the document is of another shape than expected."""
        try:
            return self._compiled.search(document)
        except JMESPathError:
            return None

    def holds(self, document: Any) -> bool:
        """Tell whether it is exactly `true`: a text that looks true is no yes."""
        return self.search(document) is True

    def text_in(self, document: Any) -> str:
        """Return the value as text, numbers included; '' for nothing, for flags, lists and objects."""
        return as_text(self.search(document))


def expression(text: str) -> Expression:
    """Compile an expression; raises InputError saying what is wrong with it."""
    try:
        with warnings.catch_warnings():
            # `some text` without quotes is a literal that is going out of the language.
            warnings.simplefilter("error")
            return Expression(text, jmespath.compile(text))
    except Warning:
        raise InputError("has text between backquotes: backquotes are for JSON, 'text' stands in quotes") from None
    except JMESPathError as error:
        raise InputError(f"is no JMESPath expression: {str(error).splitlines()[0]}") from None


def as_text(value: Any) -> str:
    """Return a scalar of JSON as text; '' for nothing, flags, lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
