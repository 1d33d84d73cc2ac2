"""Three themes on the blue and orange axis, which people who cannot tell red from green see apart.

Colours after Okabe and Ito: orange #E69F00, sky blue #56B4E9, vermillion #D55E00, blue #0072B2.
`$success` is blue and `$error` vermillion everywhere; no state is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from data.model import WorkspaceError

DARK = Theme(
    name="dark",
    primary="#56B4E9",
    secondary="#0072B2",
    accent="#56B4E9",
    success="#56B4E9",
    warning="#E69F00",
    error="#D55E00",
    foreground="#E0E0E0",
    background="#121212",
    surface="#1C1C1C",
    panel="#2A2A2A",
    dark=True,
    variables={
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "none",
    },
)
LIGHT = Theme(
    name="light",
    primary="#0072B2",
    secondary="#56B4E9",
    accent="#0072B2",
    success="#005A8E",
    warning="#8F5F00",
    error="#B34700",
    foreground="#1A1A1A",
    background="#FAFAFA",
    surface="#EFEFEF",
    panel="#DDDDDD",
    dark=False,
    variables={
        "block-cursor-background": "#0072B2",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "none",
    },
)
_ANSI_VARIABLES = {
    **BUILTIN_THEMES["ansi-dark"].variables,
    "block-cursor-text-style": "reverse",
    "block-cursor-background": "ansi_default",
    "block-cursor-foreground": "ansi_default",
}
ANSI = Theme(
    name="ansi",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    success="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_bright_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables=_ANSI_VARIABLES,
)
THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, ANSI)}


def choose_theme(setting: str | None, environ: Mapping[str, str]) -> str:
    """Return the name of the theme to use: the terminal's own colours under `NO_COLOR`, else the person's setting.

    Raises WorkspaceError for a name that is no theme. Source: no-color.org, which counts any value but the empty one;
    Textual counts the empty one too, and so must this.
    """
    if setting is not None and setting not in THEMES:
        raise WorkspaceError(f"theme {setting!r} is not known; there are {', '.join(THEMES)}")
    if "NO_COLOR" in environ:
        return ANSI.name
    return setting or DARK.name


def use_theme(app: App[Any], name: str) -> None:
    """Register the three themes with an app that does not run yet and let it begin with one."""
    for theme in THEMES.values():
        app.register_theme(theme)
    # Textual takes it in when it starts; told before, it would read every style sheet once more.
    app.set_reactive(App.theme, name)
