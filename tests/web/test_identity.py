"""Sign-in accounts."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.web.app import PEOPLE, QUICK
from web.actor import Actor
from web.identity import AccountError, Accounts, authenticator

PASSWORD = "eight or more"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """A store with one account, `clerk`."""
    store = Accounts(tmp_path / "accounts.sqlite", QUICK)
    store.add("clerk", "act_clerk0001", PASSWORD)
    return store


def stored_hash(folder: Path) -> str:
    """The hash that the store in this folder holds for its one account."""
    with closing(sqlite3.connect(folder / "accounts.sqlite")) as database:
        return str(database.execute("SELECT hash FROM account").fetchone()[0])


def test_right_password_gives_the_actor(accounts: Accounts) -> None:
    """Name and password together give the actor's id."""
    assert accounts.verify("clerk", PASSWORD) == "act_clerk0001"


@pytest.mark.parametrize("password", ["", "wrong one", PASSWORD + "x", "x" * 5000, "\udcff", "\x00"])
def test_wrong_password_gives_nobody(accounts: Accounts, password: str) -> None:
    """Any other password gives nobody."""
    assert accounts.verify("clerk", password) is None


@pytest.mark.parametrize("name", ["", "nobody", "clerk'--", "\udcff", "x" * 5000])
def test_unknown_name_gives_nobody(accounts: Accounts, name: str) -> None:
    """A name that nobody has gives nobody, whatever the password."""
    assert accounts.verify(name, PASSWORD) is None


def test_unknown_name_is_checked_like_a_known_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an unknown name as much hashing is done as for a known one."""
    checked: list[str] = []
    matches = accounts._matches

    def counted(hashed: str, password: str) -> bool:
        checked.append(hashed)
        return matches(hashed, password)

    monkeypatch.setattr(accounts, "_matches", counted)
    accounts.verify("nobody", PASSWORD)
    accounts.verify("clerk", PASSWORD)
    assert [QUICK.check_needs_rehash(hashed) for hashed in checked] == [False, False]


def test_no_account_is_entered_with_an_empty_password(accounts: Accounts) -> None:
    """The hash that stands in for unknown names opens nothing."""
    assert accounts.verify("nobody", "") is None


def test_changed_password_replaces_the_old_one(accounts: Accounts) -> None:
    """After a change the new password is right and the old one wrong."""
    accounts.set_password("clerk", "another one")
    assert accounts.verify("clerk", "another one") == "act_clerk0001"
    assert accounts.verify("clerk", PASSWORD) is None


def test_name_is_taken_once(accounts: Accounts) -> None:
    """A second account of the same name, in whatever case, is refused."""
    with pytest.raises(AccountError, match="taken"):
        accounts.add("CLERK", "act_other0001", PASSWORD)


def test_password_of_an_unknown_name_cannot_be_changed(accounts: Accounts) -> None:
    """There is no password to change without an account."""
    with pytest.raises(AccountError, match="no account"):
        accounts.set_password("nobody", PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_short_or_endless_password_is_refused(accounts: Accounts, password: str) -> None:
    """A password under 8 or over 1,024 characters is refused."""
    with pytest.raises(AccountError, match="8 to 1024"):
        accounts.add("other", "act_other0001", password)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_empty_or_endless_name_is_refused(accounts: Accounts, name: str) -> None:
    """A sign-in name that is blank or over 100 characters is refused."""
    with pytest.raises(AccountError, match="1 to 100"):
        accounts.add(name, "act_other0001", PASSWORD)


def test_accounts_outlive_the_process(accounts: Accounts, tmp_path: Path) -> None:
    """A store opened again on the same file has the same accounts."""
    assert accounts.verify("clerk", PASSWORD)
    assert Accounts(tmp_path / "accounts.sqlite", QUICK).verify("clerk", PASSWORD) == "act_clerk0001"


def test_password_is_kept_as_argon2_hash(accounts: Accounts, tmp_path: Path) -> None:
    """The file has no password in it, only an Argon2id hash."""
    assert accounts.verify("clerk", PASSWORD)
    assert stored_hash(tmp_path).startswith("$argon2id$")
    assert PASSWORD.encode() not in (tmp_path / "accounts.sqlite").read_bytes()


def test_file_is_for_its_owner_only(accounts: Accounts, tmp_path: Path) -> None:
    """Others on the machine cannot read the file."""
    assert accounts.verify("clerk", PASSWORD)
    assert stat.S_IMODE((tmp_path / "accounts.sqlite").stat().st_mode) == 0o600


def test_old_hash_is_made_anew_at_sign_in(accounts: Accounts, tmp_path: Path) -> None:
    """When the parameters change, the next right password is hashed with the new ones."""
    old = stored_hash(tmp_path)
    stronger = Accounts(
        tmp_path / "accounts.sqlite", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    )
    assert accounts.verify("clerk", PASSWORD) == stronger.verify("clerk", PASSWORD)
    assert "t=2" in stored_hash(tmp_path)
    assert old != stored_hash(tmp_path)


def test_wrong_password_changes_no_hash(accounts: Accounts, tmp_path: Path) -> None:
    """A wrong password leaves an old hash as it is."""
    old = stored_hash(tmp_path)
    stronger = Accounts(
        tmp_path / "accounts.sqlite", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    )
    assert stronger.verify("clerk", "wrong one") is accounts.verify("clerk", "wrong one") is None
    assert stored_hash(tmp_path) == old


async def test_account_without_a_person_in_the_register_opens_nothing(accounts: Accounts) -> None:
    """Where the register no longer knows the actor, the right password gives nobody."""

    async def empty(_: str) -> Actor | None:
        return None

    assert await authenticator(accounts, empty)("clerk", PASSWORD) is None


async def test_authentication_gives_the_actor_of_the_register(accounts: Accounts) -> None:
    """The right password gives the actor with the roles that the register has."""

    async def directory(actor: str) -> Actor | None:
        return PEOPLE.get(actor)

    assert await authenticator(accounts, directory)("clerk", PASSWORD) == PEOPLE["act_clerk0001"]
