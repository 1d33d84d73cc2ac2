"""Choices for the prompt line."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from data.text import visible
from widgets.prompts import Choice, Choose


def choose(question: str, choices: Mapping[str, str]) -> Choose:
    """Return the question which of these, each a key and its words."""
    listed = [Choice(key, Content(visible(words))) for key, words in choices.items()]
    return Choose(Content(visible(question)), choices=listed)


def choice_keys(names: Mapping[str, str]) -> dict[str, str]:
    """Return key to name: a letter of each name's own title where one is free, in the order of the names."""
    keys: dict[str, str] = {}
    for name, title in names.items():
        letters = [*(each for each in f"{title}{name}".lower() if each.isascii() and each.isalnum()), *"123456789"]
        keys[next(each for each in letters if each not in keys)] = name
    return keys
