"""The languages of the pages: their catalogues, and which of them a visitor gets.

Message ids are the English text. Catalogues are `<dir>/<locale>/LC_MESSAGES/messages.po`, read as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import Request

from web.links import weighted

LANGUAGES: Mapping[str, str] = MappingProxyType({"zh-CN": "中文", "en": "English"})
"""Language tag → the language's own name for itself."""

DEFAULT_LANGUAGE = "zh-CN"
SOURCE_LANGUAGE = "en"
"""The language of the message ids; it needs no catalogue."""

LANGUAGE_COOKIE = "lang"
LOCALE_DIR = Path(__file__).resolve().parent / "locale"

Gettext = Callable[[str], str]
"""Turns a message id into the visitor's language."""

NGettext = Callable[[str, str, int], str]
"""Turns a message id and its plural, for a number of things, into the visitor's language."""


def N_(message: str) -> str:  # noqa: N802 - the name by which extractors know a message marked here, translated later
    """Mark a text for translation and return it unchanged."""
    return message


def locale_name(language: str) -> str:
    """The locale of a language tag: `zh-CN` → `zh_CN`."""
    return language.replace("-", "_")


def load_translations(*locale_dirs: Path) -> Mapping[str, Translations]:
    """Read and merge the catalogues of these folders: language tag → translations.

    Of two translations of one message the later folder's holds. A folder may lack a language.
    """
    return {language: _merged(language, locale_dirs) for language in LANGUAGES}


def catalogue_path(locale_dir: Path, language: str) -> Path:
    """Where a folder keeps its catalogue of a language."""
    return locale_dir / locale_name(language) / "LC_MESSAGES" / "messages.po"


def negotiate(request: Request) -> str:
    """The visitor's language: their own choice (cookie), else what the browser prefers, else the default.

    Every Chinese variant gets `zh-CN`, the only Chinese there is.
    """
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    by_primary_tag = {language.split("-")[0]: language for language in LANGUAGES}
    for entry in weighted(request.headers.get("accept-language", "")):
        found = by_primary_tag.get(entry.choice.split("-")[0])
        if found is not None:
            return found
    return DEFAULT_LANGUAGE


def _merged(language: str, locale_dirs: tuple[Path, ...]) -> Translations:
    merged = _compiled(None, language)
    for locale_dir in locale_dirs:
        path = catalogue_path(locale_dir, language)
        if path.exists():
            merged.merge(_compiled(path, language))
    return merged


def _compiled(path: Path | None, language: str) -> Translations:
    source = path.read_bytes() if path else b""
    catalogue = read_po(BytesIO(source), locale=locale_name(language), abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
