"""After a redaction its key goes, from a vault that was restored from an old copy too."""

from __future__ import annotations

from pathlib import Path

import orjson

from barograph.shredding import Shredder
from contracts.personal import Sealed
from ledger.vault import Vault
from runtime.home import Home
from services.people.desk import PeopleDesk
from services.projections import queries
from tests.projections.pages_house import STORY, UNIT, House, open_case


def story_of(house: House, case: str) -> Sealed:
    """The sealed story of a case."""
    view = queries.case_by_id(house.model, case)
    assert view is not None
    return Sealed.model_validate(orjson.loads(view.case.story))


async def test_what_was_redacted_is_destroyed_once(house: House) -> None:
    """The key of a redacted story goes with the next look; a look that finds nothing new does nothing."""
    case, other = await open_case(house), await open_case(house)
    vault = house.station.vault
    shredder = Shredder(house.model, vault)
    assert await shredder.look() == 0
    await house.command(case, "redact", text=story_of(house, case).text, reason="unlawful")
    assert vault.read(story_of(house, case), "story") == STORY
    assert await shredder.look() == 1
    assert await shredder.look() == 0
    assert vault.read(story_of(house, case), "story") is None
    assert vault.read(story_of(house, other), "story") == STORY


async def test_a_restored_vault_gives_nothing_back(house: House, tmp_path: Path) -> None:
    """A copy of the vault from before the redaction loses the key again when its first look is taken."""
    case = await open_case(house)
    sealed = story_of(house, case)
    old = tmp_path / "old.sqlite"
    house.station.vault._opened().execute("VACUUM INTO ?", (str(old),))
    await house.command(case, "redact", text=sealed.text, reason="unlawful")
    await Shredder(house.model, house.station.vault).look()
    async with Vault(old, Home(house.station.home.path).key("vault")) as restored:
        assert restored.read(sealed, "story") == STORY
        assert await Shredder(house.model, restored).look() == 1
        assert restored.read(sealed, "story") is None


async def test_a_refused_redaction_destroys_nothing(house: House) -> None:
    """What a role may not redact, or was not redacted, keeps its key."""
    case = await open_case(house)
    await house.command(case, "redact", by="clerk", text=story_of(house, case).text, reason="unlawful")
    assert await Shredder(house.model, house.station.vault).look() == 0
    assert house.station.vault.read(story_of(house, case), "story") == STORY


async def test_a_redaction_of_an_erased_case_stops_nothing(house: House) -> None:
    """Where the case's own keys are gone there is nothing to destroy, and nothing fails."""
    case = await open_case(house)
    sealed = story_of(house, case)
    await house.command(case, "redact", text=sealed.text, reason="unlawful")
    vault = house.station.vault
    vault._opened().execute("DELETE FROM subjects WHERE subject = ?", (sealed.subject,))
    assert await Shredder(house.model, vault).look() == 0


async def test_a_legal_hold_keeps_the_key_until_it_is_lifted(house: House) -> None:
    """What a court may ask for is shown to nobody, and destroyed once the hold is lifted."""
    case = await open_case(house)
    sealed, vault = story_of(house, case), house.station.vault
    officer, desk = house.people["dpo"], PeopleDesk(house.station.submitter, house.station.register)
    hold = {"matter": "2026/0042"}
    await desk.say(officer, UNIT, "place_hold", {**hold, "reason": "court_case"}, subject=sealed.subject)
    await house.command(case, "redact", text=sealed.text, reason="unlawful")
    shredder = Shredder(house.model, vault)
    assert await shredder.look() == 0
    assert vault.read(sealed, "story") == STORY
    await desk.say(officer, UNIT, "lift_hold", hold, subject=sealed.subject)
    await house.settle()
    assert await shredder.look() == 1
    assert vault.read(sealed, "story") is None
