"""The frozen definition of the grievance figures: a change of meaning is a new version of it."""

from __future__ import annotations

from typing import Annotated

import orjson
from pydantic import Field

from contracts.base import Message, sha256_hex


class Meaning(Message):
    """What one figure means, in plain words of both languages."""

    en: str
    zh: str


class Definition(Message):
    """The definition of a set of figures. Its hash goes with every figure computed under it."""

    id: str
    version: Annotated[int, Field(ge=1)]
    figures: dict[str, Meaning]

    @property
    def canonical(self) -> bytes:
        """The bytes that are hashed: JSON in UTF-8, keys sorted, no white space between."""
        return orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
        return sha256_hex(self.canonical)


DEFINITION = Definition(
    id="grievance.figures",
    version=1,
    figures={
        "scope": Meaning(
            en="The cases of a unit, of a zone (or, where there is none, of the place code told by "
            "the source), lodged from one time on and before another. Each time is the time that "
            "rules ran on: when the record was written, or the time told where it came by import.",
            zh="某单位、某责任区（无责任区的，按来源所述地点代码）在起止时间内登记的诉求，含起、不含止。"
            "各时间均为规则所依据的时间：实时记录为写入时间，导入记录为来源所述时间。",
        ),
        "received": Meaning(
            en="Cases lodged. One that came by transfer was received where it was lodged, so that every case "
            "counts once in any total. One that was handed to the office of inspection as an accusation is received, "
            "and neither open nor closed.",
            zh="已登记的诉求。移送而来的诉求计入最初登记的单位，故任何合计中每件只计一次。作为检举控告移交监督检查的，计入已登记，不计入未办结或已办结。",
        ),
        "transferred_in": Meaning(
            en="Cases that came by transfer from another unit. They count in every other figure but received: "
            "received and transferred in together are open, closed and transferred out together.",
            zh="由其他单位移送而来的诉求；除“已登记”外计入其他各项。已登记与移入之和等于未办结、已办结与移出之和。",
        ),
        "transferred_out": Meaning(
            en="Cases transferred to another unit, whether it has taken them in yet or not. Of the other figures "
            "they count in received, duplicates and overdue_historical alone; they are never closed or resolved here.",
            zh="移送其他单位的诉求，无论对方是否已接收；其他各项中只计入已登记、重复与历史逾期，在此不算办结。",
        ),
        "open": Meaning(
            en="Cases lodged or accepted, and neither closed, withdrawn nor merged, and "
            "cases whose review or re-review is not answered.",
            zh="已登记或已受理、尚未办结也未撤回或并案的诉求，以及复查、复核尚未答复的诉求。",
        ),
        "closed": Meaning(
            en="Cases closed or not accepted, and neither reopened since nor under review. An answered review closes.",
            zh="已办结或不予受理、此后未重新办理、也不在复查复核中的诉求。复查、复核答复后即为办结。",
        ),
        "not_accepted": Meaning(
            en="Of the closed: those not accepted.",
            zh="其中不予受理的诉求。",
        ),
        "withdrawn": Meaning(
            en="Cases that their complainant withdrew, confirmed by them with the tracking number, and has not taken "
            "back. They are received, and neither open nor closed. What staff say of a withdrawal withdraws nothing.",
            zh="诉求人已撤回（凭查询编号本人确认）且未恢复的诉求。计入已登记，不计入未办结或已办结。"
            "工作人员登记的撤回意愿不产生撤回效力。",
        ),
        "merged": Meaning(
            en="Cases merged here into another one as duplicates, and not unmerged since. They are received, and "
            "neither open nor closed.",
            zh="在本系统中作为重复诉求并入其他诉求且未撤销并案的诉求。计入已登记，不计入未办结或已办结。",
        ),
        "overdue": Meaning(
            en="Open cases with an overdue event, not a historical one, on record for the very "
            "deadline that runs: the same deadline with the same end.",
            zh="未办结，且就当前期限（同一期限、同一截止时间）已有非历史性逾期事件记录的诉求。",
        ),
        "overdue_historical": Meaning(
            en="Cases with a deadline that had passed within an import: a historical overdue event is "
            "on record; or, while the import was open, a step met a deadline after its end; or the "
            "deadline had ended, unmet, before the import was closed. Nobody was called upon then.",
            zh="期限在导入范围内已过的诉求：有历史性逾期事件记录；或导入未关闭时，办理步骤晚于截止时间；"
            "或导入关闭前期限已过而未办。当时未曾催办。",
        ),
        "on_time": Meaning(
            en="on_time: closed cases none of whose deadlines was ever missed, whether a clock said "
            "so (an overdue event) or the step that met it came after its end. Of a case that an "
            "import closes by its reply only the handling term, counted from lodging, is judged. A handling term "
            "that was extended, with approval, before its end, ends where it was moved to. "
            "denominator: the closed cases, the overdue ones, and those withdrawn or merged after a deadline of theirs "
            "was missed.",
            zh="on_time：已办结且从未错过任何期限的诉求；有逾期事件记录，或办理步骤晚于截止时间，均为"
            "错过。导入时以答复办结的，只看自登记起算的办理期限。期满前经批准延期的，办理期限以延期后的"
            "截止时间为准。denominator：已办结、逾期未办结，以及错过期限后才撤回或并案的诉求之和。",
        ),
        "duplicates": Meaning(
            en="Cases that an import recorded as repeating an earlier one. They count in every figure.",
            zh="导入时记为重复较早诉求的诉求；各项数字均计入。",
        ),
        "replied": Meaning(
            en="Cases with at least one reply.",
            zh="至少答复过一次的诉求。",
        ),
        "reply_days": Meaning(
            en="Days of 24 hours from lodging to the first reply, over the cases replied to. median: "
            "the middle one, or the mean of the two in the middle. p90: the smallest delay that at "
            "least 90 % do not exceed. max: the longest. Null where none was replied to.",
            zh="自登记至首次答复的天数（每日二十四小时），只计已答复的。median：中位数，偶数时取中间两"
            "数平均；p90：至少百分之九十不超过的最小值；max：最大值。均未答复时为空。",
        ),
        "replied_after_days": Meaning(
            en="Cases whose first reply came more than 15, 30, 60 times 24 hours after lodging; "
            "exactly so long is not after.",
            zh="首次答复距登记超过 15、30、60 个二十四小时的诉求；恰好等于的不计。",
        ),
        "petitions": Meaning(
            en="Joint petitions, which are cases as any other, and persons beside them, who are never added to cases. "
            "cases: those lodged by two or more persons together; one that came by transfer counts where it was "
            "lodged, a matter split off counts with what it was split from. persons: of how many they are, as told; "
            "who joins two petitions counts in each. representatives_present: of the petitions brought in person, how "
            "many representatives were named last; where none were, none are counted.",
            zh="联名（集体）诉求本身仍按件计；另计人数，人数不并入件数。cases：两人以上共同提出的诉求；移送而来的在最初登记的单位计，"
            "拆分出的事项随原诉求计。persons：所称涉及的人数，同一人参加两件的各计一次。representatives_present："
            "当面提出的联名诉求中最近一次登记的代表人数；未登记代表的不计。",
        ),
        "imported": Meaning(
            en="The same figures over the imported cases alone.",
            zh="仅就导入的诉求计算的同样数字。",
        ),
        "late_entered": Meaning(
            en="The same figures over the late-entered cases alone: lodged live, more than 3 times 24 hours "
            "after the time at which, as told, the matter happened. They are in the other figures too. "
            "Like imported ones, late-entered records never count as watching.",
            zh="仅就补录的诉求计算的同样数字。补录：实时登记，但登记时距所述发生时间超过三个二十四小时。"
            "其他各项数字也计入补录的诉求。补录与导入的记录均不作为值守依据。",
        ),
        "by_zone": Meaning(
            en="The same figures by zone, or by place code told where a case has no zone.",
            zh="按责任区（无责任区的按来源所述地点代码）计算的同样数字。",
        ),
        "by_month": Meaning(
            en="The same figures by the month of lodging. A month starts at 00:00 of its first day in "
            "the community's time zone.",
            zh="按登记月份计算的同样数字；月份自社区所在时区当月一日零时起。",
        ),
        "stability": Meaning(
            en="Occurrences recorded in cases, by kind, by their own time, in the unit and the "
            "present zone of their case. The state is tested in this order. provisional: the "
            "period or its late-return window is open. unknown: coverage is not recorded or below "
            "the minimum, or a zone's return is missing, or a partition of the log has no decided "
            "heartbeat past the period's end and grace, or something before it is undecided, or "
            "checkpoints do not cover it. Else certified.",
            zh="诉求中记录的情形，按种类、按情形自身时间、按所属诉求的单位和现责任区计。状态依次判定："
            "暂定：期间或其迟报窗口未结束；情况不明：无覆盖率记录或低于最低要求，或有责任区缺零报告，"
            "或日志分区在期间及宽限期后无心跳，或此前尚有未处理的提交，或检查点未覆盖；其余为核实。",
        ),
    },
)
