"""Writes what the soak showed into a page: `make soak` gives its path."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

_REPORTS = pytest.StashKey[list[pytest.TestReport]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak-report", type=Path, help="write what the soak showed to this Markdown page")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_REPORTS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    assert isinstance(report, pytest.TestReport)
    if report.when == "call" or report.outcome != "passed":
        item.config.stash[_REPORTS].append(report)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    page: Path | None = session.config.getoption("--soak-report")
    if page is None:
        return
    lines = [
        "# Soak",
        "",
        f"The full numbers of the promises, run {datetime.now(UTC):%Y-%m-%d} by `make soak` on {platform.system()}"
        f" {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| what was shown | facts | result | seconds |",
        "| --- | --- | --- | --- |",
    ]
    for report in session.config.stash[_REPORTS]:
        name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        facts = "; ".join(f"{key}: {value}" for key, value in report.user_properties)
        lines.append(f"| {name} | {facts} | {report.outcome} | {report.duration:.0f} |")
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
