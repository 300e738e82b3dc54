"""Jinja environments, one for each language, with the words and formats that every template may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web import words
from web.assets import Assets
from web.formats import Formats
from web.i18n import LANGUAGES, Gettext

EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols")
TEMPLATE_DIR = Path(__file__).parent / "templates"


def environments(
    template_dirs: Sequence[Path], translations: Mapping[str, Translations], zone: ZoneInfo, assets: Assets
) -> Mapping[str, Environment]:
    """Language tag → environment over these folders and the kit's own; the first with a template gives it.

    Macros see the language without being handed it, because each language has its own environment.
    """
    loader = FileSystemLoader([*template_dirs, TEMPLATE_DIR])
    return MappingProxyType(
        {
            language: _environment(loader, held, Formats(language, zone, held), assets)
            for language, held in translations.items()
        }
    )


def translator(translations: Translations) -> Gettext:
    """A gettext that gives back the empty text as it is; gettext itself gives the catalogue's header."""
    return lambda message: translations.gettext(message) if message else ""


def _environment(
    loader: FileSystemLoader, translations: Translations, formats: Formats, assets: Assets
) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=EXTENSIONS,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        # `_` reads `%` as the start of a placeholder; `tr` translates words from data as they are.
        tr=translator(translations),
        fmt=formats,
        languages=LANGUAGES,
        static_url=assets.url,
        role_word=words.role_word,
        case_state=words.case_state,
        outcome_state=words.outcome_state,
        stability_state=words.stability_state,
    )
    return environment
