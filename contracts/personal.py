"""Personal data: what a field holds in plain, whose it is, and what reaches a topic instead.

A field declared ``Annotated[Sealed, Personal(Text, subject="case")]`` is filled in as ``Text`` at the
form and is on the log only as ciphertext under the data key of its subject (invariant 14).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from contracts.base import Identifier, Message

SubjectRole = Literal[
    "case",
    "reporter",
    "person",
    "subject",
    "representatives",
    "concerned",
    "party_a",
    "party_b",
    "party",
    "interpreter",
    "donor",
    "applicant",
    "proxy",
    "objector",
    "helper",
]
"""Whose data a field is: of the case as a whole, of who lodged it, of a member of staff, of the data subject
that the command is about, of those who speak for petitioners or a party, of the person that a case concerns, of a
mediation's first two parties or a further one, of an interpreter, of who gave to a fund, of who applies for aid
or speaks for them, of who objects to it, or of who helps in a pair."""


class Sealed(Message):
    """Ciphertext under a data subject's key: AES-256-GCM, nonce first, in base64.

    `text`: which text of its subject it is, where that has a key of its own (ADR 0016): it opens by that key,
    which goes alone or with the subject's.
    """

    subject: Identifier
    text: Identifier | None = None
    sealed: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+=*$", max_length=60_000)]


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a `Sealed` field: `plain` is its type before sealing, `subject` whose it is.

    `apart`: it has a text key besides, so that it can be redacted without the rest of its subject's data;
    fields of one message with the same word here share that key. Blank: it has none.
    """

    plain: Any
    subject: SubjectRole
    apart: str = ""


@cache
def personal_fields(model: type[BaseModel]) -> dict[str, Personal]:
    """The personal fields of a message model, by name."""
    return {
        name: mark
        for name, field in model.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Personal)
    }


def plain_model(model: type[Message], carried: frozenset[str] = frozenset()) -> type[BaseModel]:
    """The same message before sealing: its personal fields in their plain types, but for those `carried` as sealed.

    A field that may be None stays so. The result is frozen and closed to unknown fields.
    """
    personal = {name: mark for name, mark in personal_fields(model).items() if name not in carried}
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name not in personal:
            fields[name] = (field.rebuild_annotation(), field)
            continue
        plain = personal[name].plain
        required = field.is_required()
        fields[name] = (plain, ...) if required else (plain | None, field.default)
    return create_model(
        f"Plain{model.__name__}",
        __config__=ConfigDict(frozen=True, extra="forbid", strict=True),
        **fields,
    )
