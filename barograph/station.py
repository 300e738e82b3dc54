"""An installation, opened: log, ledger, vault, submitter, register. What every command works with."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ledger.log import EventLog
from ledger.open import open_log
from ledger.signing import Signer
from ledger.vault import Vault
from runtime.eraser import Eraser
from runtime.genesis import Ledger, open_ledger
from runtime.home import Home, HomeError
from runtime.key_reader import KeyReader
from runtime.register_reader import RegisterReader
from runtime.settings import Settings
from runtime.signing import KeyFile
from runtime.submit import Submitter


def wall_clock() -> int:
    """This machine's time, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Station:
    """What an open installation consists of."""

    settings: Settings
    home: Home
    log: EventLog
    ledger: Ledger
    vault: Vault
    submitter: Submitter
    register: RegisterReader
    keys: KeyReader
    signer: Signer
    eraser: Eraser

    def check_signer(self) -> None:
        """For who submits: raise HomeError where intake's key in this home may not sign for this ledger."""
        ring = self.keys.ring
        with self.signer.use() as key:
            known = ring.find("intake", key.id)
        if known is None or known.ends is not None:
            raise HomeError(
                f"intake's signing key in this home ({key.id}) is not in force for this ledger "
                f"({ring.in_force('intake').id} is): copy keys/signing.key from the home where it was rotated"
            )


@asynccontextmanager
async def opened_log(settings: Settings) -> AsyncIterator[EventLog]:
    """The log of these settings, open. Raises LogError, ValueError for an address of another form."""
    one_machine = settings.log_address.startswith("kafka://") and settings.replication == 1
    try:
        log = open_log(settings.log_address, replication_factor=settings.replication, one_machine=one_machine)
    except ValueError as error:
        raise HomeError(str(error)) from None
    async with log:
        yield log


@asynccontextmanager
async def opened_station(settings: Settings) -> AsyncIterator[Station]:
    """The installation of these settings, open.

    Raises HomeError, LogError, VaultError, NoLedgerError, ValueError: each with a sentence to show.
    """
    home = Home(settings.home)
    if not home.path.is_dir():
        raise HomeError(f"there is no home folder {settings.home}: make one with 'barograph init'")
    async with opened_log(settings) as log, Vault(home.vault, home.key("vault")) as vault:
        ledger = await open_ledger(log)
        keys = KeyReader(log, ledger)
        await keys.catch_up()
        signer = KeyFile("intake", home.seed_path("intake"))
        submitter = Submitter(log, ledger, vault, home.key("intake"), wall_clock, signer)
        register = RegisterReader(log, ledger)
        eraser = Eraser(log, ledger, vault)
        # Before anything is read: the vault may be an older copy, which still has the keys of the erased.
        await eraser.catch_up()
        await register.catch_up()
        try:
            yield Station(settings, home, log, ledger, vault, submitter, register, keys, signer, eraser)
        finally:
            signer.close()
