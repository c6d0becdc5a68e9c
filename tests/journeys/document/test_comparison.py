"""Two documents side by side: nothing of either is left out, nothing is told twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from journeys.document.canonical import to_plain
from journeys.document.comparison import compare
from journeys.document.diff import matches, with_element_ids
from journeys.document.shape import Document
from journeys.document.stage_vocabularies import STAGE_VOCABULARIES
from journeys.document.validate import parse

from .strategies import documents, minter
from .test_diff import calm

WORDS = {word.key: word.label for word in STAGE_VOCABULARIES[0].stages}


def touchpoints(plain: dict[str, Any]) -> list[str]:
    return [t["id"] for s in plain.get("stages", ()) for t in s.get("touchpoints", ())]


@calm
@given(documents(), documents())
def test_every_touchpoint_stands_in_one_place(one: Document, other: Document) -> None:
    here, there = to_plain(one), to_plain(other)
    rows = compare(here, there, WORDS, matches(here, there, {}, {}))
    ours = [t["id"] for r in rows for t in (*(p.here for p in r.both), *r.only_here)]
    theirs = [t["id"] for r in rows for t in (*(p.there for p in r.both), *r.only_there)]
    assert Counter(ours) == Counter(touchpoints(here))
    assert Counter(theirs) == Counter(touchpoints(there))
    assert sum(len(r.here.stages) for r in rows) == len(here.get("stages", ()))


@calm
@given(documents())
def test_a_copy_is_its_original(document: Document) -> None:
    plain, new_id = to_plain(document), minter(1 << 50)
    ids = {
        e: str(new_id()) for s in plain.get("stages", ()) for e in (s["id"], *touchpoints({"stages": [s]}))
    }
    copied = with_element_ids(plain, ids)
    origins = {new: (old,) for old, new in ids.items()}
    for found in (matches(plain, copied, {}, origins), matches(copied, plain, origins, {})):
        assert {match.by for match in found} <= {"origin"}
        assert len(found) == len(ids)
    siblings = with_element_ids(plain, {old: str(new_id()) for old in ids})
    line = {e["id"]: (old,) for old, e in zip(ids, elements(siblings), strict=True)}
    assert len(matches(copied, siblings, origins, line)) == len(ids)
    assert with_element_ids(copied, {new: old for old, new in ids.items()}) == plain


def elements(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for s in plain.get("stages", ()) for e in (s, *s.get("touchpoints", ()))]


@pytest.mark.parametrize(
    ("stage", "word"),
    [
        ({"name": "x", "key": "purchase"}, "purchase"),
        ({"name": "PURCHASE!"}, "purchase"),
        ({"name": "Purchase", "key": "own"}, "purchase"),
        ({"name": "Own  stage"}, "own-stage"),
        ({"name": "支払い"}, "支払い"),
        ({"name": "!"}, "!"),
    ],
)
def test_a_stage_is_of_the_word_that_it_spells(stage: dict[str, Any], word: str) -> None:
    plain = to_plain(parse({"name": "m", "stages": [stage]}))
    [row] = compare(plain, {}, WORDS, ())
    assert (row.word, row.there.stages) == (word, ())
