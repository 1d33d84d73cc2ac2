"""Words and phrases against the search index, quoted so that nothing of its query language leaks in.

Source: SQLite FTS5 documentation, section 3 (a string in double quotes is a phrase whatever it holds).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from data.orders.conditions import Condition, Stream
from data.orders.filters import Value

_ALL = "s.name || ' ' || s.email || ' ' || s.number || ' ' || s.tracking || ' ' || s.address"


def search_orders(values: Iterable[Value], column: str = "o.id") -> Condition | None:
    """Return the condition that an order has all these words; the last bare one may be the beginning of a word.

    None when there are no words. `column` is the column with the order's id.
    """
    listed = list(values)
    last = next((each for each in reversed(listed) if not each.quoted), None)
    phrases = [phrase(each.text, prefix=each is last) for each in listed if has_token(each.text)]
    signs = [each.text for each in listed if not has_token(each.text)]
    if not phrases:
        return _having(signs, column) if signs else None
    found = match(" AND ".join(phrases), column)
    if signs:
        # What the index has no word for, such as an emoji, is looked up among what the words left.
        extra = _having(signs, column)
        stream = found.streams[0]
        text = " AND ".join(f"instr({_ALL}, ?) > 0" for _ in signs).replace("s.", "order_search.")
        streams = (Stream(stream.source, stream.key, f"{stream.where} AND {text}", (*stream.parameters, *signs)),)
        return Condition(f"{found.sql} AND {extra.sql}", (*found.parameters, *extra.parameters), streams)
    return found


def search_column(name: str, value: Value, column: str = "o.id") -> Condition:
    """Return the condition that one column of the index (name, email, number, tracking, address) has the value."""
    if not has_token(value.text):
        return Condition(
            f"{column} IN (SELECT s.rowid FROM order_search s WHERE instr(s.{name}, ?) > 0)", (value.text,)
        )
    return match(f"{name} : {phrase(value.text, prefix=not value.quoted)}", column)


def match(query: str, column: str = "o.id") -> Condition:
    """Return the condition that an order answers a query of the index."""
    return Condition(
        f"{column} IN (SELECT rowid FROM order_search WHERE order_search MATCH ?)",
        (query,),
        (Stream("order_search", "order_search.rowid", "order_search MATCH ?", (query,)),),
    )


def phrase(text: str, *, prefix: bool) -> str:
    """Quote text as a phrase of the index; with `prefix` its last word may go on.

    One ASCII letter or digit alone is taken as a whole word: it begins a good part of all words there are.
    """
    quoted = '"' + text.replace('"', '""') + '"'
    word = text.strip()
    return f"{quoted} *" if prefix and not (len(word) == 1 and word.isascii()) else quoted


def has_token(text: str) -> bool:
    """Tell whether the index sees a word in it (its tokenizer keeps letters, digits and private characters)."""
    return any(unicodedata.category(each)[0] in "LN" or unicodedata.category(each) == "Co" for each in text)


def _having(signs: list[str], column: str) -> Condition:
    text = " AND ".join(f"instr({_ALL}, ?) > 0" for _ in signs)
    return Condition(f"{column} IN (SELECT s.rowid FROM order_search s WHERE {text})", tuple(signs))
