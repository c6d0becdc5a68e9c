"""What an audience sees: nothing that is taken out stays anywhere, and what stays is a valid document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.canonical import canonical, to_plain
from journeys.document.lanes import EVIDENCE
from journeys.document.projection import EVERYTHING, SHOWN_LANES, Projection, project, redactable
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import documents


def ident(number: int) -> str:
    return str(UUID(int=(7 << 76) | (2 << 62) | number))


ANA, BEN = ident(1), ident(2)
APPLY, WAIT = ident(11), ident(12)
FORM, CHECK, CALL = ident(21), ident(22), ident(23)
RAW: dict[str, Any] = {
    "name": "Claim",
    "organisation_objective": "fewer calls",
    "attributes": {"cost-centre": "4711"},
    "review": {"owner": "Board"},
    "personas": [
        {"id": ANA, "key": "ana", "name": "Ana", "quote": "Never again"},
        {"id": BEN, "key": "ben", "name": "Ben"},
    ],
    "lanes": [{"key": "systems", "label": "Systems behind"}, {"key": "law", "label": "Law"}],
    "stages": [
        {
            "id": APPLY,
            "name": "Apply",
            "continues": [ident(99)],
            "touchpoints": [
                {
                    "id": FORM,
                    "key": "form",
                    "name": "Form",
                    "owner": "Team Form",
                    "attributes": {"repo": "forms"},
                    "actions": [
                        {"text": "types", "evidence": "observed", "persona": ANA, "source": "Study 7"},
                        {"text": "guesses", "evidence": "assumed"},
                    ],
                    "quotes": [{"text": "Why?", "evidence": "self_reported", "persona": BEN}],
                    "links": [{"href": "https://example.org/ticket"}],
                    "lane_items": {"systems": [{"text": "mainframe"}], "law": [{"text": "§ 4"}]},
                    "emotions": [{"value": 0.5, "persona": ANA}, {"value": -0.5, "persona": BEN}],
                },
                {"id": CHECK, "name": "Check", "visibility": "back"},
            ],
        },
        {"id": WAIT, "name": "Wait", "touchpoints": [{"id": CALL, "name": "Call"}]},
    ],
    "transitions": [
        {"from": FORM, "to": CHECK, "label": "queued"},
        {"from": FORM, "to": CALL, "label": "impatient"},
        {"from": CHECK, "to": CALL},
    ],
}


def shown(**values: Any) -> dict[str, Any]:
    return to_plain(project(parse(RAW), Projection(**values)))


def form(**values: Any) -> dict[str, Any]:
    found: dict[str, Any] = shown(**values)["stages"][0]["touchpoints"][0]
    return found


def test_everything_is_the_document_itself() -> None:
    document = parse(RAW)
    assert project(document, EVERYTHING) is document


def test_only_named_stages_and_the_ways_between_what_is_shown() -> None:
    plain = shown(stages=frozenset([UUID(APPLY)]))
    assert [stage["id"] for stage in plain["stages"]] == [APPLY]
    assert [way["label"] for way in plain["transitions"]] == ["queued"]
    assert "continues" not in plain["stages"][0]
    assert "stages" not in shown(stages=frozenset())


def test_no_back_stage_and_no_way_through_it() -> None:
    plain = shown(back_stage=False)
    assert [point["name"] for point in plain["stages"][0]["touchpoints"]] == ["Form"]
    assert [way["label"] for way in plain["transitions"]] == ["impatient"]


def test_only_named_lanes_custom_ones_with_their_heads() -> None:
    found = form(lanes=frozenset(["actions", "law"]))
    assert {"quotes", "links", "emotions"}.isdisjoint(found)
    assert list(found["lane_items"]) == ["law"]
    assert [lane["key"] for lane in shown(lanes=frozenset(["law"]))["lanes"]] == ["law"]


def test_a_hidden_persona_takes_along_what_is_said_of_it() -> None:
    plain = shown(personas=frozenset([UUID(ANA)]))
    assert [entry["name"] for entry in plain["personas"]] == ["Ana"]
    found = plain["stages"][0]["touchpoints"][0]
    assert "quotes" not in found
    assert [emotion["value"] for emotion in found["emotions"]] == [0.5]
    assert len(found["actions"]) == 2
    assert [item["text"] for item in form(personas=frozenset())["actions"]] == ["guesses"]


def test_statements_by_their_evidence() -> None:
    found = form(evidence=frozenset(["observed"]))
    assert [item["text"] for item in found["actions"]] == ["types"]
    assert {"quotes", "emotions", "lane_items"}.isdisjoint(found)
    assert found["links"]


@pytest.mark.parametrize(
    ("member", "gone"),
    [
        ("owner", ["Team Form", "Board"]),
        ("attributes", ["4711", "forms"]),
        ("quote", ["Never again"]),
        ("source", ["Study 7"]),
        ("label", ["queued", "impatient"]),
        ("organisation_objective", ["fewer calls"]),
        ("links", ["ticket"]),
    ],
)
def test_a_redacted_member_is_gone_wherever_it_stood(member: str, gone: list[str]) -> None:
    before = canonical(parse(RAW)).decode()
    after = canonical(project(parse(RAW), Projection(redact=frozenset([member])))).decode()
    for text in gone:
        assert text in before
        assert text not in after


def test_what_others_hang_on_cannot_be_redacted() -> None:
    kept = {"id", "key", "name", "text", "format", "evidence", "visibility", "state", "stages", "href"}
    assert kept.isdisjoint(redactable())
    assert {"owner", "quotes", "links", "attributes", "importance", "review"} <= redactable()


@st.composite
def projections(draw: st.DrawFn, document: Document) -> Projection:
    """Projections that speak of this document."""

    def some(values: list[Any]) -> frozenset[Any] | None:
        return draw(st.none() | st.frozensets(st.sampled_from(values))) if values else None

    return Projection(
        stages=some([stage.id for stage in document.stages]),
        lanes=some([*SHOWN_LANES, *(lane.key for lane in document.lanes)]),
        personas=some([entry.id for entry in document.personas]),
        back_stage=draw(st.booleans()),
        evidence=some(list(EVIDENCE)),
        redact=draw(st.frozensets(st.sampled_from(sorted(redactable())), max_size=6)),
    )


@given(st.data())
def test_what_is_shown_is_a_valid_document_that_shows_itself(data: st.DataObject) -> None:
    document = data.draw(documents())
    projection = data.draw(projections(document))
    seen = project(document, projection)
    assert parse(canonical(seen)) == seen
    assert project(seen, projection) == seen
    assert {element.id for element in seen.elements()} <= {element.id for element in document.elements()}
    for touchpoint in seen.touchpoints():
        for _, entries in touchpoint.lanes():
            for entry in entries:
                assert projection.evidence is None or getattr(entry, "evidence", None) in (
                    None,
                    *projection.evidence,
                )


@given(st.data())
def test_what_is_within_another_view_is_what_both_show(data: st.DataObject) -> None:
    document = data.draw(documents())
    one, other = (data.draw(projections(document)) for _ in range(2))
    both = one.within(other)
    assert both == other.within(one)
    assert one.within(one) == one.within(EVERYTHING) == one
    assert project(document, both) == project(project(document, one), both)
