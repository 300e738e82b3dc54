"""What an aid request asks of its fund, and in which order: the half of the exchange that the request's events tell.

The reaction between the two (invariant 8) says these one after another, each once the fund has answered the one before.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from contracts import aid as a
from contracts.aid_file import ENDED, Request
from contracts.base import Message

MoveKind = Literal["reserve", "spend", "release", "take_back"]


class Move(NamedTuple):
    """One thing that a fund is asked to do. `number`: the tranche or the repayment; 0 where there is none."""

    kind: MoveKind
    fund: str
    round: int
    number: int
    amount: int
    voucher: str | None = None


def moves(event: Message, before: Request | None, after: Request | None) -> tuple[Move, ...]:
    """What an event of a request asks of its fund."""
    match event:
        case a.FundAskedV1():
            return (Move("reserve", event.fund, event.round, 0, event.amount),)
        case a.TranchePaidV1():
            return (Move("spend", event.fund, event.round, event.tranche, event.amount, event.voucher),)
        case a.RepaidV1():
            return (Move("take_back", event.fund, 0, event.number, event.amount, event.voucher),)
        case a.DeadlinePassedV1() if (
            event.round is not None and before is not None and before.asked is not None
        ):
            return (Move("release", before.asked.fund, event.round, 0, 0),)
        case _ if before is not None and after is not None and before.round == after.round:
            return _given_up(before, after)
        case _:
            return ()


def _given_up(before: Request, after: Request) -> tuple[Move, ...]:
    """The round whose money is waited for, or set aside, no more."""
    asked = before.asked
    if asked is not None and after.asked is None and after.status in ENDED:
        return (Move("release", asked.fund, asked.round, 0, 0),)
    if before.to_pay and not after.to_pay:
        dropped = before.to_pay[0]
        return (Move("release", dropped.fund, dropped.round, 0, 0),)
    return ()
