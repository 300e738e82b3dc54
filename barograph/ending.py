"""How a command ends: exit codes 0 fine, 1 differences found, 2 wrong use, 3 cannot reach what it needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from barograph import commands
from ledger.keys import NoKeysError
from ledger.log import LogError
from ledger.receipts import ReceiptError
from ledger.subject_keys import VaultError
from ledger.tree_file import TreeStoreError
from runtime.chain import OutdatedError
from runtime.genesis import NoLedgerError
from runtime.home import HomeError
from services.intake.mapping import MapError
from services.intake.tables import ImportFileError
from services.notary.following import RefusesToSignError
from services.projections.database import ReadModelError
from web.identity import AccountError

DIFFERENCES, WRONG_USE, UNREACHABLE = 1, 2, 3

UNREACHABLE_ERRORS = (
    LogError,
    HomeError,
    NoLedgerError,
    NoKeysError,
    VaultError,
    ReadModelError,
    OutdatedError,
    TreeStoreError,
)
"""Errors whose sentence says what could not be reached or used."""

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end; an expected failure ends the program with a sentence and its code."""
    try:
        return asyncio.run(work)
    except (ImportFileError, MapError, AccountError, ReceiptError, commands.WrongUseError) as error:
        fail(WRONG_USE, str(error))
    except RefusesToSignError as error:
        fail(DIFFERENCES, str(error))
    except UNREACHABLE_ERRORS as error:
        fail(UNREACHABLE, str(error))
    except ExceptionGroup as group:
        # A service that ends takes the others with it: what it ended for is the reason.
        reason: Exception = group
        while isinstance(reason, ExceptionGroup):
            reason = reason.exceptions[0]
        if not isinstance(reason, UNREACHABLE_ERRORS):
            raise
        fail(UNREACHABLE, str(reason))
    except KeyboardInterrupt:
        fail(130, "stopped")


def fail(code: int, sentence: str) -> NoReturn:
    """End the program with a sentence on standard error."""
    typer.echo(f"barograph: {sentence}", err=True)
    raise typer.Exit(code)


def print_json(value: object) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
