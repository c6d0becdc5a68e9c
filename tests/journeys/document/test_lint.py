"""Advice about maps: each remark where it belongs, none where all is well, and scores that add up."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.lint import Remark, completeness, coverage, evidence, lint
from journeys.document.minting import with_ids
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.document.validate import parse

TODAY = date(2026, 11, 22)
PERSONA = {"id": str(uuid4()), "name": "Ada", "goals": ["Get there"]}
TOUCHPOINT: dict[str, Any] = {
    "name": "Asks a friend",
    "channels": ["phone"],
    "owner": "Support",
    "moment_of_truth": True,
    "performance_standard": "Answered the same day",
    "emotions": [{"value": 0.2, "evidence": "observed"}],
    "opportunities": [{"text": "Offer it online", "impact": 0.5, "evidence": "observed"}],
}
SOUND: dict[str, Any] = {
    "name": "Moving house",
    "customer_goal": "Feel at home",
    "organisation_objective": "Keep the customer",
    "personas": [PERSONA],
    "review": {"owner": "Service design", "cadence": "quarterly", "last_on": "2026-10-01"},
    "stages": [
        {"name": name, "customer_goal": "Know enough", "touchpoints": [TOUCHPOINT]}
        for name in ("Looks around", "Decides", "Moves in")
    ],
}


def document(**changed: Any) -> Document:
    return with_ids(parse({**SOUND, **changed}), uuid4)


def stage(**changed: Any) -> dict[str, Any]:
    return {**SOUND["stages"][0], **changed}


def touchpoint(**changed: Any) -> dict[str, Any]:
    return {"stages": [stage(touchpoints=[{**TOUCHPOINT, **changed}])]}


def remarks(found: Document, **known: Any) -> list[Remark]:
    measured = known.pop("measured", {one.id for one in found.touchpoints()})
    return list(lint(found, today=known.pop("today", TODAY), measured=measured, **known))


def codes(found: Document, **known: Any) -> list[str]:
    return [remark.code for remark in remarks(found, **known)]


def test_a_sound_map_needs_no_advice() -> None:
    assert codes(document()) == []
    assert completeness(document(), {one.id for one in document().touchpoints()}).share < 1  # other ids
    sound = document()
    assert completeness(sound, {one.id for one in sound.touchpoints() if one.id}).share == 1


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"personas": []}, "map_without_persona", "/personas"),
        ({"customer_goal": ""}, "map_without_goal", "/customer_goal"),
        ({"organisation_objective": ""}, "map_without_objective", "/organisation_objective"),
        ({"stages": []}, "map_without_stages", "/stages"),
        ({"review": {"cadence": "yearly", "last_on": "2026-10-01"}}, "map_without_owner", "/review/owner"),
        (
            {"review": {"owner": "x", "cadence": "weekly", "last_on": "2026-11-14"}},
            "review_overdue",
            "/review",
        ),
        ({"review": {"owner": "x", "next_on": "2026-11-21"}}, "review_overdue", "/review"),
        ({"review": {"owner": "x"}}, "review_not_planned", "/review"),
        ({"stages": [stage(customer_goal="")]}, "stage_without_goal", "/stages/0"),
        ({"stages": [stage(), stage(touchpoints=[])]}, "stage_without_touchpoint", "/stages/1"),
        (
            {"stages": [stage(), stage(), stage(touchpoints=[TOUCHPOINT] * 9)]},
            "stage_unbalanced",
            "/stages/2",
        ),
        ({"stages": [stage(touchpoints=[TOUCHPOINT] * 81)]}, "map_crowded", "/stages"),
        (touchpoint(channels=[]), "touchpoint_without_channel", "/stages/0/touchpoints/0"),
        (touchpoint(owner=""), "touchpoint_without_owner", "/stages/0/touchpoints/0"),
        (touchpoint(emotions=[]), "touchpoint_without_emotion", "/stages/0/touchpoints/0"),
        (touchpoint(performance_standard=""), "important_without_standard", "/stages/0/touchpoints/0"),
        (touchpoint(expectation=0.9, perception=0.5), "falls_short", "/stages/0/touchpoints/0"),
        (touchpoint(moment_of_truth=False), "no_moment_of_truth", "/stages"),
        (
            touchpoint(thoughts=[{"text": "Hm", "evidence": "observed"}] * 8),
            "cell_crowded",
            "/stages/0/touchpoints/0/thoughts",
        ),
        (touchpoint(pains=[{"text": "Slow"}], opportunities=[]), "pain_without_opportunity", "/stages/0"),
        (touchpoint(name="KYC and data entry"), "process_jargon", "/stages/0/touchpoints/0/name"),
        ({"stages": [stage(name="Lead qualification")]}, "process_jargon", "/stages/0/name"),
        (
            {"stages": [stage(name="She looks at everything there is to see")]},
            "label_too_long",
            "/stages/0/name",
        ),
        (touchpoint(name="CALLS A LOT OF FRIENDS"), "label_in_capitals", "/stages/0/touchpoints/0/name"),
        (
            touchpoint(quotes=[{"text": "so " * 60, "evidence": "observed"}]),
            "text_too_long",
            "/stages/0/touchpoints/0/quotes/0/text",
        ),
        (
            touchpoint(thoughts=[{"text": "Hm"}] * 7, emotions=[{"value": 0}], opportunities=[]),
            "nothing_researched",
            "/stages",
        ),
    ],
)
def test_what_is_weak_is_told_with_its_place(changed: dict[str, Any], code: str, pointer: str) -> None:
    found = [remark for remark in remarks(document(**changed)) if remark.code == code]
    assert [remark.pointer for remark in found] == [pointer]
    assert found[0].detail.endswith(".")
    if pointer.startswith("/stages/"):
        assert found[0].element is not None


def test_warnings_come_first() -> None:
    severities = [remark.severity for remark in remarks(document(customer_goal="", personas=[], stages=[]))]
    assert severities == sorted(severities, key=lambda one: one != "warning")


@pytest.mark.parametrize(
    ("changed", "language"),
    [
        (touchpoint(name="Approval chain", visibility="back"), "en"),  # the organisation is the actor there
        (touchpoint(name="Process"), "de"),
        (touchpoint(name="Asks whether the kitchen is processed"), "fr"),
    ],
)
def test_jargon_is_looked_for_where_it_can_be_told(changed: dict[str, Any], language: str) -> None:
    assert "process_jargon" not in codes(document(language=language, **changed))


def test_kpis_are_asked_for_only_where_somebody_knows_of_them() -> None:
    assert "touchpoint_without_kpi" not in codes(document(), measured=None)
    [found] = remarks(document(**touchpoint()), measured=set())
    assert (found.code, found.severity) == ("touchpoint_without_kpi", "warning")  # a moment of truth
    plain = document(**touchpoint(moment_of_truth=False))
    assert ("touchpoint_without_kpi", "hint") in [
        (one.code, one.severity) for one in remarks(plain, measured=set())
    ]


def test_a_persona_that_the_library_tells_otherwise_is_shown_with_both_readings() -> None:
    own = UUID(PERSONA["id"])
    now = PersonaEntry(id=own, name="Ada", goals=("Get there fast",), needs=("A map",))
    [found] = remarks(document(), library={own: now})
    assert (found.code, found.pointer, found.name) == ("persona_outdated", "/personas/0", "Ada")
    assert [(one.field, one.here, one.library) for one in found.differences] == [
        ("goals", ["Get there"], ["Get there fast"]),
        ("needs", None, ["A map"]),
    ]
    assert remarks(document(), library={own: PersonaEntry(id=own, name="Ada", goals=("Get there",))}) == []


def test_evidence_is_the_share_of_what_was_researched() -> None:
    found = evidence(document().touchpoints())
    assert (found.total, found.researched, found.share) == (6, 6, 1.0)
    assert evidence(()).share is None
    mixed = document(**touchpoint(thoughts=[{"text": "a"}, {"text": "b", "evidence": "measured"}]))
    found = evidence(mixed.touchpoints())
    assert (found.by, found.share) == ({"assumed": 1, "measured": 1, "observed": 2}, 0.75)


def test_coverage_knows_the_words_of_the_vocabulary_by_key_or_label() -> None:
    stages = [stage(name="Look  Around"), stage(name="x", key="buy")]
    words = {"look-around": "Look around", "buy": "Purchase", "stay": "Retention"}
    found = coverage(document(stages=stages), stage_words=words, measured=None)
    assert (found.stages_missing, found.channels, found.measured) == (("stay",), {"phone": 2}, None)


@given(st.lists(st.integers(0, 12), max_size=12))
def test_no_map_is_too_bare_for_advice(sizes: list[int]) -> None:
    bare = with_ids(
        parse({"name": "x", "stages": [{"name": "s", "touchpoints": [{"name": "t"}] * n} for n in sizes]}),
        uuid4,
    )
    found = remarks(bare, measured=set())
    assert {"map_without_persona", "map_without_goal"} <= {one.code for one in found}
    assert 0 <= completeness(bare, set()).share <= 1
