"""Redaction of one entry: a valid, canonical document comes back without a word of it."""

from __future__ import annotations

import copy
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.document.bodies import Manifest, assemble, split
from journeys.document.canonical import canonical
from journeys.document.elements import LANES, Stage, Touchpoint
from journeys.document.minting import with_ids
from journeys.document.redaction import WORDS, Redacted, Target
from journeys.document.redaction import redact as redact_target
from journeys.document.redaction_map import REDACTED
from journeys.document.validate import parse
from service.ids import new_id
from tests.journeys.document.strategies import raw_documents

CANARY = "Frau Kümmel from 12 Elm Street"
IDS = {name: f"0198f000-0000-7000-8000-0000000000{place:02d}" for place, name in enumerate("abcdefgh")}


def redact(manifest: Manifest, own: UUID) -> Redacted:
    return redact_target(manifest, Target(frozenset([own])))


def document(**entry: Any) -> dict[str, Any]:
    raw = {
        "name": "Map",
        "lanes": [{"key": "own", "label": "Own"}],
        "personas": [{"id": IDS["h"], "key": "kim", "name": "Kim", "goals": [CANARY]}],
        "stages": [
            {
                "name": "S",
                "touchpoints": [{"name": "T", "pains": [{"id": IDS["b"], "text": "stays"}], **entry}],
            }
        ],
    }
    return copy.deepcopy(raw)


ENTRIES = {
    "item": {
        "quotes": [{"id": IDS["a"], "text": CANARY, "source": CANARY, "date": "2026-01-01", "persona": "kim"}]
    },
    "opportunity": {
        "opportunities": [
            {
                "id": IDS["a"],
                "text": CANARY,
                "impact": 0.5,
                "ticket": "https://x.example/1",
                "addresses": [IDS["b"]],
            }
        ]
    },
    "link": {"links": [{"id": IDS["a"], "text": CANARY, "href": "https://x.example/Elm", "kind": "page"}]},
    "emotion": {"emotions": [{"id": IDS["a"], "scale": "named", "word": "joy", "label": CANARY}]},
    "custom": {"lane_items": {"own": [{"id": IDS["a"], "text": CANARY}]}},
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_tombstone_keeps_id_and_place_and_nothing_else(kind: str) -> None:
    raw = document(**ENTRIES[kind])
    was = split(with_ids(parse(raw), new_id))
    done = redact(was, UUID(IDS["a"]))
    now = assemble(done.manifest)
    assert IDS["a"].encode() in now
    held = json.loads(now)
    assert CANARY not in json.dumps(held["stages"], ensure_ascii=False)
    assert REDACTED in now.decode()
    assert "x.example" not in now.decode()
    assert done.manifest.digest != was.digest
    assert CANARY in done.texts
    assert canonical(parse(held)) == now
    assert split(parse(held)).digest == done.manifest.digest
    again = redact(done.manifest, UUID(IDS["a"]))
    assert (again.manifest, again.texts, again.kind) == (done.manifest, frozenset(), done.kind)


def test_a_document_that_needed_a_newer_format_for_it_says_the_older_one_again() -> None:
    was = split(with_ids(parse(document(**ENTRIES["opportunity"])), new_id))
    assert json.loads(assemble(was))["format"] == 2
    assert json.loads(assemble(redact(was, UUID(IDS["a"])).manifest))["format"] == 1


def test_a_persona_loses_all_but_its_id_and_key() -> None:
    was = split(with_ids(parse(document()), new_id))
    now = json.loads(assemble(redact(was, was.personas[0].id).manifest))
    assert now["personas"] == [{"id": str(was.personas[0].id), "key": "kim", "name": REDACTED}]


WORDY = {
    "name": CANARY,
    "key": "kept",
    "description": CANARY,
    "attributes": {"who": CANARY},
    "time_window": {"start": "2026-01-01", "label": CANARY},
    "continues": [IDS["f"]],
}


def test_a_stage_and_a_touchpoint_lose_their_words_and_keep_what_stands_in_them() -> None:
    raw = document(quotes=[{"id": IDS["a"], "text": "stays"}])
    raw["stages"][0] |= WORDY | {"id": IDS["c"], "customer_goal": CANARY, "sale_phase": "pre"}
    raw["stages"][0]["touchpoints"][0] |= WORDY | {
        "id": IDS["d"],
        "key": "own",
        "owner": CANARY,
        "performance_standard": CANARY,
        "channels": ["web"],
        "importance": 0.5,
    }
    raw["personas"] = []
    was = split(with_ids(parse(raw), new_id))
    once = redact(was, UUID(IDS["c"]))
    twice = redact(once.manifest, UUID(IDS["d"]))
    now = json.loads(assemble(twice.manifest))
    assert (once.kind, twice.kind) == ("stage", "touchpoint")
    assert once.texts == twice.texts == {CANARY}
    assert canonical(parse(now)) == assemble(twice.manifest)
    stage = now["stages"][0]
    assert stage.pop("touchpoints") == [
        {
            "id": IDS["d"],
            "key": "own",
            "name": REDACTED,
            "channels": ["web"],
            "importance": 0.5,
            "time_window": {"start": "2026-01-01"},
            "continues": [IDS["f"]],
            "pains": [{"id": IDS["b"], "text": "stays"}],
            "quotes": [{"id": IDS["a"], "text": "stays"}],
        }
    ]
    assert stage == {
        "id": IDS["c"],
        "key": "kept",
        "name": REDACTED,
        "sale_phase": "pre",
        "time_window": {"start": "2026-01-01"},
        "continues": [IDS["f"]],
    }


def test_every_word_that_an_element_may_say_is_taken() -> None:
    """A member of a later format is either a word to be taken, or named here as none."""
    silent = {
        *("id", "key", "name", "time_window", "duration_s", "continues", "funnel_position", "sale_phase"),
        *("kind", "channels", "visibility", "importance", "moment_of_truth", "expectation", "perception"),
        *(*LANES, "lane_items", "emotions", "touchpoints"),
    }
    assert {*Stage.model_fields, *Touchpoint.model_fields} - silent == set(WORDS)


def test_a_cluster_loses_its_heading_and_its_notes() -> None:
    raw = document(quotes=[{"id": IDS["a"], "text": "stays", "cluster": "calls"}])
    raw["personas"] = []
    note = {"text": CANARY, "source": CANARY, "participant": "P7"}
    raw["clusters"] = [
        {"key": "calls", "label": CANARY, "description": CANARY, "notes": [note]},
        {"key": "mails", "label": "stays"},
    ]
    was = split(with_ids(parse(raw), new_id))
    done = redact_target(was, Target(cluster="calls"))
    now = json.loads(assemble(done.manifest))
    assert (done.kind, done.texts) == ("cluster", {CANARY, "P7"})
    assert now["clusters"] == [{"key": "calls", "label": REDACTED}, {"key": "mails", "label": "stays"}]
    assert CANARY not in json.dumps(now, ensure_ascii=False)
    assert canonical(parse(now)) == assemble(done.manifest)
    assert redact_target(was, Target(cluster="kept")).kind is None
    assert redact_target(done.manifest, Target(cluster="calls")).texts == frozenset()


def test_what_is_not_there_changes_nothing() -> None:
    was = split(with_ids(parse(document()), new_id))
    done = redact(was, UUID(IDS["g"]))
    assert (done.manifest, done.kind, done.texts) == (was, None, frozenset())


@settings(max_examples=60, deadline=None)
@given(raw_documents(), st.data())
def test_any_entry_of_any_document_leaves_a_valid_canonical_document(raw: dict[str, Any], data: Any) -> None:
    whole = with_ids(parse(raw), new_id)
    touchpoints = [touchpoint for stage in whole.stages for touchpoint in stage.touchpoints]
    names = [entry.id for touchpoint in touchpoints for _, entries in touchpoint.lanes() for entry in entries]
    names += [persona.id for persona in whole.personas]
    if not names:
        return
    done = redact(split(whole), data.draw(st.sampled_from(names)))
    assert done.kind
    now = assemble(done.manifest)
    assert canonical(parse(json.loads(now))) == now
    assert split(parse(json.loads(now))).digest == done.manifest.digest
