from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path

import pytest

from data.model import WorkspaceError
from data.portals.secrets import Secret, read_secret

TOKEN = "canary-7f3a"


def _file(folder: Path, mode: int, content: str = TOKEN + "\n") -> Path:
    path = folder / "token"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_secret_shows_itself_nowhere_but_when_asked() -> None:
    secret = Secret(TOKEN)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret, repr({"key": [secret]})]  # noqa: UP031  # the old way is one of the ways
    assert not any(TOKEN in text for text in shown)
    assert secret.reveal() == TOKEN


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_pickled_or_copied(attempt: object) -> None:
    assert callable(attempt)
    with pytest.raises(TypeError, match="secret"):
        attempt(Secret(TOKEN))


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read_without_its_line_end(tmp_path: Path, mode: int) -> None:
    _file(tmp_path, mode)
    assert read_secret("file:token", tmp_path).reveal() == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_use_is_refused_with_its_mode(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path, mode)
    with pytest.raises(WorkspaceError, match=f"{mode:04o}.*chmod 600") as caught:
        read_secret(f"file:{path}", tmp_path)
    assert TOKEN not in str(caught.value)


def test_an_environment_variable_is_read_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_TOKEN", TOKEN)
    assert read_secret("env:WAREHOUSE_TOKEN", tmp_path).reveal() == TOKEN


@pytest.mark.parametrize("reference", ["env:NOT_THERE_AT_ALL", "file:missing", "file:folder", "file:pipe", "env:"])
def test_what_is_not_there_is_named(tmp_path: Path, reference: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(WorkspaceError, match="secret"):
        read_secret(reference, tmp_path)


def test_a_secret_written_in_place_of_its_reference_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read_secret(TOKEN, tmp_path)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("content", ["", "  \n", "two words", "t\u00f6ken", "a\nb", "x" * 5000])
def test_what_could_not_stand_in_a_header_is_refused_unshown(tmp_path: Path, content: str) -> None:
    _file(tmp_path, 0o600, content)
    with pytest.raises(WorkspaceError) as caught:
        read_secret("file:token", tmp_path)
    assert not content.strip() or content not in str(caught.value)
