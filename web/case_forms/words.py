"""What the fields of case commands may hold, with the words (message ids) for it."""

from __future__ import annotations

from web.i18n import N_

OUTCOMES = (
    ("resolved", N_("Resolved")),
    ("partly_resolved", N_("Partly resolved")),
    ("unresolved", N_("Not resolved")),
    ("answered", N_("Answered; resolution not confirmed")),
)
IMPORTED_OUTCOMES = (
    ("duplicate", N_("Closed as a repeat of another case")),
    ("not_told", N_("Closed; the source does not tell how")),
)
"""Outcomes that no form offers: other systems tell them."""

NOT_ACCEPTED_REASONS = (
    ("outside_remit", N_("Not within our remit")),
    ("before_court", N_("Before a court or an arbitrator")),
    ("already_decided", N_("Decided already by due process")),
    ("not_specific", N_("Too unspecific to act on")),
)
OCCURRENCES = (
    ("collective_petition", N_("Collective petition")),
    ("mass_incident", N_("Mass incident with serious effect")),
    ("heinous_crime", N_("Civil dispute turned heinous crime")),
)

CASE_KINDS = (
    ("request", N_("Request: something is owed or to be put right")),
    ("suggestion", N_("Suggestion")),
)
SEVERITIES = (
    ("ordinary", N_("Ordinary")),
    ("serious", N_("Serious")),
    ("urgent", N_("Urgent")),
)
PAUSE_REASONS = (
    ("appraisal", N_("An appraisal or a test is under way")),
    ("court", N_("Another body must decide first")),
    ("complainant", N_("Papers of the complainant are awaited")),
    ("unavoidable", N_("Circumstances that nobody could avoid")),
)
VERDICTS = (("approve", N_("Approve")), ("refuse", N_("Refuse")))
SERVICE_RESULTS = (("served", N_("Served")), ("failed", N_("Could not be served")))
SERVICE_MANNERS = (
    ("in_person", N_("Handed over in person")),
    ("left", N_("Left at the door before witnesses")),
    ("entrusted", N_("Through an entrusted office")),
    ("post", N_("By post")),
    ("electronic", N_("Electronically")),
    ("notice", N_("By public notice")),
)
RECIPIENTS = (
    ("complainant", N_("The complainant")),
    ("household", N_("An adult of the household")),
    ("agent", N_("An agent")),
)
REVIEW_STAGES = (("review", N_("Review")), ("re_review", N_("Re-review")))
REVIEW_RESULTS = (("upheld", N_("Upheld")), ("changed", N_("Changed")), ("revoked", N_("Revoked")))

WHOSE = (
    ("reporter", N_("Of who lodged the case")),
    ("third_party", N_("Of somebody else")),
    ("office", N_("Of this office")),
)
REDACTION_REASONS = (
    ("third_party", N_("It names somebody else")),
    ("accidental", N_("Personal data that were not asked for")),
    ("unlawful", N_("There is no ground to keep it")),
    ("mistaken", N_("The wrong file or text")),
)

ACKNOWLEDGEMENTS = (
    ("signature", N_("Signature")),
    ("thumbprint", N_("Thumbprint")),
    ("none", N_("Not confirmed")),
)
LETTER_KINDS = (
    ("acceptance", N_("Notice of acceptance")),
    ("not_accepted", N_("Notice of non-acceptance")),
    ("referral", N_("Notice of referral")),
    ("extension", N_("Notice of extension")),
    ("reply", N_("Letter of reply")),
    ("review_opinion", N_("Opinion of the review")),
    ("re_review_opinion", N_("Opinion of the re-review")),
)
