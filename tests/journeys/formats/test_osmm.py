"""Every document is a valid OSMM journey, and what had to be made up is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.osmm.write import write_osmm
from tests.journeys.document.strategies import documents, minter

from .real import DATA, permitting_documents

SCHEMA = DATA / "journeys" / "osmm" / "journey.schema.json"
pytestmark = pytest.mark.skipif(not SCHEMA.is_file(), reason="the shared data set is not here")


@pytest.fixture(scope="module")
def judge() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(Path(SCHEMA).read_text(encoding="utf-8")))


def written(document: Document, judge: jsonschema.Draft202012Validator) -> tuple[dict[str, Any], set[str]]:
    found = write_osmm(document)
    journey = json.loads(found.content)
    assert [error.message for error in judge.iter_errors(journey)] == []
    return journey, {loss.place for loss in found.losses}


@settings(max_examples=100, deadline=None)
@given(document=documents())
def test_any_document_validates(judge: jsonschema.Draft202012Validator, document: Document) -> None:
    journey, _ = written(document, judge)
    assert [s["stage"] for s in journey["stages"]] == [s.name for s in document.stages] or not document.stages


def test_licensing_journeys_validate(judge: jsonschema.Draft202012Validator) -> None:
    for document in permitting_documents():
        journey, lost = written(document, judge)
        assert len(journey["triggers"]) == len(document.transitions) or not document.transitions
        assert sum(len(s["touchpoints"]) for s in journey["stages"]) == len(list(document.touchpoints()))
        assert any(place.endswith("/pains") for place in lost)


def test_tracks_triggers_and_criteria(judge: jsonschema.Draft202012Validator) -> None:
    raw = {
        "name": "Claim",
        "customer_goal": "Be paid",
        "scenario": "A bill came",
        "personas": [{"key": "ann", "name": "Ann"}, {"key": "bob", "name": "Ann"}],
        "stages": [
            {
                "name": "Ask",
                "customer_goal": "Know",
                "touchpoints": [
                    {
                        "key": "call",
                        "name": "Call",
                        "channels": ["phone", "web"],
                        "moment_of_truth": True,
                        "actions": [{"text": "dials"}, {"text": "shouts", "persona": "bob"}],
                        "thoughts": [{"text": "Why?", "evidence": "observed"}],
                    }
                ],
            },
            {"name": "Get", "touchpoints": [{"key": "money", "name": "Money", "pains": [{"text": "late"}]}]},
        ],
        "transitions": [{"from": "call", "to": "money", "label": "agreed", "likelihood": 0.75}],
    }
    journey, lost = written(with_ids(parse(raw), minter(1 << 32)), judge)
    ask, get = journey["stages"]
    assert ask["exit_criteria"] == "agreed (to Money)"
    assert get["entry_criteria"] == "agreed (from Call)"
    assert journey["triggers"] == [{"trigger": "agreed", "action": "Call → Money", "timing": "75% of actors"}]
    assert journey["channels"] == ["Phone", "Web"]
    assert journey["linked_personas"] == ["PER-ann", "PER-ann-2"]
    ann, bob = ask["persona_tracks"]
    assert (ann["key_activities"], bob["key_activities"]) == (["dials"], ["dials", "shouts"])
    assert (ann["milestones"], ann["key_questions"], ann["buyer_goal"]) == (["Call"], ["Why?"], "Know")
    assert lost == {
        "/personas",
        "/personas/0/key",
        "/personas/1/key",
        "/stages/0/touchpoints/0/key",
        "/stages/0/touchpoints/0/thoughts/0/evidence",
        "/stages/1/customer_goal",
        "/stages/1/touchpoints/0/key",
        "/stages/1/touchpoints/0/pains",
    }
