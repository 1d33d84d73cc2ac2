"""Which parts of two values differ: by words and numbers, so that a person sees the change and not confetti.

The method is of the tools that people read differences in: whole words where most of a word changed (VS Code), one
inner span by common prefix and suffix otherwise (git diff-highlight), digits apart from letters (difftastic).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

EqualTokens = Callable[[str, str], bool]
"""Tells whether two words or numbers mean the same, as `Ave` and `Avenue` do."""

_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"\d+{_LETTER}(?!{_LETTER})|\d+|[{_CJK}]|(?:(?![{_CJK}]){_LETTER}[\u0300-\u036f\u200c\u200d]*)+|.", re.DOTALL
)
_MEANING_COST = 0.4
_WORD_WEIGHT = 3.0
_SEPARATOR_WEIGHT = 1.0
_SIMILAR = 0.6
_SIMILAR_LENGTH = 4
_BRIDGE = 2
_MOST = 0.6
_MOST_PAIRS = 4_000
"""Pairs of tokens that are weighed; longer values are marked between what they share at both ends."""
_LONGEST_LIKE = 60
"""Characters of a word; longer ones are never taken for another spelling."""


class Span(NamedTuple):
    """A part of a value, from and to in characters."""

    start: int
    end: int


class _Token(NamedTuple):
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def has_digit(self) -> bool:
        return any(character.isdigit() for character in self.text)


def tokens(text: str) -> list[str]:
    """Split text into numbers with at most one letter glued on, words, single CJK characters, single separators."""
    return _TOKEN.findall(text)


def marked_spans(old: str, new: str, whole: bool, equal: EqualTokens | None) -> tuple[list[Span], list[Span]]:
    """Return the parts of the old value that went and of the new one that came.

    `whole` takes each value as one token, as postcodes and phone numbers are.
    """
    if old == new:
        return [], []
    everything = ([Span(0, len(old))] if old else [], [Span(0, len(new))] if new else [])
    if whole or not old or not new:
        return everything
    gone, come = _differences(_tokenise(old), _tokenise(new), equal)
    gone, come = _joined(gone, old), _joined(come, new)
    if _length(gone) > _MOST * len(old) and _length(come) > _MOST * len(new):
        return everything
    return gone, come


def _tokenise(text: str) -> list[_Token]:
    return [_Token(found.group(), found.start()) for found in _TOKEN.finditer(text)]


def _length(spans: list[Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _joined(spans: list[Span], text: str) -> list[Span]:
    """Join neighbours with no more than two separators between them."""
    joined: list[Span] = []
    for span in spans:
        between = text[joined[-1].end : span.start] if joined else "x"
        if len(between) <= _BRIDGE and not any(character.isalnum() for character in between):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _differences(old: list[_Token], new: list[_Token], equal: EqualTokens | None) -> tuple[list[Span], list[Span]]:
    gone: list[Span] = []
    come: list[Span] = []
    for left, right in _aligned(old, new, equal):
        if left is not None and right is not None:
            if left.text != right.text and not _mean_the_same(left, right, equal):
                before, after = _inner(left.text, right.text)
                if before < len(left.text) - after:
                    gone.append(Span(left.start + before, left.end - after))
                if before < len(right.text) - after:
                    come.append(Span(right.start + before, right.end - after))
        elif left is not None and left.is_word:
            gone.append(Span(left.start, left.end))
        elif right is not None and right.is_word:
            come.append(Span(right.start, right.end))
    return gone, come


def _aligned(
    old: list[_Token], new: list[_Token], equal: EqualTokens | None
) -> list[tuple[_Token | None, _Token | None]]:
    """Pair the tokens at the least cost (Needleman and Wunsch); leaving one alone costs its weight."""
    rows, columns = len(old), len(new)
    if rows * columns > _MOST_PAIRS:
        return _ends_paired(old, new)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    pairs = [[_pair_cost(left, right, equal) for right in new] for left in old]
    for row in range(rows, -1, -1):
        for column in range(columns, -1, -1):
            choices = []
            if row < rows:
                choices.append(cost[row + 1][column] + _weight(old[row]))
            if column < columns:
                choices.append(cost[row][column + 1] + _weight(new[column]))
            if row < rows and column < columns and (pair := pairs[row][column]) is not None:
                choices.append(cost[row + 1][column + 1] + pair)
            cost[row][column] = min(choices, default=0.0)
    path: list[tuple[_Token | None, _Token | None]] = []
    row = column = 0
    while row < rows or column < columns:
        pair = pairs[row][column] if row < rows and column < columns else None
        if pair is not None and cost[row][column] == cost[row + 1][column + 1] + pair:
            path.append((old[row], new[column]))
            row, column = row + 1, column + 1
        elif row < rows and cost[row][column] == cost[row + 1][column] + _weight(old[row]):
            path.append((old[row], None))
            row += 1
        else:
            path.append((None, new[column]))
            column += 1
    return path


def _ends_paired(old: list[_Token], new: list[_Token]) -> list[tuple[_Token | None, _Token | None]]:
    """Pair the tokens that both begin and end with, and none between: in time that grows with their number only."""
    before, after = _inner([each.text for each in old], [each.text for each in new])
    return [
        *zip(old[:before], new[:before], strict=True),
        *((each, None) for each in old[before : len(old) - after]),
        *((None, each) for each in new[before : len(new) - after]),
        *zip(old[len(old) - after :], new[len(new) - after :], strict=True),
    ]


def _weight(token: _Token) -> float:
    return _WORD_WEIGHT if token.is_word else _SEPARATOR_WEIGHT


def _pair_cost(left: _Token, right: _Token, equal: EqualTokens | None) -> float | None:
    """Return what it costs to pair two tokens, or None where they can't be paired."""
    if left.text == right.text:
        return 0.0
    if not left.is_word or not right.is_word:
        return None
    if _mean_the_same(left, right, equal):
        return _MEANING_COST
    if left.has_digit or right.has_digit or min(len(left.text), len(right.text)) < _SIMILAR_LENGTH:
        return None
    longest = max(len(left.text), len(right.text))
    if longest > _LONGEST_LIKE:
        return None
    likeness = 1 - _distance(left.text.casefold(), right.text.casefold()) / longest
    before, after = _inner(left.text, right.text)
    if likeness < _SIMILAR or before + after < longest / 2:
        return None
    return 2 * _WORD_WEIGHT * (1 - likeness)


def _mean_the_same(left: _Token, right: _Token, equal: EqualTokens | None) -> bool:
    return left.text.casefold() == right.text.casefold() or (equal is not None and equal(left.text, right.text))


def _inner(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """Return how many characters or words two values share at the start and, beside those, at the end."""
    shortest = min(len(left), len(right))
    before = 0
    while before < shortest and left[before] == right[before]:
        before += 1
    after = 0
    while after < shortest - before and left[-1 - after] == right[-1 - after]:
        after += 1
    return before, after


def _distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours."""
    rows = [list(range(len(right) + 1))]
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            best = min(rows[-1][column] + 1, current[-1] + 1, rows[-1][column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                best = min(best, rows[-2][column - 2] + 1)
            current.append(best)
        rows.append(current)
    return rows[-1][-1]
