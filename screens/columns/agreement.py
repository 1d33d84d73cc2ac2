"""What is agreed with a warehouse, as lines of a detail pane: what is open first."""

from __future__ import annotations

from textual.content import Content

from data.policy import TOPICS, Policy
from screens.columns.text import QUIET, WARN, plain
from widgets.detail import Section


def agreement_section(policy: Policy, code: str) -> Section | None:
    """Return what is agreed with a warehouse, or None for one that is not in the policy."""
    settings = policy.find(code)
    if settings is None:
        return None
    lines: list[Content] = []
    if open_topics := settings.open_topics():
        words = ", ".join(TOPICS[each].words for each in open_topics)
        lines.append(Content.styled(f"? not agreed: {words}", WARN))
        lines.append(plain(f"  lastcall warehouse plan {code} asks for them", QUIET))
    lines += [plain(f"{TOPICS[topic].words}: {agreed.line()}") for topic, agreed in settings.agreement.items()]
    return Section(Content.assemble("Agreed with ", plain(settings.name)), lines)
