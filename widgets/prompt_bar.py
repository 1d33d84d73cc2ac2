"""The one line on which everything is asked: a filter, a yes or no, a number to type, a choice, a path.

    answer = await self.prompt.ask(Confirm(Content("Accept 12 addresses?")))     # True, False, or None after Esc

It takes the place of the status line while it asks, so that nothing moves and few bytes go over the wire.
"""

from __future__ import annotations

from asyncio import Future, get_running_loop
from typing import Any, ClassVar, TypeVar

from rich.cells import cell_len
from rich.highlighter import Highlighter
from rich.text import Text as RichText
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from widgets.one_line import OneLine
from widgets.prompts import Fault, KeyPrompt, Prompt, TextPrompt

Answer = TypeVar("Answer")
LINES = 3
"""Lines that a question or a message too wide for one may take."""


class _FaultMarker(Highlighter):
    """Shows from which column a text can't be taken."""

    column: int | None = None

    def highlight(self, text: RichText) -> None:
        """Underline and reverse the word at the column."""
        if self.column is not None:
            rest = text.plain[self.column :]
            text.stylize("underline reverse", self.column, self.column + max(1, len(rest.split(" ", 1)[0])))


class _Line(Horizontal):
    """What the bar shows. Where that takes more lines they lie over what is above, which stays as it is."""

    def on_resize(self, event: events.Resize) -> None:
        """Keep the last line where the bar is."""
        self.styles.offset = (0, 1 - event.size.height)


class PromptBar(Widget, can_focus=True):
    """A line that shows another widget until it asks something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]
    DEFAULT_CSS = """
    PromptBar {
        height: 1; width: 1fr; background: $panel;
        & > _Line { overlay: screen; width: 100%; height: auto; max-height: 3; background: $panel; }
        & .prompt--question, & .prompt--note, & Input { display: none; }
        & .prompt--question { text-style: bold; }
        & .prompt--note { color: $error; text-style: bold; }
        & Input, & Input:focus { width: 1fr; background: $panel; background-tint: $panel 0%; }
        &.-asking .prompt--question { display: block; }
        &.-asking .prompt--idle { display: none; }
        &.-typing Input { display: block; }
        &.-faulty .prompt--note { display: block; }
        &:ansi, &:ansi > _Line { background: ansi_default; }
        &:ansi Input, &:ansi Input:focus { background: ansi_default; }
        &:ansi .input--cursor { text-style: reverse; background: ansi_default; color: ansi_default; }
    }
    """

    def __init__(self, idle: Widget, *, id: str | None = None) -> None:
        """Make a bar that shows `idle`, a widget of one line, while nothing is asked."""
        super().__init__(id=id)
        idle.add_class("prompt--idle")
        self.idle = idle
        self.can_focus = False
        self._marker = _FaultMarker()
        self._question = OneLine(most=LINES, classes="prompt--question")
        self._note = OneLine(most=LINES, classes="prompt--note")
        self._input = Input(compact=True, highlighter=self._marker, select_on_focus=False)
        self._input.cursor_blink = False
        self._prompt: Prompt[Any] | None = None
        self._answer: Future[Any] | None = None
        self._back: Widget | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is shown while idle and while asking."""
        with _Line():
            yield self.idle
            yield self._question
            yield self._input
            yield self._note

    @property
    def asking(self) -> bool:
        """Whether something is being asked."""
        return self._prompt is not None

    @property
    def words(self) -> str:
        """What the bar says: the question, what is typed, and what is wrong with it."""
        return " ".join(filter(None, (self._question.text[0], self._input.value, self._note.text[0])))

    async def ask(self, prompt: Prompt[Answer]) -> Answer | None:
        """Ask, and return the answer, or None when the person leaves with Esc or another question takes its place.

        Must be awaited in a worker (`@work` without `thread`), else the screen would wait for itself: raises
        NoActiveWorker elsewhere.
        """
        get_current_worker()
        self._give(None)
        answer: Future[Answer | None] = get_running_loop().create_future()
        if self._prompt is None:
            self._back = self.screen.focused
        self._prompt, self._answer = prompt, answer
        self._open(prompt)
        try:
            return await answer
        finally:
            if self._answer is answer:
                self._close()

    def action_leave(self) -> None:
        """Answer with nothing."""
        self._give(None)

    def action_complete(self) -> None:
        """Take the suggestion."""
        self._input.action_end()
        self._input.action_cursor_right()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep printable keys from every binding while a question waits for one."""
        return isinstance(self._prompt, KeyPrompt) and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Answer a question that waits for a key; keep other keys from the screen, but for Esc and ctrl."""
        if isinstance(self._prompt, KeyPrompt) and event.key != "escape" and not event.key.startswith("ctrl+"):
            event.stop()
            event.prevent_default()
            answer = self._prompt.answer(event.character or event.key)
            if answer is not None:
                self._give(answer)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is wrong with the text, else let the view follow it."""
        event.stop()
        if isinstance(self._prompt, TextPrompt) and not self._shows_fault(event.value) and self._prompt.changed:
            self._prompt.changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the text, where it has no fault and is an answer."""
        event.stop()
        if isinstance(self._prompt, TextPrompt) and not self._shows_fault(event.value):
            answer = self._prompt.answer(event.value)
            if answer is not None:
                self._give(answer)

    def on_resize(self) -> None:
        """Share the other width."""
        self._share_width()

    def show_fault(self, fault: Fault | None) -> None:
        """Show what is wrong with the text, and where; None takes it away."""
        self._marker.column = None if fault is None else fault.column
        place = "" if fault is None or fault.column is None else f"column {fault.column + 1}: "
        self._note.put(Content("") if fault is None else Content(place) + fault.words)
        self.set_class(fault is not None, "-faulty")
        self._share_width()
        self._input.refresh()

    def _shows_fault(self, text: str) -> bool:
        assert isinstance(self._prompt, TextPrompt)
        fault = self._prompt.fault(text)
        self.show_fault(fault)
        return fault is not None

    def _give(self, answer: object) -> None:
        """Answer the question that is open."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _open(self, prompt: Prompt[Any]) -> None:
        """Show a question and take the keys."""
        self._question.put(prompt.line())
        typing = isinstance(prompt, TextPrompt)
        self.set_class(True, "-asking")
        self.set_class(typing, "-typing")
        self.show_fault(None)
        if isinstance(prompt, TextPrompt):
            with self.prevent(Input.Changed):
                self._input.value = prompt.value
            self._input.suggester = prompt.suggester
            self._input.cursor_position = len(prompt.value)
            self.screen.set_focus(self._input, scroll_visible=False)
        else:
            self.can_focus = True
            self.screen.set_focus(self, scroll_visible=False)

    def _close(self) -> None:
        """Show the idle widget again and give the keys back to where they were."""
        self._prompt = self._answer = None
        self.remove_class("-asking", "-typing", "-faulty")
        with self.prevent(Input.Changed):
            self._input.value = ""
        back, self._back = self._back, None
        if back is not None and back.is_attached:
            # At once, not later as `focus` does: the next question must find the keys where they belong.
            self.screen.set_focus(back, scroll_visible=False)
        elif self.is_attached:
            self.screen.set_focus(None)
        self.can_focus = False

    def _share_width(self) -> None:
        """Give the question what it needs, then the note up to half, and the text what is left."""
        if self._prompt is None or not self.size.width:
            return
        room = self.size.width - (self._prompt.ROOM if isinstance(self._prompt, TextPrompt) else 0)
        question = min(self._prompt.line().cell_length + 1, room)
        note = min(cell_len(self._note.text[0]), self.size.width // 2, room - question)
        self._question.styles.width = question if isinstance(self._prompt, TextPrompt) else room
        self._note.styles.width = note if self.has_class("-faulty") else 0
