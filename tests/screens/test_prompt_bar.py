from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import ListItem, ListView
from textual.worker import NoActiveWorker

from widgets.prompt_bar import PromptBar
from widgets.prompts import Choice, Choose, Confirm, ConfirmCount, Fault, Filter, PathText, Prompt, Text, complete_path
from widgets.status_line import Status, StatusLine

SIZE = (80, 24)
UNANSWERED = object()


class Asking(App[None]):
    """A list with a prompt bar; verbs on plain letters must not fire while a question is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "verb('y')", "Copy"),
        Binding("n", "verb('n')", "Next"),
        Binding("S", "verb('S')", "Send"),
        Binding("enter", "verb('enter')", "Open", priority=False),
        Binding("colon", "verb('colon')", "Palette", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self.verbs: list[str] = []
        self.answer: Any = UNANSWERED

    def compose(self) -> ComposeResult:
        yield ListView(ListItem())
        yield PromptBar(StatusLine(), id="prompt")

    def on_mount(self) -> None:
        self.query_one(StatusLine).show(Status(312, marked=12, last=Content("accepted 12 addresses · u")))

    @property
    def bar(self) -> PromptBar:
        return self.query_one(PromptBar)

    def action_verb(self, name: str) -> None:
        self.verbs.append(name)

    def put(self, prompt: Prompt[Any]) -> None:
        async def ask() -> None:
            self.answer = await self.bar.ask(prompt)

        self.answer = UNANSWERED
        self.run_worker(ask(), exit_on_error=False)


def line_of(app: App[None]) -> str:
    return app.screen._compositor.render_strips()[-1].text.rstrip()


async def pressed(pilot: Pilot[None], app: Asking, prompt: Prompt[Any], *keys: str) -> Any:
    app.put(prompt)
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()
    return app.answer


async def test_esc_leaves_every_question_with_no_answer_and_gives_the_keys_back() -> None:
    app = Asking()
    questions: list[Prompt[Any]] = [
        Confirm(Content("Accept?")),
        ConfirmCount(Content("Send 2?"), count=2, verb="send"),
        Choose(Content("Export:"), choices=[Choice("c", Content("csv"))]),
        Text(Content("Note:")),
        Filter(Content("/")),
        PathText(Content("File:")),
    ]
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        before = line_of(app)
        assert before.startswith("312 shown · 12 marked")
        for prompt in questions:
            app.query_one(ListView).focus()
            assert await pressed(pilot, app, prompt) is UNANSWERED
            assert line_of(app).startswith(prompt.line().plain)
            await pilot.press("escape")
            await pilot.pause()
            assert app.answer is None
            assert app.screen.focused is app.query_one(ListView)
            assert line_of(app) == before


async def test_yes_and_no_are_said_by_their_keys_alone_and_no_verb_hears_them() -> None:
    app = Asking()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        question = Confirm(Content("Accept [12] addresses?"))
        assert await pressed(pilot, app, question, "enter", "space", "S", "colon", "Y", "tab") is UNANSWERED
        assert line_of(app) == "Accept [12] addresses? y/n"
        await pilot.press("y")
        await pilot.pause()
        assert app.answer is True
        assert await pressed(pilot, app, question, "n") is False
        assert app.verbs == []
        await pilot.press("y")
        assert app.verbs == ["y"]


async def test_what_cannot_be_taken_back_needs_its_number_typed_whole() -> None:
    app = Asking()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        question = ConfirmCount(Content("Send 212 orders to Cedar Mills?"), count=212, verb="send")
        assert await pressed(pilot, app, question, "enter", "y", "enter") is UNANSWERED
        assert "Send 212 orders to Cedar Mills? type 212 to send, Esc to leave" in line_of(app)
        assert "not 212" in line_of(app)
        await pilot.press("backspace", *"21", "enter")
        assert app.answer is UNANSWERED
        await pilot.press("2", "enter")
        await pilot.pause()
        assert app.answer == 212
        assert app.verbs == []


async def test_a_choice_is_one_of_its_keys() -> None:
    app = Asking()
    choices = [Choice("c", Content("csv")), Choice("t", Content("tsv")), Choice("j", Content("json lines"))]
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert await pressed(pilot, app, Choose(Content("Export:"), choices=choices), "x", "enter") is UNANSWERED
        assert line_of(app) == "Export: c csv  t tsv  j json lines"
        await pilot.press("t")
        await pilot.pause()
        assert app.answer == "t"


async def test_a_filter_is_followed_while_it_is_typed_and_its_fault_is_pointed_at() -> None:
    app = Asking()
    heard: list[str] = []

    def check(text: str) -> Fault | None:
        return Fault(Content(f"unknown field '{text[6:10]}'"), 6) if "stge" in text else None

    async with app.run_test(size=SIZE, notifications=True) as pilot:
        prompt = Filter(Content("/"), value="late:", check=check, changed=heard.append)
        assert await pressed(pilot, app, prompt, *"y stge") is UNANSWERED
        assert heard == ["late:y", "late:y ", "late:y s", "late:y st", "late:y stg"]
        assert line_of(app).startswith("/ late:y stge")
        assert line_of(app).endswith("column 7: unknown field ' stg'")
        await pilot.press("enter")
        assert app.answer is UNANSWERED
        await pilot.press("backspace", "backspace", "backspace", "backspace", "backspace", "enter")
        await pilot.pause()
        assert app.answer == "late:y"


async def test_a_path_is_completed_by_tab(tmp_path: Path) -> None:
    (tmp_path / "backers").mkdir()
    (tmp_path / "backers" / "late [2].csv").write_text("")
    app = Asking()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.put(PathText(Content("File:"), value=f"{tmp_path}/"))
        await pilot.pause()
        await pilot.press("b")
        while not app.bar._input._suggestion:
            await pilot.pause(0.01)
        await pilot.press("tab")
        while app.bar._input._suggestion != f"{tmp_path}/backers/late [2].csv":
            await pilot.pause(0.01)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.answer == f"{tmp_path}/backers/late [2].csv"
    assert complete_path(f"{tmp_path}/nothing/x") is None


async def test_a_second_question_takes_the_place_of_the_first() -> None:
    app = Asking()
    answers: list[tuple[str, bool | None]] = []

    async def ask(name: str) -> None:
        answers.append((name, await app.bar.ask(Confirm(Content(name)))))

    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.run_worker(ask("first"))
        await pilot.pause()
        app.run_worker(ask("second"))
        await pilot.pause()
        assert answers == [("first", None)]
        assert line_of(app) == "second y/n"
        await pilot.press("y")
        await pilot.pause()
        assert answers == [("first", None), ("second", True)]
        assert not app.bar.asking


async def test_asking_outside_a_worker_is_refused_at_once() -> None:
    app = Asking()
    async with app.run_test(size=SIZE, notifications=True):
        with pytest.raises(NoActiveWorker):
            await app.bar.ask(Confirm(Content("Sure?")))
        assert not app.bar.asking


async def test_the_keys_go_back_to_the_list_after_two_questions_in_a_row() -> None:
    app = Asking()

    async def ask_twice() -> None:
        await app.bar.ask(Choose(Content("Hold for"), choices=[Choice("a", Content("address"))]))
        app.answer = await app.bar.ask(Text(Content("Why?")))

    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.query_one(ListView).focus()
        app.run_worker(ask_twice(), exit_on_error=False)
        await pilot.pause()
        await pilot.press("a", "x", "enter")
        await pilot.pause()
        assert app.answer == "x"
        assert app.screen.focused is app.query_one(ListView)


async def test_choices_too_many_for_a_line_take_more_lines_and_none_is_cut_or_torn() -> None:
    app = Asking()
    kinds = ["missing item", "wrong item", "damaged", "not received", "returned to sender", "address", "lost", "stuck"]
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        before = line_of(app)
        for words in ("Issue:", "Problem:", "Trouble:"):
            choices = [Choice(str(at), Content(kind)) for at, kind in enumerate(kinds)]
            assert await pressed(pilot, app, Choose(Content(words), choices=choices)) is UNANSWERED
            lines = [strip.text for strip in app.screen._compositor.render_strips()][-2:]
            assert lines[0].startswith(words)
            for at, kind in enumerate(kinds):
                assert any(f"{at} {kind}" in line for line in lines)
            await pilot.press("escape")
            await pilot.pause()
            assert line_of(app) == before
            assert app.bar.size.height == 1
