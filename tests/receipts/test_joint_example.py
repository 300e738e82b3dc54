"""The worked example of a joint petition, docs/how-to/joint-petition.md, as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.projections.pages_house import UNIT
from tests.receipts.conftest import CSRF, Front

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "joint-petition.md"
BLOCKS = dict(re.findall(r"```(?:json|text) (\w+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


async def name(front: Front, case: str, body: dict[str, Any], key: str) -> httpx.Response:
    """The clerk names representatives by the API; the answer is given when it is decided."""
    token = CSRF.findall((await front.clerk.get("/intake/grievances/new")).text)[-1]
    path = f"/api/v1/communities/{UNIT}/grievances/{case}/name_representatives"
    headers = {"Idempotency-Key": key, "X-CSRF-Token": token}
    answer = await front.clerk.post(path, json=body, headers=headers)
    await front.house.settle()
    return answer


async def test_the_example_runs_as_it_is_written(front: Front) -> None:
    """Eight are recorded, five are asked for, six are refused, and the five chosen stand in the case."""
    front.house.app.include_router(front.house.pages.router())
    lodging: dict[str, Any] = orjson.loads(BLOCKS["lodge"])
    case = (await front.lodged(**lodging))["case_id"]
    page = (await front.house.visit("clerk", f"/cases/{case}")).text
    assert "30 persons, one case" in page
    assert BLOCKS["asked"].strip() in page

    chosen: dict[str, Any] = orjson.loads(BLOCKS["name_representatives"])
    six = {"representative_names": chosen["representative_names"] + "\n虚构代表六"}
    assert (await name(front, case, six, "form-key-six")).status_code == 202
    assert (await name(front, case, chosen, "form-key-five")).status_code == 202
    page = (await front.house.visit("clerk", f"/cases/{case}")).text
    assert BLOCKS["refused"].strip() in page
    assert BLOCKS["asked"].strip() not in page
    assert "虚构代表五" in page
    assert "虚构代表六" not in page
