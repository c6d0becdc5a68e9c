"""Rubbish, floods and counts beyond the bounds: always an answer, never a crash, never an endless one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from journeys.document.shape import Document
from journeys.document.validate import ISSUES_MAX, InvalidDocument, parse
from service.errors import Issue

from .strategies import Json
from .test_validate import T, full, issues_of, put


def test_a_flood_of_breaches_is_cut() -> None:
    assert len(issues_of({f"x{n}": 1 for n in range(ISSUES_MAX * 2)})) == ISSUES_MAX


def breaches(raw: Any) -> list[Issue]:
    """Return what `parse` refuses, nothing where it takes the document."""
    try:
        parse(raw)
    except InvalidDocument as refusal:
        return list(refusal.issues) or [Issue("", "silent", "Refused without a reason.")]
    return []


RUBBISH: list[Any] = [None, 1, "x", [], [1], [[]], {}, {"": None}, True, 1.5, [None], {"id": 3}, [{"id": 3}]]


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("member", sorted({f.alias or n for n, f in Document.model_fields.items()}))
def test_rubbish_anywhere_is_an_answer_and_no_crash(member: str, rubbish: Any) -> None:
    found = breaches({"name": "m", member: rubbish})
    assert all(issue.pointer.startswith("/" + member) for issue in found)


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize(
    "member", ["touchpoints", "pains", "lane_items", "emotions", "continues", "channels"]
)
def test_rubbish_in_elements_too(member: str, rubbish: Any) -> None:
    raw = full()
    del raw["transitions"]
    for where in ("/stages/0/", T + "/"):
        found = breaches(put(raw, where + member, rubbish))
        assert all(issue.pointer.startswith(where + member) for issue in found)


def many(count: int, **members: Any) -> list[Json]:
    return [{"name": "x", **members} for _ in range(count)]


@pytest.mark.parametrize(
    ("raw", "bound"),
    [
        (lambda n: {"name": "m", "stages": many(n)}, 100),
        (lambda n: {"name": "m", "personas": many(n)}, 30),
        (lambda n: {"name": "m", "stages": [{"name": "s", "touchpoints": many(n)}]}, 200),
        (lambda n: {"name": "m", "stages": many(n // 50, touchpoints=many(50))}, 2_000),
        (lambda n: {"name": "m", "stages": many(1, touchpoints=many(1, pains=[{"text": "x"}] * n))}, 100),
        (
            lambda n: {
                "name": "m",
                "stages": many(1, touchpoints=many(1, channels=list(map(str, range(n))))),
            },
            30,
        ),
        (lambda n: {"name": "m", "personas": many(1, goals=["x"] * n)}, 50),
    ],
)
def test_counts_are_bounded(raw: Callable[[int], Json], bound: int) -> None:
    parse(raw(bound))
    assert {issue.code for issue in issues_of(raw(bound + 50))} == {"too_many"}
