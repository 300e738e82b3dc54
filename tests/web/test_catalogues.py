"""Every text of the pages is there in both languages."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from web.catalogues import Review, refresh, review
from web.i18n import LANGUAGES, LOCALE_DIR, load_translations
from web.words import refusal_sentences

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "web", ROOT / "services", ROOT / "barograph")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def of_everything() -> Review:
    """The review of all catalogues against all sources."""
    catalogues = {path for source in SOURCES for path in source.rglob("locale") if path != LOCALE_DIR}
    return review(SOURCES, [LOCALE_DIR, *sorted(catalogues)], extra=refusal_sentences())


def test_every_text_has_a_chinese_translation() -> None:
    """No text in web/, services/ or barograph/, and no reason of a refusal, lacks its Chinese translation."""
    assert of_everything().untranslated == ()


def test_no_translation_is_left_over() -> None:
    """No catalogue translates what nobody says any more."""
    assert of_everything().obsolete == ()


def test_translations_keep_their_placeholders() -> None:
    """Every translation has the placeholders of its message, and none is marked as a guess."""
    assert of_everything().faulty == ()


@pytest.mark.parametrize("source", sorted(ROOT.glob("web/templates/*.html")), ids=lambda path: path.name)
def test_templates_hold_no_chinese(source: Path) -> None:
    """Chinese text stands in the catalogues, not in templates."""
    assert not CHINESE.search(source.read_text("utf-8"))


def write(folder: Path, python: str = "", template: str = "", catalogue: str = "") -> Review:
    """Review a small folder of sources with this content."""
    po = folder / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
    po.parent.mkdir(parents=True)
    po.write_text(catalogue, "utf-8")
    (folder / "page.py").write_text(python, "utf-8")
    (folder / "page.html").write_text(template, "utf-8")
    return review([folder], [folder / "locale"])


def test_untranslated_text_of_a_template_is_named(tmp_path: Path) -> None:
    """A text in a template without a translation is reported with its file and line."""
    found = write(tmp_path, template='{{ _("Hello") }}')
    assert found.untranslated == (f"'Hello' ({tmp_path.name}/page.html:1)",)


def test_untranslated_text_of_python_is_named(tmp_path: Path) -> None:
    """A text marked in Python without a translation is reported with its file and line."""
    found = write(tmp_path, python='x = N_("Hello")')
    assert found.untranslated == (f"'Hello' ({tmp_path.name}/page.py:1)",)


def test_blank_translation_counts_as_none(tmp_path: Path) -> None:
    """A catalogue entry without a text does not translate anything."""
    found = write(tmp_path, python='N_("Hello")', catalogue='msgid "Hello"\nmsgstr ""\n')
    assert len(found.untranslated) == 1


def test_obsolete_translation_is_named(tmp_path: Path) -> None:
    """A translation of what no source says is reported."""
    assert write(tmp_path, catalogue='msgid "Gone"\nmsgstr "没了"\n').obsolete == ("'Gone'",)


def test_lost_placeholder_is_named(tmp_path: Path) -> None:
    """A translation that drops a placeholder is reported."""
    catalogue = '#, python-format\nmsgid "%(n)s left"\nmsgstr "还有"\n'
    assert write(tmp_path, python='_("%(n)s left")', catalogue=catalogue).faulty == ("'%(n)s left'",)


def test_refresh_keeps_translations(tmp_path: Path) -> None:
    """Bringing a catalogue up to date adds what is new, drops what is gone and keeps the rest."""
    write(
        tmp_path,
        python='N_("Old"), N_("New")',
        catalogue='msgid "Old"\nmsgstr "旧"\n\nmsgid "Gone"\nmsgstr "没"\n',
    )
    refresh(tmp_path)
    found = review([tmp_path], [tmp_path / "locale"])
    assert [len(part) for part in found] == [1, 0, 0]


def test_services_bring_their_own_catalogues(tmp_path: Path) -> None:
    """A further folder's translations are merged with the kit's; of two the later one holds."""
    write(tmp_path, catalogue='msgid "Sign in"\nmsgstr "进来"\n\nmsgid "Hello"\nmsgstr "你好"\n')
    merged = load_translations(LOCALE_DIR, tmp_path / "locale")["zh-CN"]
    assert [merged.gettext(text) for text in ("Sign in", "Hello", "Sign out")] == ["进来", "你好", "退出"]


def test_every_language_has_translations() -> None:
    """There are translations for each language of the switch; English ones give the message itself."""
    translations = load_translations(LOCALE_DIR)
    assert set(translations) == set(LANGUAGES)
    assert translations["en"].gettext("Sign in") == "Sign in"


def test_a_text_has_one_translation() -> None:
    """Catalogues are loaded together: a text that several of them translate is the same in each."""
    found: dict[tuple[str, str | None], set[str]] = {}
    for source in SOURCES:
        for path in source.rglob("messages.po"):
            for message in read_po(BytesIO(path.read_bytes())):
                if message.id:
                    found.setdefault((str(message.id), message.context), set()).add(str(message.string))
    assert {key: words for key, words in found.items() if len(words) > 1} == {}
