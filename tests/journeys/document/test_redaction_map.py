"""What a map says of itself: every word of it can be taken, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from journeys.document.bodies import assemble, split
from journeys.document.canonical import canonical
from journeys.document.elements import Transition
from journeys.document.minting import with_ids
from journeys.document.redaction import Target, redact
from journeys.document.redaction_map import INNER, REDACTED, TEXTS
from journeys.document.shape import CustomLane, Document, Outcome, Review
from journeys.document.validate import parse
from service.ids import new_id
from tests.journeys.document.strategies import raw_documents

OWN = Target(whole=True)
SAID = "Frau Kümmel's move"
RAW: dict[str, Any] = {
    "name": f"{SAID} 0",
    "description": f"{SAID} 1",
    "actor_kind": "tenant",
    "actor_label": f"{SAID} 2",
    "scenario": f"{SAID} 3",
    "customer_goal": f"{SAID} 4",
    "organisation_objective": f"{SAID} 5",
    "marketing_objective": f"{SAID} 6",
    "notice": f"{SAID} 7",
    "time_window": {"start": "2026-01-01", "label": f"{SAID} 8"},
    "review": {"owner": f"{SAID} 9", "cadence": "monthly"},
    "outcome": {"event": f"{SAID} 10", "kind": "sale", "description": f"{SAID} 11"},
    "attributes": {"who": f"{SAID} 12"},
    "lanes": [{"key": "own", "label": f"{SAID} 13", "description": f"{SAID} 14"}],
    "stages": [
        {"name": "S", "touchpoints": [{"name": "T", "key": "t", "pains": [{"text": "stays"}]}]},
    ],
    "transitions": [{"from": "t", "to": "t", "likelihood": 0.5, "label": f"{SAID} 15"}],
}


def test_a_map_loses_every_word_that_it_says_of_itself() -> None:
    was = split(with_ids(parse(RAW), new_id))
    done = redact(was, OWN)
    now = json.loads(assemble(done.manifest))
    assert (done.kind, done.texts) == ("map", {f"{SAID} {number}" for number in range(16)})
    [stage] = now.pop("stages")
    own = stage["touchpoints"][0]["id"]
    assert stage["touchpoints"][0]["pains"][0]["text"] == "stays"
    assert now == {
        "format": 2,
        "name": REDACTED,
        "actor_kind": "tenant",
        "time_window": {"start": "2026-01-01"},
        "review": {"cadence": "monthly"},
        "outcome": {"kind": "sale"},
        "lanes": [{"key": "own", "label": REDACTED}],
        "transitions": [{"from": own, "to": own, "likelihood": 0.5}],
    }
    assert redact(done.manifest, OWN).texts == frozenset()
    assert redact(done.manifest, OWN).kind == "map"


def test_a_copy_loses_the_words_that_are_named_and_keeps_its_own() -> None:
    was = split(with_ids(parse(RAW), new_id))
    done = redact(was, Target(words=frozenset({f"{SAID} 3", f"{SAID} 12", f"{SAID} 13"})))
    now = json.loads(assemble(done.manifest))
    lost = {"scenario", "attributes"}
    assert {name for name in RAW if name not in now} == lost
    assert now["name"] == RAW["name"]
    assert now["lanes"] == [{**RAW["lanes"][0], "label": REDACTED}]
    assert redact(was, Target(words=frozenset({"another"}))).kind is None


def test_every_word_that_a_map_may_say_is_taken() -> None:
    """A member of a later format is either a word to be taken, or named here as none."""
    silent = {
        *("format", "language", "actor_kind", "state", "personas", "stage_vocabulary", "cyclic"),
        *("parent_touchpoint", "clusters", "wording", "stages"),
    }
    handled = {"name", "attributes", "lanes", "transitions", *TEXTS, *INNER}
    assert set(Document.model_fields) - silent == handled
    assert set(Review.model_fields) - {"cadence", "last_on", "next_on"} == set(INNER["review"])
    assert set(Outcome.model_fields) - {"kind"} == set(INNER["outcome"])
    assert set(CustomLane.model_fields) == {"key", "label", "description"}
    assert set(Transition.model_fields) == {"source", "target", "likelihood", "label"}


@settings(max_examples=60, deadline=None)
@given(raw_documents())
def test_any_document_stays_valid_and_canonical(raw: dict[str, Any]) -> None:
    was = split(with_ids(parse(raw), new_id))
    done = redact(was, OWN)
    now = assemble(done.manifest)
    assert canonical(parse(json.loads(now))) == now
    assert json.loads(now)["name"] == REDACTED
    assert done.manifest.elements == was.elements
