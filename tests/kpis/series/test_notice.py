"""Selectors: which findings somebody asked for."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from kpis.series.notice import Aspect, Selector, occasion_of, selects_finding

A, B, MAP = (uuid.UUID(int=number) for number in (1, 2, 3))
SHOP = Aspect("status", A, {"shop": "a", "plan": "pro"}, None, frozenset({MAP}))


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"severity": "critical"}, False),
        ({"severity": "warning"}, True),
        ({"kinds": frozenset({"status"})}, True),
        ({"kinds": frozenset({"restated"})}, True),
        ({"kinds": frozenset({"drift"})}, False),
        ({"kpis": frozenset({A})}, True),
        ({"kpis": frozenset({B})}, False),
        ({"kpis": frozenset({A, B}), "journey_maps": frozenset({MAP})}, True),
        ({"journey_maps": frozenset({B})}, False),
        ({"sources": frozenset({A})}, False),
        ({"labels": {"shop": "a"}}, True),
        ({"labels": {"shop": "*", "plan": "pro"}}, True),
        ({"labels": {"shop": "b"}}, False),
        ({"labels": {"region": "*"}}, False),
    ],
)
def test_what_a_selector_names_must_hold_of_one_series(selector: dict[str, Any], expected: bool) -> None:
    found = selects_finding(Selector(**selector), kind="restated", severity="warning", aspects=[SHOP])
    assert found is expected


def test_two_series_do_not_make_up_one() -> None:
    selector = Selector(kpis=frozenset({B}), labels={"shop": "a"})
    assert not selects_finding(
        selector, kind="restated", severity="info", aspects=[Aspect("status", B), SHOP]
    )


@pytest.mark.parametrize(
    ("asked", "change", "was", "severity", "expected"),
    [
        ("warning", "opened", None, "warning", "opened"),
        ("critical", "opened", None, "warning", None),
        ("warning", "worsened", "warning", "critical", "changed"),
        ("critical", "worsened", "warning", "critical", "opened"),
        ("critical", "worsened", "info", "warning", None),
        ("warning", "eased", "critical", "warning", "changed"),
        ("critical", "eased", "critical", "warning", "closed"),
        ("critical", "closed", None, "critical", "closed"),
        ("critical", "closed", None, "warning", None),
        ("info", "acknowledged", None, "warning", "changed"),
        ("info", "reopened", None, "info", "opened"),
    ],
)
def test_who_asked_for_the_worst_alone_hears_of_its_begin_and_its_end(
    asked: Any, change: str, was: Any, severity: Any, expected: str | None
) -> None:
    selector = Selector(severity=asked)
    found = occasion_of(selector, kind="status", change=change, severity=severity, was=was, aspects=[SHOP])
    assert found == expected
    other = Selector(severity=asked, kpis=frozenset({B}))
    assert (
        occasion_of(other, kind="status", change=change, severity=severity, was=was, aspects=[SHOP]) is None
    )
