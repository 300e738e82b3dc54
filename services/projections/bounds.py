"""What a column can hold, whatever somebody put on a topic.

What the workflow writes always fits. A record that somebody else wrote may be admitted too, and must not
stop the reader: a replay of the decisions finds it.
"""

from __future__ import annotations

_MAX_TEXT = 200
_MAX_INTEGER = 2**63 - 1


def bounded_text(text: str | None) -> str | None:
    """The text without NUL and cut to 200 characters, so that an index can hold it too."""
    if text is None or (len(text) <= _MAX_TEXT and "\0" not in text):
        return text
    return text.replace("\0", "\ufffd")[:_MAX_TEXT]


def bounded_integer(number: int) -> int:
    """The number, or the largest one of 64 bits."""
    return min(number, _MAX_INTEGER)
