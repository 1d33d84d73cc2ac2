"""A person's own keys: checked whole before they are used, because Textual drops what clashes without a word."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from textual.keys import Keys, key_to_character

from screens.verbs import ALL, EVERYWHERE, RESERVED, Verb

_NAMED = {each.value for each in Keys if not each.value.startswith("<")}


def check_keymap(keys: Mapping[str, str]) -> list[str]:
    """Return everything that is wrong with a person's keys, in words; an empty list means they can be used."""
    problems: list[str] = []
    ids = {verb.id for verb in ALL}
    for verb_id, key in keys.items():
        if verb_id not in ids:
            near = get_close_matches(verb_id, ids, 1)
            problems.append(f"keys.{verb_id}: there is no such verb{f' (did you mean {near[0]}?)' if near else ''}")
        elif not is_key(key):
            problems.append(f"keys.{verb_id}: {key!r} is not a key")
        elif key in RESERVED:
            problems.append(f"keys.{verb_id}: {key} is taken by terminals or by lastcall itself")
    if not problems:
        problems = _clashes(keys)
    return problems


def is_key(key: str) -> bool:
    """Tell whether a terminal can send this key without an extended protocol."""
    return key in _NAMED or key_to_character(key) is not None


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
