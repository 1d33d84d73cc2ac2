"""Formats: what is known of a platform's file, one TOML file each: ours beside this module, a team's in its folder."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from data.files.columns import Columns, fold
from data.intake.keys import Keys
from data.model import WorkspaceError
from data.text import visible

FIELDS = frozenset((
    "backer_uid", "backer_number", "name", "email", "tier", "reward_id", "reward_minimum", "amount", "shipping",
    "bonus", "pledged_at", "survey_at", "status", "notes", "shipping_country", "address_name", "company", "line1",
    "line2", "city", "region", "postcode", "country", "country_name", "phone",
))  # fmt: skip
"""What `[fields]` may name."""
KINDS = ("item", "addon", "sku", "question")
"""What a column that is no field can be: a quantity of something, or a question of the survey."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One of the shapes a platform has given its file over the years."""

    name: str
    words: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """What the columns are that no field names."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]
    after: tuple[str, ...]
    before: tuple[str, ...]
    between: str
    """The kind of what stands between a column of `after` and one of `before`."""
    numbers: str
    """Where there is no such place: the kind of what holds only small whole numbers in the first rows."""
    otherwise: str


@dataclass(frozen=True, slots=True)
class Format:
    """How one platform's file is recognised and read."""

    id: str
    name: str
    platform: str
    require: tuple[tuple[str, ...], ...]
    identity: tuple[tuple[str, ...], ...]
    blank: tuple[str, ...]
    answers: tuple[str, ...]
    ignored: tuple[str, ...]
    example_row: bool
    generations: tuple[Generation, ...]
    fields: dict[str, tuple[str, ...]]
    cancelled: tuple[str, ...]
    unpaid: tuple[str, ...]
    paid: tuple[str, ...]
    cancelled_when: tuple[tuple[str, tuple[str, ...]], ...]
    extras: Extras
    tier_in_file_name: re.Pattern[str] | None

    def known(self) -> set[str]:
        """Return the folded names of all columns the format knows."""
        names = [*self.answers, *self.ignored, *(each for group in self.require for each in group)]
        names += [each for aliases in self.fields.values() for each in aliases]
        return {fold(each) for each in names}

    def missing(self, columns: Columns) -> list[str]:
        """Say which required columns a header lacks, alternatives joined by “or”."""
        return [" or ".join(group) for group in self.require if not columns.has(*group)]


def load_formats(folder: Path | None = None) -> list[Format]:
    """Load our formats and those in a workspace's `formats` folder; one there with the id of ours takes its place.

    Raises WorkspaceError naming file and key for one that can't be used, and for two of one id in the folder.
    """
    found: dict[str, Format] = {}
    packaged = resources.files("data.intake") / "formats"
    for entry in sorted(packaged.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".toml"):
            shape = read_format(entry.name, entry.read_bytes())
            found[shape.id] = shape
    theirs: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")) if folder else ():
        name = f"formats/{visible(path.name)}"
        try:
            shape = read_format(name, path.read_bytes())
        except OSError as error:
            raise WorkspaceError(f"{name}: can't be read: {error.strerror}") from error
        if shape.id in theirs:
            raise WorkspaceError(f"{name}, id: “{visible(shape.id)}” is used by {theirs[shape.id]} too")
        theirs[shape.id] = name
        found[shape.id] = shape
    return list(found.values())


def read_format(name: str, content: bytes) -> Format:
    """Read one format; raises WorkspaceError naming the file (`name`) and the key."""
    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{name}: is not TOML: {visible(str(error))}") from error
    keys = Keys(name, document)
    status, extras, file_name = keys.table("status"), keys.table("extras"), keys.table("file_name")
    shape = Format(
        id=keys.text("id"),
        name=keys.text("name"),
        platform=keys.text("platform"),
        require=tuple(keys.lists("require")),
        identity=tuple(keys.lists("identity", inside=FIELDS)),
        blank=keys.texts("blank", ()),
        answers=keys.texts("answers", ()),
        ignored=keys.texts("ignored", ()),
        example_row=keys.flag("example_row"),
        generations=tuple(
            Generation(each.text("name"), each.text("words"), each.texts("columns"))
            for each in keys.tables("generations")
        ),
        fields=keys.table("fields").all_texts(FIELDS),
        cancelled=status.texts("cancelled", ()),
        unpaid=status.texts("unpaid", ()),
        paid=status.texts("paid", ()),
        cancelled_when=tuple(keys.table("cancelled_when").all_texts(FIELDS).items()),
        extras=_extras(extras),
        tier_in_file_name=file_name.pattern("tier", "tier", optional=True),
    )
    for each in (keys, status, extras, file_name):
        each.refuse_unread()
    for field in ("backer_uid", "name", "email"):
        if field not in shape.fields:
            raise WorkspaceError(f"{name}, fields: {field} is missing")
    return shape


def _extras(keys: Keys) -> Extras:
    """Read the rules for columns no field names."""
    patterns = []
    for each in keys.tables("patterns"):
        pattern = each.pattern("match", "name")
        if pattern is not None:
            patterns.append((pattern, each.text("kind", KINDS)))
    otherwise = keys.text("otherwise", KINDS, "question")
    return Extras(
        tuple(patterns),
        keys.texts("after", ()),
        keys.texts("before", ()),
        keys.text("between", KINDS, otherwise),
        keys.text("numbers", KINDS, otherwise),
        otherwise,
    )
