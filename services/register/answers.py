"""How the register's rules answer: an event that says what its command said."""

from __future__ import annotations

from typing import Any

from contracts.base import Message
from contracts.workflow import Accepted


def accept(event: type[Message], body: Message, **more: Any) -> Accepted:
    """Accepted, with the event of the command's fields and more."""
    return Accepted((event.model_construct(**body.__dict__, **more),))
