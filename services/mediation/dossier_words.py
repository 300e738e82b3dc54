"""The words of a dossier: its papers, and what each of them is looked through for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.mediation.dossier import Item, Part, Standing, VersionStanding
from web.i18n import N_
from web.words import State

PARTS: Mapping[Part, str] = MappingProxyType(
    {
        "application": N_("Application or intake"),
        "rights_notice": N_("Rights notice and consent"),
        "identity": N_("Proof of identity"),
        "record": N_("Record of the mediation"),
        "agreement": N_("Agreement and confirmation"),
        "receipt": N_("Receipts and performance"),
        "follow_up": N_("Follow-up"),
        "other": N_("Other papers"),
    }
)
ITEMS: Mapping[Item, str] = MappingProxyType(
    {
        "intake": N_("How it began is on record"),
        "written_application": N_("The written application as a file"),
        "parties": N_("The names of both sides"),
        "told": N_("Told their rights and duties"),
        "consent": N_("Consent or refusal"),
        "identity": N_("A proof of identity for each party"),
        "mediator": N_("Who mediates it"),
        "session": N_("The record of a session"),
        "planned_session": N_("What became of a planned session"),
        "risk": N_("The duty desk's acknowledgement of a risk"),
        "end": N_("An agreement, or how else it ended"),
        "signature": N_("Signature"),
        "seal": N_("The committee's seal"),
        "signed_page": N_("The signed pages as a file"),
        "fingerprint": N_("Sealed terms that agree with their fingerprint"),
        "confirmation": N_("The court's ruling"),
        "ruling_page": N_("The court's ruling as a file"),
        "performance": N_("Performance"),
        "receipt": N_("A receipt as a file"),
        "breach": N_("What was done about a breach"),
        "visit": N_("Follow-up visit"),
    }
)
STANDINGS: Mapping[Standing, State] = MappingProxyType(
    {
        "present": State(N_("There"), "done"),
        "missing": State(N_("Not there"), "late"),
        "not_applicable": State(N_("Not called for"), "past"),
    }
)
VERSIONS: Mapping[VersionStanding, str] = MappingProxyType(
    {
        "in_force": N_("in force"),
        "waiting": N_("waits for signatures"),
        "superseded": N_("superseded"),
    }
)
DAMAGED_TEXT = N_("A text that does not open with its key")
DAMAGED_FILE = N_("A file that is missing or damaged in the store")
ERASED_FILE = N_("A file that was erased with its key")
