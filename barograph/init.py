"""Makes a ledger: topics, genesis, and the first entries of the register. Running it again adds nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from barograph.families import announcement, family_rules, first_rules
from barograph.station import Station, opened_log, opened_station, wall_clock
from contracts.base import Message
from contracts.catalogue import TYPE_OF
from contracts.evidence import KEY_ROLES
from contracts.genesis import Genesis
from contracts.reference import LEDGER_UNIT, Register
from contracts.register import AppointV1, DefineUnitV1
from contracts.topics import ledger_topics
from runtime import embedded
from runtime.genesis import make_ledger
from runtime.home import Home
from runtime.settings import Settings
from runtime.submit import Said
from services.accusation.policy import default_policy as accusation_policy
from services.aid.policy import default_fund_policy
from services.aid.policy import default_policy as aid_policy
from services.grievance.letter_templates import default_letters
from services.grievance.policy import default_policy
from services.grievance.reply_templates import default_reply_templates
from services.mediation.policy import default_policy as mediation_policy
from services.people.policy import default_policies
from services.register.calendars import known_calendars

CLOCK = "act_ledgerclock"
"""The clocks' actor: any number of clock services speak as this one."""

PARTITIONS = 12


@dataclass(frozen=True, slots=True)
class NewCommunity:
    """The community that `init` enters."""

    unit: str
    name: str
    time_zone: str = "Asia/Shanghai"


async def initialise(settings: Settings, community: NewCommunity, *, simulated: bool = False) -> bool:
    """Make the home, the topics, the genesis and the first community; True where the ledger is new.

    Raises HomeError, LogError, ValueError.
    """
    home = Home(settings.home)
    home.create()
    now = wall_clock()
    genesis = Genesis(
        ledger=f"led_{secrets.token_hex(16)}",
        created_at=now,
        partitions=PARTITIONS,
        topics=ledger_topics(PARTITIONS),
        rules=first_rules(),
        administrator=f"act_{secrets.token_hex(12)}",
        keys={role: home.signing_key(role).public_text for role in KEY_ROLES},
        simulated=simulated,
    )
    async with opened_log(settings) as log:
        made = await make_ledger(log, genesis)
    async with opened_station(settings) as station:
        await enter_first(station, community)
    return made.genesis.ledger == genesis.ledger


async def enter_first(station: Station, community: NewCommunity) -> None:
    """Enter what the register lacks: policy, rules at hand, calendars, the clock, the community, the operator as its clerk."""
    station.check_signer()
    register = await station.register.catch_up()
    operator = station.ledger.genesis.administrator
    policies = (
        default_policy(),
        default_letters(),
        default_reply_templates(),
        *default_policies(),
        accusation_policy(),
        mediation_policy(),
        aid_policy(),
        default_fund_policy(),
    )
    for policy in policies:
        if register.policy(policy.policy) is None:
            await enter(station, policy)
    rules = announcement(register)
    if rules is not None:
        await enter(station, rules)
    held = {(year.calendar, year.year) for year in register.calendar_years()}
    for year in known_calendars():
        if (year.calendar, year.year) not in held:
            await enter(station, year)
    await enter_person(station, register, CLOCK, "时钟")
    await enter_person(station, register, operator, "系统操作员")
    if register.unit(community.unit) is None:
        unit = DefineUnitV1(
            unit=community.unit, name=community.name, tier="community", time_zone=community.time_zone
        )
        await enter(station, unit)
    await appoint(station, register, AppointV1(person=CLOCK, role="clock", unit=LEDGER_UNIT))
    await appoint(station, register, AppointV1(person=operator, role="clerk", unit=community.unit))
    await decide_register(station)


async def enter_person(station: Station, register: Register, person: str, name: str) -> None:
    """Enter a person, unless the register has them."""
    if register.person(person) is None:
        body = {"person": person, "name": name}
        await _submit(station, "register.define_person.v1", body, f"person:{person}", person)


async def appoint(station: Station, register: Register, appointment: AppointV1) -> None:
    """Enter an appointment, unless it is held already."""
    held = [(a.role, a.unit) for a in register.roles(appointment.person)]
    if (appointment.role, appointment.unit) not in held:
        await enter(station, appointment)


async def enter(station: Station, command: Message) -> None:
    """Submit a command on the register as the operator. Sealed fields go by `enter_person`."""
    body = command.model_dump(exclude_none=True)
    kind = TYPE_OF[type(command)]
    await _submit(station, kind, body, secrets.token_hex(16), None)


async def enter_row(station: Station, kind: str, body: Mapping[str, Any]) -> None:
    """Submit a command of an import as the operator; its personal fields are in plain."""
    person = body.get("person") if kind == "register.define_person.v1" else None
    await _submit(station, kind, body, f"person:{person}" if person else secrets.token_hex(16), person)


async def decide_register(station: Station) -> Register:
    """Decide what has been submitted to the register, and fold it."""
    workers = embedded.make_workers(station.log, station.ledger, family_rules()["register"], wall_clock)
    await embedded.catch_up(workers)
    return await station.register.catch_up()


async def _submit(station: Station, kind: str, body: Mapping[str, Any], key: str, person: str | None) -> None:
    said = Said(
        family="register",
        type=kind,
        body=body,
        actor=station.ledger.genesis.administrator,
        role="administrator",
        unit=LEDGER_UNIT,
        key=key,
        kind="reg",
        basis=station.register.history.end,
        handles={"person": f"staff:{person}"} if person else {},
    )
    await station.submitter.submit(said)
