"""Which topic of a warehouse's agreement an issue is about."""

from __future__ import annotations

from data.issues.rows import IssueRow
from data.model import IssueType
from data.policy import Policy, agreed_line

TOPIC_OF: dict[str, str] = {
    IssueType.MISSING_ITEM: "missing",
    IssueType.WRONG_ITEM: "missing",
    IssueType.DAMAGED: "damaged",
    IssueType.LOST: "lost",
    IssueType.NOT_RECEIVED: "lost",
    IssueType.STUCK: "lost",
    IssueType.RETURNED: "returns",
    IssueType.ADDRESS: "address_fixes",
}
"""By the issue's type; the others are about nothing that is agreed on beforehand."""


def issue_agreed(policy: Policy, row: IssueRow) -> str:
    """Say what is agreed with the issue's warehouse on what went wrong; nothing where no topic covers it."""
    topic = TOPIC_OF.get(row.type)
    return agreed_line(policy, row.warehouse, topic) if topic else ""
