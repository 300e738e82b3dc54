"""The words in which mediations are shown: values of choices, states, outcomes, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.risk import RISK_FACTS
from web.i18n import N_
from web.words import State

ORIGINS = (
    ("written", N_("A party applied in writing")),
    ("oral", N_("A party applied by word of mouth")),
    ("initiative", N_("The mediator began it unasked")),
)
GREW = ("grievance", N_("It grew from a grievance"))
DISPUTES = (
    ("neighbours", N_("Between neighbours")),
    ("marriage_family", N_("Marriage and family")),
    ("housing_land", N_("House and homestead")),
    ("property_management", N_("Property management")),
    ("contract", N_("Contract")),
    ("injury", N_("Damages")),
    ("labour", N_("Labour")),
    ("demolition", N_("Demolition and land taking")),
    ("environment", N_("Environment")),
    ("medical", N_("Medical treatment")),
    ("traffic", N_("Road accident")),
    ("consumer", N_("Consumers")),
    ("other", N_("Another dispute")),
)
SIDES = (("a", N_("Party A")), ("b", N_("Party B")), ("third", N_("Third party")))
KINDS = (("person", N_("A person")), ("organisation", N_("An organisation")))
AUTHORITIES = (
    ("entrusted", N_("Entrusted by the party")),
    ("guardian", N_("Guardian")),
    ("organisation", N_("Head of the organisation")),
)
CHOICES = (
    ("panel", N_("Drawn from the panel")),
    ("chosen", N_("Chosen by the parties")),
    ("assigned", N_("Assigned")),
)
RECUSALS = (
    ("interest", N_("Has an interest in the matter")),
    ("kin", N_("Is kin of a party")),
    ("partial", N_("Favours a party")),
    ("asked", N_("A party asked for another")),
    ("other", N_("Another reason")),
)
NOTICE_MANNERS = (
    ("in_person", N_("Handed over")),
    ("read_out", N_("Read out and explained")),
    ("post", N_("By post")),
    ("electronic", N_("Electronically")),
)
SITTINGS = (("joint", N_("All together")), ("separate", N_("One side apart")))
FORUMS = (
    ("court", N_("To the court")),
    ("arbitration", N_("To arbitration")),
    ("administrative", N_("To an administrative authority")),
)
RULINGS = (("confirmed", N_("Confirmed")), ("rejected", N_("Not confirmed")))
SIGNATURE_MANNERS = (
    ("on_paper", N_("On paper, before me")),
    ("drawn", N_("Drawn on a screen")),
    ("scanned", N_("On a scanned page")),
)
OBLIGATION_KINDS = (
    ("pay", N_("Pay")),
    ("repair", N_("Repair")),
    ("clear", N_("Clear away")),
    ("give_back", N_("Give back")),
    ("apologise", N_("Apologise")),
    ("refrain", N_("Refrain")),
    ("other", N_("Another act")),
)
WHOSE = (
    ("reporter", N_("Of a party")),
    ("third_party", N_("Of somebody else")),
    ("office", N_("Of this office")),
)
PAPERS = (
    ("application", N_("Application")),
    ("rights_notice", N_("Rights notice")),
    ("identity", N_("Proof of identity")),
    ("evidence", N_("Evidence")),
    ("record", N_("Record of a session")),
    ("agreement", N_("Agreement, signature")),
    ("receipt", N_("Receipt")),
    ("follow_up", N_("Follow-up")),
    ("confirmation", N_("Judicial confirmation")),
    ("other", N_("Another paper")),
)
CONSENTS = (("yes", N_("Consents")), ("no", N_("Refuses, which ends it")))
MET = (("yes", N_("Somebody was met")), ("no", N_("Nobody was met")))
DEADLINES: Mapping[str, str] = MappingProxyType(
    {
        "mediate": N_("Usual term of mediating"),
        "confirm": N_("Term for judicial confirmation"),
        "perform": N_("Obligation due"),
        "follow_up": N_("Follow-up visit"),
    }
)

STATES: Mapping[str, State] = MappingProxyType(
    {
        "open": State(N_("Being mediated"), "running"),
        "agreed": State(N_("Agreed, being performed"), "answered"),
        "closed": State(N_("Closed"), "done"),
        "refused": State(N_("A party refused"), "stopped"),
        "failed": State(N_("No agreement"), "stopped"),
        "withdrawn": State(N_("Withdrawn"), "stopped"),
        "referred": State(N_("Referred elsewhere"), "stopped"),
        "not_told": State(N_("Outcome unknown"), "past"),
    }
)
"""Status, or the outcome of one that ended without an agreement → its word."""

STANDINGS: Mapping[str, State] = MappingProxyType(
    {
        "owed": State(N_("Owed"), "running"),
        "performed": State(N_("Performed"), "done"),
        "breached": State(N_("Breached"), "late"),
        "followed_up": State(N_("Breached, followed up"), "past"),
    }
)
OUTCOMES = (("agreed", N_("Agreed")), *((name, STATES[name].label) for name in list(STATES)[3:]))
CONFIRMATIONS: Mapping[str, str] = MappingProxyType(
    {
        "applied": N_("The court has been asked"),
        "confirmed": N_("Confirmed by the court"),
        "rejected": N_("Not confirmed by the court"),
        "lapsed": N_("Nobody asked in time"),
    }
)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "started": N_("Mediation started"),
        "party_added": N_("Party added"),
        "representative_named": N_("Representative named"),
        "rights_notice_served": N_("Told their rights and duties"),
        "consent_recorded": N_("Consent"),
        "mediator_named": N_("Mediator named"),
        "mediator_recused": N_("Mediator recused"),
        "interpreter_named": N_("Interpreter named"),
        "session_planned": N_("Session planned"),
        "session_held": N_("Session held"),
        "session_adjourned": N_("Session put off"),
        "risk_reported": N_("Risk reported to the police duty desk"),
        "risk_acknowledged": N_("The duty desk has acknowledged the report"),
        "attached": N_("File attached"),
        "note_added": N_("Internal note"),
        "deadline_passed": N_("Term passed"),
        "drawn_up": N_("Agreement drawn up"),
        "signed": N_("Signed"),
        "in_force": N_("Agreement in force"),
        "agreed_orally": N_("Agreed by word of mouth"),
        "failed": N_("Ended without an agreement"),
        "withdrawn": N_("Withdrawn"),
        "referred": N_("Referred elsewhere"),
        "confirmation_applied_for": N_("Judicial confirmation asked for"),
        "ruling_recorded": N_("The court has ruled"),
        "performance_recorded": N_("Performance"),
        "breach_recorded": N_("Breach"),
        "breach_followed_up": N_("Breach followed up"),
        "visit_recorded": N_("Follow-up visit"),
        "closed": N_("Closed"),
        "outcome_told": N_("Outcome, as the source tells"),
    }
)
"""Event name → its title."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "origin": N_("How it began"),
        "dispute": N_("Dispute"),
        "amount": N_("Sum"),
        "story": N_("What the dispute is about"),
        "side": N_("Side"),
        "party": N_("Party"),
        "parties": N_("Parties"),
        "authority": N_("By what right, or where"),
        "name": N_("Name"),
        "telephone": N_("Telephone"),
        "manner": N_("How"),
        "consents": N_("Consent"),
        "remedies": N_("Other remedies that were named"),
        "mediate_by": N_("Usual term until"),
        "mediator": N_("Mediator"),
        "choice": N_("How they came to the case"),
        "reason": N_("Reason"),
        "languages": N_("Languages"),
        "planned_at": N_("Planned for"),
        "sitting": N_("Sitting"),
        "place": N_("Place"),
        "session": N_("Session"),
        "present": N_("Present"),
        "absent": N_("Did not come"),
        "fact": N_("What was seen or heard"),
        "to": N_("Reported to"),
        "note": N_("Note"),
        "paper": N_("Place in the dossier"),
        "deadline": N_("Term"),
        "obligations": N_("Obligations"),
        "terms": N_("Terms"),
        "total": N_("Total of the payments"),
        "version": N_("Version"),
        "fingerprint": N_("Fingerprint"),
        "register_number": N_("Number in the register of oral agreements"),
        "confirm_by": N_("The court can be asked until"),
        "visit_by": N_("To be visited by"),
        "forum": N_("Where to"),
        "court": N_("Court"),
        "ruling": N_("Ruling"),
        "number": N_("Number"),
        "obligation": N_("Obligation"),
        "settled": N_("Performed in whole"),
        "met": N_("Met"),
        "outcome": N_("Outcome"),
        "ended_at": N_("Ended on"),
    }
)
"""Field of an event → its label, for those that a page shows."""

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "origin": dict((*ORIGINS, GREW)),
        "dispute": dict(DISPUTES),
        "side": dict(SIDES),
        "authority": dict(AUTHORITIES),
        "choice": dict(CHOICES),
        "reason": dict(RECUSALS),
        "manner": dict((*NOTICE_MANNERS, *SIGNATURE_MANNERS)),
        "sitting": dict(SITTINGS),
        "forum": dict(FORUMS),
        "ruling": dict(RULINGS),
        "paper": dict(PAPERS),
        "fact": dict(RISK_FACTS),
        "outcome": dict(OUTCOMES),
        "deadline": DEADLINES,
    }
)
"""Field → its values → their words."""
