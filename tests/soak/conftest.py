"""Writes what the soak showed into a page: `make soak` gives its path."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak-report", type=Path, help="write what the soak showed to this Markdown page")


def pytest_configure(config: pytest.Config) -> None:
    page: Path | None = config.getoption("--soak-report", default=None)
    if page is not None:
        config.pluginmanager.register(_Page(page.resolve()))


class _Page:
    """Gathers what every process of the run reports, and writes it at the end."""

    def __init__(self, page: Path) -> None:
        self._page = page
        self._reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self._reports.append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            self._write()

    def _write(self) -> None:
        lines = [
            "# Soak",
            "",
            f"The full numbers of the promises, run {datetime.now(UTC):%Y-%m-%d} by `make soak` on {platform.system()}"
            f" {platform.machine()}, Python {platform.python_version()}.",
            "",
            "| what was shown | facts | result | seconds |",
            "| --- | --- | --- | --- |",
        ]
        for report in sorted(self._reports, key=lambda each: each.nodeid):
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            facts = "; ".join(f"{key}: {value}" for key, value in report.user_properties)
            lines.append(f"| {name} | {facts} | {report.outcome} | {report.duration:.0f} |")
        self._page.write_text("\n".join(lines) + "\n", encoding="utf-8")
