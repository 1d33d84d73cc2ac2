"""What a reply means, by the conditions of the portal's file; a reply that meets none of them is not understood."""

from __future__ import annotations

from typing import Any, NoReturn

from data.portals.declared.expression import Expression, as_text
from data.portals.declared.shape import Verdicts
from data.portals.errors import FieldError, NotUnderstood, Permanent
from data.portals.reply import Reply
from data.text import visible


class Judged:
    """A reply with the document that conditions look at: `status`, `body` (null where it is no JSON), `key`, `id`."""

    def __init__(self, verdicts: Verdicts, reply: Reply, key: str = "", remote_id: str = "") -> None:
        """Judge a reply about our `key` and the warehouse's `remote_id`."""
        self._verdicts, self.reply = verdicts, reply
        try:
            body = reply.value()
        except NotUnderstood:
            body = None
        self.document: dict[str, Any] = {"status": reply.status, "body": body, "key": key, "id": remote_id}

    @property
    def ok(self) -> bool:
        """Tell whether the portal said yes: its file's condition for it holds, and the status is 2xx."""
        return self.reply.ok and self._verdicts.ok.holds(self.document)

    @property
    def too_late(self) -> bool:
        """Tell whether the order is too far on."""
        return self._holds(self._verdicts.too_late)

    @property
    def duplicate(self) -> bool:
        """Tell whether there is one already."""
        return self._holds(self._verdicts.duplicate)

    @property
    def missing(self) -> bool:
        """Tell whether there is no such thing."""
        return self._holds(self._verdicts.missing)

    @property
    def refused(self) -> bool:
        """Tell whether it is documented to have done nothing."""
        return self._verdicts.refused.holds(self.document)

    @property
    def words(self) -> str:
        """Say why, in the portal's words."""
        fields = self._fields()
        if fields:
            return "; ".join(f"{each.field}: {each.message}" for each in fields[:10])
        said = self._verdicts.words.text_in(self.document) if self._verdicts.words else ""
        return visible(said or self.reply.head or f"status {self.reply.status}")

    def refuse(self) -> NoReturn:
        """Raise Permanent where the reply says that nothing was done, else NotUnderstood."""
        if not self.refused:
            self.reply.not_understood("nothing that this portal's file knows")
        error = Permanent(self.words, self._fields())
        error.http_status, error.reply_head = self.reply.status, self.reply.head
        raise error

    def _holds(self, condition: Expression | None) -> bool:
        return condition is not None and condition.holds(self.document)

    def _fields(self) -> tuple[FieldError, ...]:
        named = self._verdicts.fields.search(self.document) if self._verdicts.fields else None
        if not isinstance(named, list):
            return ()
        return tuple(
            FieldError(visible(as_text(each.get("field"))), visible(as_text(each.get("message"))))
            for each in named
            if isinstance(each, dict)
        )
