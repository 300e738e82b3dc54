"""In which role somebody speaks, and whether a policy lets them: courtesies of pages, the workflow decides."""

from __future__ import annotations

from collections.abc import Callable, Collection

from contracts.envelope import Role
from contracts.reference import Register


def may(register: Register, actor: str, unit: str, roles: Collection[str], now: int) -> bool:
    """Whether the actor holds one of these roles here at this time."""
    return any(register.holds(actor, role, unit, now) for role in roles)


def speaking_role(
    register: Register,
    actor: str,
    unit: str,
    roles: Collection[str],
    now: int,
    rank: Callable[[Role], bool] = lambda _role: False,
) -> Role:
    """The role in which an actor speaks here: one of these, else one that they hold, else as a resident.

    `rank`: False for the roles that come first where several fit.
    """
    held: list[Role] = [
        a.role for a in register.roles(actor, now) if register.holds(actor, a.role, unit, now)
    ]
    fitting = sorted((role for role in held if role in roles), key=rank)
    return next(iter([*fitting, *held]), "resident")
