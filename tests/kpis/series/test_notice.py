"""Selectors: which findings somebody asked for."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from kpis.series.notice import Aspect, Selector, selects_finding

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
