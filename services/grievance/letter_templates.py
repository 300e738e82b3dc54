"""The letters' templates, entered into the register at init; a community may set others.

Kinds and their contents: 信访工作条例 (2022): accept or not within 15 days and say so in writing; name another remedy;
reply in writing; inform of extension with its reasons; ask for a review within 30 days of service, and for a re-review.
"""

from __future__ import annotations

from contracts.letters import LETTERS_POLICY, LetterKind, LettersPolicy, LetterTemplate
from contracts.register import DefinePolicyV1

_OPENING = "{name}：\n\n您于{lodged}向本单位反映的“{subject}”事项收悉。"
_OPENING_EN = "{name}:\n\nWe have received the matter “{subject}” that you brought to us on {lodged}."
_REVIEW = (
    "\n\n如不服本处理意见，可自收到本意见书之日起30日内，向原办理机关、单位的上一级机关、单位提出复查申请；"
    "逾期不提出的，不再受理。"
)
_REVIEW_EN = (
    "\n\nIf you do not agree, you may ask the office above the one that handled it for a review within 30 days "
    "of receiving this letter."
)

TEMPLATES: dict[LetterKind, LetterTemplate] = {
    "acceptance": LetterTemplate(
        title="信访事项受理告知书",
        body=_OPENING
        + "经审查，属于本单位职权范围，决定予以受理，将于{due}前办结并向您书面答复。\n\n特此告知。",
        title_en="Notice of acceptance",
        body_en=_OPENING_EN
        + " It is within our remit and has been accepted. You will have a written reply by {due}.",
    ),
    "not_accepted": LetterTemplate(
        title="信访事项不予受理告知书",
        body=_OPENING
        + "经审查，因{reason}，依照有关规定，决定不予受理。\n\n您可以通过以下途径提出：\n{text}\n\n特此告知。",
        title_en="Notice of non-acceptance",
        body_en=_OPENING_EN + " It was not accepted: {reason}.\n\nYou may turn to:\n{text}",
    ),
    "referral": LetterTemplate(
        title="信访事项转送告知书",
        body=_OPENING + "该事项已转由{zone}办理，原因如下：\n{text}\n\n办理期限不变。特此告知。",
        title_en="Notice of referral",
        body_en=_OPENING_EN + " It has been referred to {zone}, because:\n{text}\n\nThe term stays the same.",
    ),
    "extension": LetterTemplate(
        title="信访事项延期办理告知书",
        body=_OPENING
        + "因下列原因，该事项不能在规定期限内办结，经批准，办理期限延长至{due}：\n{text}\n\n特此告知。",
        title_en="Notice of extension",
        body_en=_OPENING_EN
        + " It cannot be finished in its term. The term was extended to {due}, because:\n{text}",
    ),
    "reply": LetterTemplate(
        title="信访事项处理意见书",
        body=_OPENING + "经调查核实，现提出如下处理意见：\n\n{text}" + _REVIEW,
        title_en="Reply",
        body_en=_OPENING_EN + " Having looked into it, we reply:\n\n{text}" + _REVIEW_EN,
    ),
    "review_opinion": LetterTemplate(
        title="信访事项复查意见书",
        body="{name}：\n\n您对“{subject}”事项处理意见提出的复查申请收悉。经复查，结论为：{result}。\n\n{text}"
        "\n\n如不服本复查意见，可自收到本意见书之日起30日内，向复查机关、单位的上一级机关、单位提出复核申请。",
        title_en="Opinion of the review",
        body_en="{name}:\n\nYou asked for a review of the reply on “{subject}”. "
        "Result: {result}.\n\n{text}\n\nIf you do not agree, you may ask the office above for a re-review "
        "within 30 days of receiving this letter.",
    ),
    "re_review_opinion": LetterTemplate(
        title="信访事项复核意见书",
        body="{name}：\n\n您对“{subject}”事项复查意见提出的复核申请收悉。经复核，结论为：{result}。\n\n{text}"
        "\n\n本复核意见为信访程序的终结意见。仍以同一事实和理由提出投诉请求的，不再受理。",
        title_en="Opinion of the re-review",
        body_en="{name}:\n\nYou asked for a re-review on “{subject}”. "
        "Result: {result}.\n\n{text}\n\nThis opinion ends the procedure.",
    ),
}
"""Kind → its template."""


def default_letters() -> DefinePolicyV1:
    """The letters that `init` enters."""
    terms = LettersPolicy(templates=TEMPLATES).model_dump(exclude_none=True)
    return DefinePolicyV1(policy=LETTERS_POLICY, version="2022-1", source="信访工作条例 (2022)", terms=terms)
