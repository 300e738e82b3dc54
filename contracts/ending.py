"""How a case ends otherwise than by its handling: the complainant withdraws it, or it is merged as a duplicate.

Commands and events of the family `grievance`, version 1; contracts.grievance lists them among its own.
"""

from __future__ import annotations

from contracts.base import Identifier, Message, Milliseconds
from contracts.casework import SealedText


class AskWithdrawalV1(Message):
    """Ask that the case be withdrawn (撤回), and say why. From staff it records only that this was said."""

    note: SealedText


class WithdrawalAskedV1(AskWithdrawalV1):
    """It was asked; the case stays open. `confirm_from`: from when the complainant can confirm it.

    None: staff entered it, which starts no time to think it over.
    """

    confirm_from: Milliseconds | None = None


class ConfirmWithdrawalV1(Message):
    """Confirm, as the complainant, the withdrawal that was asked for."""


class WithdrawnV1(Message):
    """The complainant withdrew the case. `undo_until`: until when they can take this back."""

    undo_until: Milliseconds


class UndoWithdrawalV1(Message):
    """Take back, as the complainant, the withdrawal or what was asked towards it."""


class WithdrawalUndoneV1(UndoWithdrawalV1):
    """The case stands as it stood before, with the term that ran."""


class MergeV1(Message):
    """Merge this case, as a duplicate, into another one of the same community, and say why."""

    target: Identifier
    note: SealedText


class MergedV1(MergeV1):
    """The case ended by merging; the matter goes on in the case `target`."""


class UnmergeV1(Message):
    """Undo the merging of this case, and say why."""

    note: SealedText


class UnmergedV1(UnmergeV1):
    """The case stands as it stood before, with the term that ran."""


class HandToInspectionV1(Message):
    """Hand a case that is not triaged yet to the office of inspection: it accuses a person or office.

    Nothing of whom or what it accuses is said here. It goes on as an accusation, apart (docs/adr/0024).
    """


class HandedToInspectionV1(HandToInspectionV1):
    """It ended here, and is shown to nobody who works on grievances."""


Command = HandToInspectionV1 | AskWithdrawalV1 | ConfirmWithdrawalV1 | UndoWithdrawalV1 | MergeV1 | UnmergeV1
Event = HandedToInspectionV1 | WithdrawalAskedV1 | WithdrawnV1 | WithdrawalUndoneV1 | MergedV1 | UnmergedV1
