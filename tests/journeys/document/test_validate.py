from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given

from journeys.document.validate import (
    InvalidDocument,
    parse,
    parse_persona,
)
from service.errors import BadRequest, Issue

from .strategies import Json, raw_documents

A, B, C, D = (f"0190163d-8694-739b-aea5-966c26f8ad9{n}" for n in "1234")


def full() -> Json:
    """A small valid document with one of everything that rules look at."""
    return {
        "name": "m",
        "lanes": [{"key": "systems", "label": "Systems"}],
        "personas": [{"id": A, "key": "ann", "name": "Ann"}],
        "stages": [
            {
                "name": "s",
                "key": "start",
                "touchpoints": [
                    {
                        "id": B,
                        "name": "t",
                        "key": "t1",
                        "channels": ["web"],
                        "pains": [{"text": "slow", "persona": "ann"}],
                        "lane_items": {"systems": [{"text": "CRM"}]},
                        "emotions": [{"value": 0.5}],
                        "time_window": {"start": "2026-01-01", "end": "2026-02-01"},
                    },
                    {"id": C, "name": "u", "key": "t2"},
                ],
            }
        ],
        "transitions": [{"from": "t1", "to": "t2", "likelihood": 0.5}],
    }


T = "/stages/0/touchpoints/0"
WORD = {"key": "desk", "label": "Desk", "medium": "offline"}
WORDS = {"key": "channels", "kind": "channels", "label": "Channels"}


def put(raw: Any, where: str, value: Any) -> Json:
    """Return a copy of the document with one member set."""
    changed: Json = copy.deepcopy(raw)
    *path, last = where.split("/")[1:]
    holder: Any = changed
    for part in path:
        holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
    if isinstance(holder, list):
        holder.insert(int(last), value)
    else:
        holder[last] = value
    return changed


def issues_of(raw: Any) -> list[Issue]:
    with pytest.raises(InvalidDocument) as refusal:
        parse(raw)
    return list(refusal.value.issues)


def test_the_full_sample_is_valid() -> None:
    assert parse(full()).stages[0].touchpoints[0].pains[0].persona == A


@given(raw_documents())
def test_bytes_and_values_are_read_alike(raw: Json) -> None:
    assert parse(raw) == parse(msgspec.json.encode(raw))


CASES: list[tuple[str, Any, str | None, str]] = [
    # where, what is put there, the pointer told, the code told
    ("/name", "", "/name", "too_short"),
    ("/name", "  ", "/name", "invalid_format"),
    ("/name", None, "/name", "required"),
    ("/name", 7, "/name", "wrong_type"),
    ("/name", "x" * 201, "/name", "too_long"),
    ("/nmae", "x", "/nmae", "unknown_field"),
    ("/nmae", None, "/nmae", "unknown_field"),
    ("/a~1b", "x", "/a~01b", "unknown_field"),
    ("/format", 3, "/format", "unknown_format"),
    ("/format", 0, "/format", "out_of_range"),
    ("/format", True, "/format", "wrong_type"),
    ("/state", "past", "/state", "not_allowed"),
    ("/cyclic", 1, "/cyclic", "wrong_type"),
    ("/language", "not a tag", "/language", "invalid_format"),
    ("/stages", {}, "/stages", "wrong_type"),
    ("/stages", [None], "/stages/0", "wrong_type"),
    ("/stages", [{"name": "s"}] * 101, "/stages", "too_many"),
    ("/attributes", {f"a{n}": "" for n in range(51)}, "/attributes", "too_many"),
    ("/attributes", {"a": 1}, "/attributes/a", "wrong_type"),
    ("/attributes", {"": "x"}, "/attributes/", "too_short"),
    ("/attributes", {"[key]": 1}, "/attributes/[key]", "wrong_type"),
    ("/parent_touchpoint", "nobody", "/parent_touchpoint", "invalid_id"),
    ("/parent_touchpoint", B.upper(), "/parent_touchpoint", "parent_is_self"),
    ("/review/next_on", "2026-02-30", "/review/next_on", "invalid_date"),
    ("/review/next_on", "2026-02-03T00:00:00Z", "/review/next_on", "invalid_date"),
    ("/review/next_on", 20260203, "/review/next_on", "invalid_date"),
    ("/review", {"last_on": "2026-02-02", "next_on": "2026-02-02"}, "/review/next_on", "not_after_start"),
    ("/personas/1", {"key": "ann", "name": "Anna"}, "/personas/1/key", "duplicate_key"),
    ("/personas/1", {"id": B, "name": "Anna"}, T + "/id", "duplicate_id"),
    ("/personas/1", {"goals": ["x"]}, "/personas/1/name", "required"),
    ("/personas/1", {}, "/personas/1/name", "required"),
    ("/personas/1", {"id": D, "goals": ["x"]}, "/personas/1/name", "required"),
    ("/personas/0/selector", {"Segment": "smb"}, "/personas/0/selector/Segment", "invalid_format"),
    ("/personas/0/selector", {f"l{n}": "v" for n in range(9)}, "/personas/0/selector", "too_many"),
    ("/lanes/1", {"key": "systems", "label": "Again"}, "/lanes/1/key", "duplicate_key"),
    ("/stages/0/key", "t1", T + "/key", "duplicate_key"),
    ("/stages/0/key", A, "/stages/0/key", "key_like_id"),
    ("/stages/0/key", "No Slug", "/stages/0/key", "invalid_format"),
    ("/stages/0/id", B, T + "/id", "duplicate_id"),
    ("/stages/0/id", B.replace("-", "").upper(), T + "/id", "duplicate_id"),
    ("/stages/0/funnel_position", "middle", "/stages/0/funnel_position", "not_allowed"),
    ("/stages/0/time_window", {"start": "2026-01-01", "end": "2026-01-01"}, None, "not_after_start"),
    (T + "/importance", 1.01, T + "/importance", "out_of_range"),
    (T + "/importance", -1e-9, T + "/importance", "out_of_range"),
    (T + "/importance", "1", T + "/importance", "wrong_type"),
    (T + "/importance", float("nan"), T + "/importance", "out_of_range"),
    (T + "/duration_s", -1, T + "/duration_s", "out_of_range"),
    (T + "/channels", ["web", "post", "web"], T + "/channels/2", "duplicate"),
    (T + "/continues", [C, A, C], T + "/continues/2", "duplicate"),
    (T + "/continues", [B], T + "/continues/0", "continues_itself"),
    (T + "/pains/0/persona", "bob", T + "/pains/0/persona", "unknown_reference"),
    (T + "/pains/0/evidence", "hearsay", T + "/pains/0/evidence", "not_allowed"),
    (T + "/pains/0/text", "\n", T + "/pains/0/text", "invalid_format"),
    (T + "/links", [{"href": "javascript:alert(1)"}], T + "/links/0/href", "invalid_format"),
    (T + "/lane_items", {"people": [{"text": "x"}]}, T + "/lane_items/people", "unknown_lane"),
    (T + "/lane_items", {"systems": [{"text": 1}]}, T + "/lane_items/systems/0/text", "wrong_type"),
    (T + "/emotions", [{"scale": "furlongs", "value": 1}], T + "/emotions/0", "off_scale"),
    (T + "/emotions", [{"scale": "smaply", "value": 3}], T + "/emotions/0", "off_scale"),
    (T + "/emotions", [{"scale": "lines-10", "value": 0}], T + "/emotions/0", "off_scale"),
    (T + "/emotions", [{"scale": "smaply"}], T + "/emotions/0", "required"),
    (T + "/emotions", [{"value": True}], T + "/emotions/0/value", "wrong_type"),
    ("/transitions/0/to", "t9", "/transitions/0/to", "unknown_reference"),
    ("/transitions/0/to", "start", "/transitions/0/to", "not_a_touchpoint"),
    ("/transitions/0/likelihood", 2, "/transitions/0/likelihood", "out_of_range"),
    ("/transitions/0/source", "t1", "/transitions/0/source", "unknown_field"),
    (
        "/transitions/1",
        {"from": B, "to": B, "likelihood": 0.6},
        "/transitions/1/likelihood",
        "likelihood_sum",
    ),
    ("/clusters", [{"key": "a", "label": "A"}] * 2, "/clusters/1/key", "duplicate_key"),
    (T + "/pains/0/cluster", "late", T + "/pains/0/cluster", "unknown_reference"),
    (T + "/emotions/0/arousal", 0.5, T + "/emotions/0/arousal", "not_allowed"),
    (
        T + "/emotions",
        [{"scale": "dimensional", "value": 0, "dominance": 2}],
        T + "/emotions/0/dominance",
        "out_of_range",
    ),
    (
        T + "/opportunities",
        [{"text": "o", "addresses": [D]}],
        T + "/opportunities/0/addresses/0",
        "unknown_reference",
    ),
    (
        T + "/opportunities",
        [{"text": "o", "ticket": "javascript:x"}],
        T + "/opportunities/0/ticket",
        "invalid_format",
    ),
    ("/wording", [WORDS | {"words": [WORD, WORD]}], "/wording/0/words/1/key", "duplicate_key"),
    ("/wording", [WORDS, WORDS], "/wording/1/key", "duplicate_key"),
    ("/wording", [WORDS | {"kind": "stages", "words": [WORD]}], "/wording/0/words/0/medium", "not_allowed"),
    (
        "/wording",
        [WORDS | {"words": [WORD | {"labels": {"!": "x"}}]}],
        "/wording/0/words/0/labels/!",
        "invalid_format",
    ),
    ("/name", "a\0b", "/name", "nul_character"),
    ("/attributes", {"\ud800": "x"}, "/attributes/\\ud800", "lone_surrogate"),
]


@pytest.mark.parametrize(("where", "value", "pointer", "code"), CASES)
def test_one_breach_is_told_alone(where: str, value: Any, pointer: str | None, code: str) -> None:
    raw = full()
    if where == "/stages":
        del raw["transitions"]  # they would have nothing to join
    found = issues_of(put(raw, where, value))
    told = {(issue.pointer, issue.code) for issue in found}
    assert told == {(pointer or where + "/end", code)}
    assert all(issue.detail.endswith(".") and issue.detail[0].isupper() for issue in found)


def test_all_breaches_are_told_at_once() -> None:
    raw = put(full(), "/name", None)
    raw = put(raw, T + "/importance", 2)
    raw = put(raw, "/transitions/0/to", "t9")
    raw = put(raw, "/stages/0/touchpoints/1/key", "t1")
    assert {(i.pointer, i.code) for i in issues_of(raw)} == {
        ("/name", "required"),
        (T + "/importance", "out_of_range"),
        ("/transitions/0/to", "unknown_reference"),
        ("/stages/0/touchpoints/1/key", "duplicate_key"),
    }


def test_a_spelled_out_escape_is_text() -> None:
    assert parse({"name": "\\u0000"}).name == "\\u0000"


def test_likelihoods_may_add_up_to_one() -> None:
    ways = [{"from": "t1", "to": "t2", "likelihood": 1 / 9} for _ in range(9)]
    assert len(parse(put(full(), "/transitions", ways)).transitions) == 9


@pytest.mark.parametrize("raw", [[], "x", 7, None, b"[]", b"null"])
def test_a_document_is_an_object(raw: Any) -> None:
    assert [(i.pointer, i.code) for i in issues_of(raw)] == [("", "wrong_type")]


def test_bytes_must_be_strict_json() -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(b'{"name": "a", "name": "b"}')
    assert refusal.value.issues[0].code == "duplicate_key"


def test_a_long_name_is_not_echoed_whole() -> None:
    assert len(issues_of({"name": "m", "x" * 10_000: 1})[0].pointer) < 200


def test_a_refusal_is_seen_from_the_part_that_was_sent() -> None:
    pointers = ["/stages/1", "/stages/1/name", "/stages/10/name", ""]
    refusal = InvalidDocument([Issue(where, "code", "Wrong.") for where in pointers])
    assert [(i.pointer, i.detail) for i in refusal.under("/stages/1").issues] == [
        ("", "Wrong."),
        ("/name", "Wrong."),
        ("", "At /stages/10/name of the document: Wrong."),
        ("", "At / of the document: Wrong."),
    ]


def test_the_library_keeps_full_personas_only() -> None:
    assert parse_persona({"name": "Ann", "selector": {"segment": "smb"}}).selector == {"segment": "smb"}
    with pytest.raises(InvalidDocument) as refusal:
        parse_persona({"id": A})
    assert [(i.pointer, i.code) for i in refusal.value.issues] == [("/name", "required")]
