"""The workshop of the catalogues: what the sources say, what lacks a translation, what nobody says any more.

`python -m web.catalogues FOLDER...` brings each folder's own `locale/` up to date with its sources.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.i18n import DEFAULT_LANGUAGE, LANGUAGES, LOCALE_DIR, SOURCE_LANGUAGE, catalogue_path, locale_name
from web.templating import EXTENSIONS
from web.words import refusal_sentences

METHODS = (("**.py", "python"), ("**.html", "jinja2"))
OPTIONS = MappingProxyType(
    {
        "**.html": {
            "trimmed": "true",
            "newstyle_gettext": "true",
            "silent": "false",
            "extensions": ",".join(EXTENSIONS),
        }
    }
)

_PLACEHOLDER = re.compile(r"%\((\w+)\)")


class Review(NamedTuple):
    """What is wrong with the catalogues of one language; all three are empty where nothing is.

    `untranslated`: said in a source, without a translation, with the place. `obsolete`: translated, but said
    nowhere. `faulty`: marked fuzzy, or its placeholders are not those of the message.
    """

    untranslated: tuple[str, ...]
    obsolete: tuple[str, ...]
    faulty: tuple[str, ...]


def extract(folders: Iterable[Path], extra: Iterable[str] = ()) -> Catalog:
    """Every message of the Python sources and templates under these folders, and the extra ones."""
    found = Catalog(charset="utf-8")
    for folder in folders:
        for name, line, message, _, context in extract_from_dir(folder, METHODS, OPTIONS):
            found.add(message, locations=[(f"{folder.name}/{name}", line)], context=context)
    for message in extra:
        found.add(message)
    return found


def review(
    folders: Sequence[Path],
    locale_dirs: Sequence[Path],
    *,
    extra: Iterable[str] = (),
    language: str = DEFAULT_LANGUAGE,
) -> Review:
    """Compare what the folders' sources say with the translations that these catalogues hold together."""
    said = extract(folders, extra)
    held = [message for path in locale_dirs for message in _messages(_read(path, language))]
    translated = {_key(message) for message in held if all(_strings(message))}
    spoken = {_key(message): message for message in said if message.id}
    return Review(
        untranslated=tuple(
            f"{message.id!r} ({_place(message)})" for key, message in spoken.items() if key not in translated
        ),
        obsolete=tuple(repr(message.id) for message in held if _key(message) not in spoken),
        faulty=tuple(
            repr(message.id)
            for message in held
            if message.fuzzy or message.check() or _loses_placeholder(message)
        ),
    )


def refresh(folder: Path, *, extra: Iterable[str] = (), held: Sequence[Path] = ()) -> None:
    """Rewrite the catalogues in the folder's `locale/` so that they hold what its sources say.

    New messages come in without a translation, unused ones go; the other translations stay. What the
    catalogues in the `held` folders translate already is left out.
    """
    said = extract([folder], extra)
    for language in LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        for message in (message for path in held for message in _messages(_read(path, language))):
            said.delete(message.id, message.context)
        catalogue = _read(folder / "locale", language)
        catalogue.update(said, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        written = BytesIO()
        write_po(written, catalogue, width=110, sort_output=True, omit_header=True, include_lineno=False)
        path = catalogue_path(folder / "locale", language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written.getvalue())


def main(folders: Iterable[str]) -> None:
    """Refresh the catalogues of these folders; the kit's own also holds the sentences of refusals."""
    for folder in map(Path, folders):
        if (folder / "locale").resolve() == LOCALE_DIR:
            refresh(folder, extra=refusal_sentences())
        else:
            refresh(folder, held=[LOCALE_DIR])


def _read(locale_dir: Path, language: str) -> Catalog:
    path = catalogue_path(locale_dir, language)
    source = path.read_bytes() if path.exists() else b""
    return read_po(BytesIO(source), locale=locale_name(language), abort_invalid=True)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _key(message: Message) -> tuple[str, str | None]:
    identity = message.id if isinstance(message.id, str) else message.id[0]
    return identity, message.context


def _strings(message: Message) -> Sequence[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def _loses_placeholder(message: Message) -> bool:
    said = message.id if isinstance(message.id, str) else message.id[-1]
    wanted = set(_PLACEHOLDER.findall(said))
    return any(text and set(_PLACEHOLDER.findall(text)) != wanted for text in _strings(message))


def _place(message: Message) -> str:
    return ", ".join(f"{name}:{line}" for name, line in message.locations) or "named by the caller"


if __name__ == "__main__":
    main(sys.argv[1:])
