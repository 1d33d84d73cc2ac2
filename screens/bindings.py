"""Textual bindings made from the registry of verbs."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from screens.verbs import VERBS, Verb


def bindings_of(screen: str) -> list[BindingType]:
    """Return the bindings a screen answers itself."""
    return _bindings([verb for verb in VERBS if screen in verb.screens and not verb.app])


def app_bindings() -> list[BindingType]:
    """Return the bindings the app answers on every screen."""
    return _bindings([verb for verb in VERBS if verb.app])


def _bindings(verbs: list[Verb]) -> list[BindingType]:
    # A second key stands in a binding of its own, without an id: a keymap replaces all keys of a binding that has one.
    made: list[BindingType] = []
    for verb in verbs:
        made.append(Binding(verb.key, verb.action, verb.words, id=verb.id, show=False, tooltip=verb.help))
        if verb.fixed:
            made.append(Binding(verb.fixed, verb.action, verb.words, show=False))
    return made
