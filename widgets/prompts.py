"""What can be asked on the prompt bar, and which answers count. Enter alone never says yes."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from asyncio import to_thread
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, NamedTuple, TypeVar

from textual.content import Content
from textual.suggester import Suggester

Answer = TypeVar("Answer", covariant=True)


class Fault(NamedTuple):
    """Why a text can't be taken, and from which of its columns (from 0) where that is known."""

    words: Content
    column: int | None = None


class Choice(NamedTuple):
    """One of several answers: the key that gives it, and what it is."""

    key: str
    words: Content


@dataclass(frozen=True)
class Prompt(ABC, Generic[Answer]):
    """A question."""

    question: Content

    @abstractmethod
    def line(self) -> Content:
        """Return the question with the ways to answer it."""


@dataclass(frozen=True)
class KeyPrompt(Prompt[Answer]):
    """A question answered by one key."""

    @abstractmethod
    def answer(self, key: str) -> Answer | None:
        """Return the answer a key gives, or None for a key that gives none."""


@dataclass(frozen=True)
class TextPrompt(Prompt[Answer]):
    """A question answered by typing and Enter."""

    ROOM: ClassVar[int] = 24
    """Cells that are kept for the answer where the question is long."""

    value: str = field(default="", kw_only=True)
    """What stands there to begin with."""
    suggester: Suggester | None = field(default=None, kw_only=True)
    changed: Callable[[str], None] | None = field(default=None, kw_only=True)
    """Called at every change with a text that has no fault; for a view that follows the typing."""

    @abstractmethod
    def fault(self, text: str) -> Fault | None:
        """Return what is wrong with a text, shown while it is typed; None where nothing is."""

    @abstractmethod
    def answer(self, text: str) -> Answer | None:
        """Return the answer a text without fault gives on Enter, or None where it gives none."""


@dataclass(frozen=True)
class Text(TextPrompt[str]):
    """A line of text; the answer may be empty unless `check` refuses that."""

    check: Callable[[str], Fault | None] | None = field(default=None, kw_only=True)

    def line(self) -> Content:
        """Return the question."""
        return self.question

    def fault(self, text: str) -> Fault | None:
        """Return what `check` finds wrong."""
        return self.check(text) if self.check is not None else None

    def answer(self, text: str) -> str:
        """Return the text."""
        return text


class Filter(Text):
    """A filter; `check` parses it and `changed` narrows the list while it is typed. The answer may be empty."""


class PathText(Text):
    """A path; the rest of a name is suggested, Tab takes it."""

    def __init__(
        self, question: Content, *, value: str = "", check: Callable[[str], Fault | None] | None = None
    ) -> None:
        """Ask for a path, `value` to begin with."""
        super().__init__(question, value=value, check=check, suggester=PathSuggester())


@dataclass(frozen=True)
class Confirm(KeyPrompt[bool]):
    """Yes or no, by `y` or `n`."""

    def line(self) -> Content:
        """Return the question and its two keys."""
        return Content.assemble(self.question, " ", ("y/n", "bold"))

    def answer(self, key: str) -> bool | None:
        """Return True for `y`, False for `n`."""
        return {"y": True, "n": False}.get(key)


@dataclass(frozen=True)
class ConfirmCount(TextPrompt[int]):
    """What can't be taken back: confirmed by typing how many it is about."""

    ROOM: ClassVar[int] = 8

    count: int = field(kw_only=True)
    verb: str = field(kw_only=True)
    """What typing the number does, as `send`."""

    def line(self) -> Content:
        """Return the question, the number to type, and the way out."""
        return Content.assemble(self.question, " type ", (str(self.count), "bold"), f" to {self.verb}, Esc to leave")

    def fault(self, text: str) -> Fault | None:
        """Refuse what can no longer become the number."""
        return None if str(self.count).startswith(text.strip()) else Fault(Content(f"not {self.count}"))

    def answer(self, text: str) -> int | None:
        """Return the number where it is typed whole."""
        return self.count if text.strip() == str(self.count) else None


@dataclass(frozen=True)
class Choose(KeyPrompt[str]):
    """One of several, each by its key."""

    choices: Sequence[Choice] = field(kw_only=True)

    def line(self) -> Content:
        """Return the question and the keys with their words."""
        offers = [Content.assemble((choice.key, "bold"), " ", choice.words) for choice in self.choices]
        return Content.assemble(self.question, " ", Content("  ").join(offers))

    def answer(self, key: str) -> str | None:
        """Return the key where it is one of the choices."""
        return key if any(choice.key == key for choice in self.choices) else None


class PathSuggester(Suggester):
    """Suggests the rest of a file's name; reads folders in a thread."""

    def __init__(self) -> None:
        """Remember nothing: folders change."""
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the path that the text begins, or None."""
        return await to_thread(complete_path, value)


def complete_path(text: str) -> str | None:
    """Return the text with the first name that goes on from it, a folder with its slash; None where there is none."""
    folder, start = os.path.split(os.path.expanduser(text))
    if not text:
        return None
    try:
        with os.scandir(folder or ".") as entries:
            names = sorted(
                entry.name + (os.sep if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return None
    fitting = [name for name in names if name != start and name.isprintable()]
    return text[: len(text) - len(start)] + fitting[0] if fitting else None
