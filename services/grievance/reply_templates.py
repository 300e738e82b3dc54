"""The reply templates that `init` enters; a community may set others. House texts: no law sets them."""

from __future__ import annotations

from contracts.desk import REPLIES_POLICY, ReplyTemplate, ReplyTemplates
from contracts.register import DefinePolicyV1

REPLIES = (
    ReplyTemplate(
        code="done",
        name="已办结 · Put right",
        text="您反映的问题已核实。经______（单位）于____年__月__日处理，现已______。如有其他情况，请与我们联系。",
    ),
    ReplyTemplate(
        code="in_steps",
        name="分步解决 · In steps",
        text="您反映的问题已核实。因______，将分步解决：第一步______，于____年__月__日前完成；第二步______，于____年__月__日前完成。进展将及时告知您。",
    ),
    ReplyTemplate(
        code="not_possible",
        name="无法解决并说明理由 · Not possible, with reasons",
        text="您反映的问题已核实。依据______，您的请求不能支持，理由如下：______。您也可以通过______途径解决。",
    ),
)


def default_reply_templates() -> DefinePolicyV1:
    """The templates that `init` enters."""
    terms = ReplyTemplates(replies=REPLIES).model_dump()
    terms["replies"] = list(terms["replies"])
    return DefinePolicyV1(policy=REPLIES_POLICY, version="1", source="House texts", terms=terms)
