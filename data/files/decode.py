"""Which characters a file's bytes are: detected by reading all of it once, in pieces, before any row is believed."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from data.files.source import Source
from data.model import InputError
from data.text import visible

_PIECE = 1 << 20
_LONGEST_LINE = 8 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CODE_PAGE = "cp1252"
"""What Excel on Windows writes in western Europe and America when it is asked for plain CSV."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is read, and why."""

    name: str
    lines: int
    """Physical lines, for progress; a record can have several."""
    note: str = ""
    """What the person should know: that a code page was assumed."""


def detect(source: Source, encoding: str | None = None) -> Encoding:
    """Find a file's encoding: a byte order mark, else UTF-8, else the code page 1252; or use the one asked for.

    Raises InputError, with file and line, for an empty file, an unknown encoding, bytes the encoding does not have, a
    NUL character, a line of more than 8 MiB, and a file that is UTF-8 but for a few bytes (guessing would garble it).
    """
    with source.open() as stream:
        start = stream.read(4)
    if not start:
        raise InputError(f"{source.name}: is empty")
    marked = next((name for mark, name in _BOMS if start.startswith(mark)), None)
    if encoding is not None:
        name = _known(encoding)
        return Encoding("utf-8-sig" if name == "utf-8" else name, _scan(source, name))
    if marked is not None:
        return Encoding(marked, _scan(source, marked))
    if start[1:2] == b"\0" or start[0:1] == b"\0":
        name = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        return Encoding(name, _scan(source, name), f"read as {name}: every other byte is empty")
    try:
        return Encoding("utf-8", _scan(source, "utf-8"))
    except _NotTextError as error:
        if error.proven:
            raise
        lines = _scan(source, CODE_PAGE)
        note = f"is not UTF-8 (line {error.line}); read as {CODE_PAGE}. If names look wrong, choose another encoding"
        return Encoding(CODE_PAGE, lines, note)


@contextmanager
def open_text(source: Source, encoding: str) -> Iterator[TextIO]:
    """Open as a stream of characters with line ends left alone, as the csv module needs; decoding is strict."""
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="") as text:
        try:
            yield text
        except UnicodeError as error:
            raise InputError(f"{source.name}: can't be read as {encoding}; was it changed meanwhile?") from error


def preview(source: Source, encodings: list[str], lines: int = 8) -> dict[str, list[str]]:
    """Show the first lines that have something beyond ASCII (else the first lines) as each encoding reads them.

    For a person to choose by eye, so undecodable bytes show as a sign instead of an error. Every line is safe to show.
    """
    with source.open() as stream:
        head = stream.read(_PIECE)
    shown: dict[str, list[str]] = {}
    for encoding in encodings:
        text = head.decode(_known(encoding), errors="replace").removeprefix("\ufeff").splitlines()
        telling = [line for line in text if not line.isascii()] or text
        shown[encoding] = [visible(line[:200]) for line in telling[:lines]]
    return shown


class _NotTextError(InputError):
    """Bytes that an encoding does not have."""

    def __init__(self, message: str, line: int, proven: bool) -> None:
        """Keep the line, and whether the file had proven itself to be in this encoding before."""
        super().__init__(message)
        self.line = line
        self.proven = proven


def _known(encoding: str) -> str:
    """Return Python's name of an encoding; raises InputError for one it does not have."""
    try:
        # str.encode, unlike codecs.lookup, refuses what is no encoding of text.
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise InputError(f"“{visible(encoding)}” is not an encoding; try utf-8, cp1252, mac-roman or utf-16") from error


def _scan(source: Source, encoding: str) -> int:
    """Decode a whole file in pieces, count its lines, and refuse what can't be a table."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    wide = "utf-16" in encoding
    lines, since, beyond_ascii = 1, 0, False
    with source.open() as stream:
        while True:
            piece = stream.read(_PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeError as error:
                raise _undecodable(source, encoding, lines, beyond_ascii, error) from error
            if "\0" in text:
                line = lines + _ends(text[: text.index("\0")])
                raise InputError(f"{source.name}, line {line}: has a NUL character; this is not a text file")
            beyond_ascii = beyond_ascii or (not wide and not text.isascii())
            ends = _ends(text)
            since = since + len(text) if not ends else len(text)
            if since > _LONGEST_LINE:
                raise InputError(f"{source.name}, line {lines}: is longer than 8 MiB; this is not a table")
            lines += ends
            if not piece:
                return lines


def _ends(text: str) -> int:
    """Count line ends of any kind; a carriage return alone counts only where no line feed is used."""
    return text.count("\n") or text.count("\r")


def _undecodable(source: Source, encoding: str, lines: int, proven: bool, error: UnicodeError) -> _NotTextError:
    """Say where the bytes stop being text; `proven` when characters beyond ASCII had been read before them."""
    line, what = lines, "bytes"
    if isinstance(error, UnicodeDecodeError):
        good = error.object[: error.start]
        line += good.count(b"\n") or good.count(b"\r")
        what = f"byte 0x{error.object[error.start]:02x}"
        proven = proven or not good.isascii()
    hint = "mend the line, or choose an encoding" if proven else "choose an encoding"
    return _NotTextError(f"{source.name}, line {line}: {what} can't be read as {encoding}; {hint}", line, proven)
