"""One life cycle: what becomes of a finding when the same thing is looked at again."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.finding import REOPEN_WITHIN, Found, Held, Over, Severity, State, Step, Subject, next_step
from kpis.series.finding_status import Binding, seen_of

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
KPI = Subject(uuid.UUID(int=1))
BREACH = Found("status", KPI, "breach", "critical", "reading")
WARN = Found("status", KPI, "warn", "warning", "reading")
GONE = Over("status", KPI, "reading")


def held(
    state: State = "open",
    level: str = "breach",
    severity: Severity = "critical",
    *,
    over: timedelta | None = None,
) -> Held:
    return Held(uuid.UUID(int=2), state, over is None, level, severity, None if over is None else AT - over)


WAS_WARN: dict[str, Any] = {"level": "warn", "severity": "warning"}


@pytest.mark.parametrize(
    ("known", "seen", "expected"),
    [
        (None, BREACH, Step("opened", "open", True)),
        (None, GONE, None),
        (held(), BREACH, None),
        (held(), GONE, Step("closed", "closed", False)),
        (held("acknowledged"), GONE, Step("closed", "closed", False)),
        (held("snoozed"), GONE, Step("closed", "closed", False)),
        (held("acknowledged"), WARN, Step("eased", "acknowledged", True)),
        (held("acknowledged", **WAS_WARN), BREACH, Step("worsened", "open", True)),
        (held("snoozed", **WAS_WARN), BREACH, Step("worsened", "open", True)),
        (held("closed"), BREACH, None),
        (held("closed", **WAS_WARN), BREACH, Step("worsened", "open", True)),
        (held("closed"), WARN, Step("eased", "closed", True)),
        (held("closed"), GONE, Step("over", "closed", False)),
        (held("closed", over=timedelta(hours=1)), BREACH, Step("reopened", "open", True)),
        (held("closed", over=REOPEN_WITHIN), BREACH, Step("reopened", "open", True)),
        (held("closed", over=REOPEN_WITHIN + timedelta(seconds=1)), BREACH, Step("opened", "open", True)),
        (held("closed", over=timedelta(hours=1)), GONE, None),
    ],
)
def test_one_life_cycle(known: Held | None, seen: Found | Over, expected: Step | None) -> None:
    assert next_step(known, seen, AT) == expected


@given(st.lists(st.sampled_from([BREACH, WARN, GONE])), st.sampled_from(["open", "acknowledged", "closed"]))
def test_what_is_seen_again_is_no_news(seen: list[Found | Over], hand: State) -> None:
    """Whatever came before, a finding says what was seen last, and the same again changes nothing."""
    known: Held | None = None
    for one in seen:
        step = next_step(known, one, AT)
        if step is not None:
            level, severity = (one.level, one.severity) if isinstance(one, Found) else ("warn", "warning")
            state = hand if step.standing and step.change == "opened" else step.state
            over = None if step.standing else AT
            known = Held(uuid.UUID(int=2), state, step.standing, level, severity, over)
        assert next_step(known, one, AT) is None
        assert (known is not None and known.standing) == isinstance(one, Found)


def binding(status: str, freshness: str = "fresh", **entry: Any) -> Binding:
    return Binding(status, freshness, entry)


@pytest.mark.parametrize(
    ("bindings", "cause", "expected"),
    [
        ([binding("ok")], "reading", [("status", None), ("freshness", None)]),
        ([binding("ok"), binding("breach"), binding("warn")], "reading",
         [("status", "breach"), ("freshness", None)]),
        ([binding("insufficient")], "reading", [("freshness", None)]),
        ([binding("unjudged")], "threshold", [("status", None), ("freshness", None)]),
        ([binding("breach", "late")], "time", [("status", "breach"), ("freshness", "late")]),
        ([binding("ok", "late"), binding("ok", "stale")], "time", [("status", None), ("freshness", "stale")]),
        ([binding("ok", "late")], "reading", [("status", None)]),
        ([binding("breach", "stale")], "reading", []),
        ([binding("breach", "stale")], "time", [("freshness", "stale")]),
        ([binding("breach", "broken")], "time", []),
        ([], "binding", [("status", None), ("freshness", None)]),
    ],
)  # fmt: skip
def test_bindings_of_a_series_speak_with_one_voice(
    bindings: list[Binding], cause: Any, expected: list[tuple[str, str | None]]
) -> None:
    seen = seen_of(KPI, bindings, cause)
    assert [(one.kind, one.level if isinstance(one, Found) else None) for one in seen] == expected


def test_a_finding_tells_what_was_judged() -> None:
    entry = {"value": 3, "reason": "below_breach", "since": "2026-05-31T00:00:00Z", "spark": [1], "n": None}
    [found, _] = seen_of(KPI, [binding("breach", **entry)], "correction")
    assert isinstance(found, Found)
    assert (found.retrospective, found.since) == (True, datetime(2026, 5, 31, tzinfo=UTC))
    assert found.facts == {"value": 3, "reason": "below_breach"}


@pytest.mark.parametrize(
    ("label", "expected"),
    [("2026-W52", "2026-W53"), ("2026-12", "2027-01"), ("2026-10-25T02+01:00", None), (None, None)],
)
def test_what_is_overdue_is_the_period_after_the_last_one_told(
    label: str | None, expected: str | None
) -> None:
    late = binding("ok", "late", observed_at="2026-01-01T00:00:00Z", period={"label": label})
    _, found = seen_of(KPI, [late], "time")
    assert isinstance(found, Found)
    assert (found.level, found.severity, found.cause) == ("late", "info", "time")
    assert found.facts.get("overdue") == expected
