"""A person's own keys: checked whole before they are used, because Textual drops what clashes without a word."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from screens.verbs import ALL, EVERYWHERE, RESERVED, Verb


def _sign_name(sign: str) -> str:
    """Return the name Textual makes of a sign: that of Unicode, but for a few."""
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_SIGNS = {each: _sign_name(each) for each in string.punctuation}
_NAMED = {each.value for each in Keys if not each.value.startswith("<")}


def check_keymap(keys: Mapping[str, str]) -> list[str]:
    """Return everything that is wrong with a person's keys, in words; an empty list means they can be used."""
    problems: list[str] = []
    ids = {verb.id for verb in ALL}
    for verb_id, key in keys.items():
        if verb_id not in ids:
            near = get_close_matches(verb_id, ids, 1)
            problems.append(f"keys.{verb_id}: there is no such verb{f' (did you mean {near[0]}?)' if near else ''}")
        elif (name := key_name(key)) is None:
            problems.append(f"keys.{verb_id}: {key!r} is not a key")
        elif name in RESERVED:
            problems.append(f"keys.{verb_id}: {key} is taken by terminals or by lastcall itself")
    if not problems:
        problems = _clashes(named_keys(keys))
    return problems


def key_name(key: str) -> str | None:
    """Return what Textual calls a key a person wrote, `slash` for `/`; None for one no terminal sends by itself."""
    if key in _NAMED or key in _SIGNS.values() or (len(key) == 1 and key.isalnum()):
        return key
    return _SIGNS.get(key)


def named_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """Return a checked keymap with every key under the name Textual knows it by."""
    return {verb_id: key_name(key) or key for verb_id, key in keys.items()}


def _clashes(keys: Mapping[str, str]) -> list[str]:
    """Find verbs of one screen that would share a key."""
    problems: list[str] = []
    for screen in EVERYWHERE:
        taken: dict[str, Verb] = {}
        for verb in ALL:
            if screen not in verb.screens:
                continue
            for key in filter(None, (keys.get(verb.id, verb.key), verb.fixed)):
                other = taken.setdefault(key, verb)
                if other is not verb:
                    words = f"{key} would be both {other.id} and {verb.id} on the screen {screen}"
                    if words not in problems:
                        problems.append(words)
    return problems
