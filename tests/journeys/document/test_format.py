from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from pydantic import Field

from journeys.document import validate
from journeys.document.base import Shape, Since
from journeys.document.bodies import digest
from journeys.document.canonical import canonical, to_plain
from journeys.document.elements import Touchpoint
from journeys.document.format import UPCASTERS, format_needed, lost_by, needs_format, upcast
from journeys.document.shape import FORMAT, Document
from journeys.document.validate import parse

from .strategies import documents

SAMPLES = Path(__file__).parent / "samples"

# What the samples hashed to when they were frozen. A change here loses every stored version's identity.
DIGESTS = {
    "format-1": "e049c0767dba237adb8b01584a47dae3ae416835ae26d423ebaf1d1fa9010d7c",
    "format-1-small": "36652c93cde3937f4fe10982f7ff962eee349aec77f4f3b898450247e51fc06b",
    "format-2": "c450fabb954edf5115a060e4ee8270a6570acf25bd4acf35e65db09decbe820e",
}


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_frozen_samples_keep_their_bytes_and_digest(name: str) -> None:
    frozen = (SAMPLES / f"{name}.json").read_bytes().rstrip(b"\n")
    document = parse(frozen)
    assert canonical(document) == frozen
    assert digest(document).hex() == DIGESTS[name]


def test_the_newest_sample_fills_every_member() -> None:
    document = parse((SAMPLES / f"format-{FORMAT}.json").read_bytes())
    filled: dict[type[Shape], set[str]] = {}
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Shape):
            members = {n: getattr(value, n) for n, f in type(value).model_fields.items()}
            told = {n for n, f in type(value).model_fields.items() if members[n] != f.get_default()}
            filled.setdefault(type(value), {"format"} & members.keys()).update(told)
            waiting += members.values()
        elif isinstance(value, tuple | dict):
            waiting += value.values() if isinstance(value, dict) else value
    assert {
        kind: kind.model_fields.keys() - told
        for kind, told in filled.items()
        if kind.model_fields.keys() - told
    } == {}


def test_there_is_a_sample_of_every_format() -> None:
    assert {f"format-{number}" for number in range(1, FORMAT + 1)} <= set(DIGESTS)


NEWS = {"outcome", "clusters", "wording", "cluster", "arousal", "dominance", "status", "ticket", "addresses"}


def said(value: Any) -> set[str]:
    """Return the names of all members of a plain document, but for those that clients chose."""
    if isinstance(value, list):
        return set().union(*map(said, value))
    if not isinstance(value, dict):
        return set()
    chosen = {"attributes", "selector", "labels", "lane_items", "format"}
    inner = [said(member) for name, member in value.items() if name not in chosen - {"lane_items"}]
    return set(value).union(*inner) - chosen


@given(documents())
def test_a_document_needs_what_its_members_need(document: Document) -> None:
    plain = to_plain(document)
    news = {where.rpartition("/")[2] for where in needs_format(document)}
    assert news == said(plain) & NEWS
    assert plain["format"] == (2 if news else 1) == max(needs_format(document).values(), default=1)


class LaterTouchpoint(Touchpoint):
    smell: Annotated[str, Since(2)] = ""


class LaterStage(Shape):
    name: str = "s"
    touchpoints: Annotated[tuple[LaterTouchpoint, ...], Field(strict=False)] = ()
    by_lane: dict[str, tuple[LaterTouchpoint, ...]] = {}


class LaterDocument(Document):
    weather: Annotated[str, Since(3)] = ""
    later_stages: Annotated[tuple[LaterStage, ...], Field(strict=False)] = ()


def test_a_filled_member_needs_the_format_that_brought_it() -> None:
    fragrant = LaterTouchpoint(name="t", smell="roses")
    stage = LaterStage(touchpoints=(LaterTouchpoint(name="u"), fragrant), by_lane={"x/y": (fragrant,)})
    document = LaterDocument(name="m", weather="rain", later_stages=(stage,))
    needed = {
        "/weather": 3,
        "/later_stages/0/touchpoints/1/smell": 2,
        "/later_stages/0/by_lane/x~1y/0/smell": 2,
    }
    assert needs_format(document) == needed
    assert format_needed(document) == 3
    assert to_plain(document)["format"] == 3
    assert lost_by(document, 3) == {}
    assert lost_by(document, 2) == {"/weather": 3}
    assert lost_by(document, 1) == needed


def test_a_member_that_is_not_filled_costs_nothing() -> None:
    assert to_plain(LaterDocument(name="m", later_stages=(LaterStage(),)))["format"] == 1
    assert canonical(LaterDocument(name="m")) == canonical(Document(name="m"))


def test_upcasting_walks_the_steps_that_there_are() -> None:
    def rename(raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return {("name" if member == "title" else member): value for member, value in raw.items()}

    def add(raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**raw, "cyclic": True}

    steps = {1: rename, 3: add}
    assert upcast({"title": "m"}, 1, to=4, upcasters=steps) == {"name": "m", "cyclic": True}
    assert upcast({"name": "m"}, 2, to=4, upcasters=steps) == {"name": "m", "cyclic": True}
    assert upcast({"name": "m"}, 2, to=3, upcasters=steps) == {"name": "m"}
    assert upcast({"name": "m"}, 4, to=4, upcasters=steps) == {"name": "m"}


def test_an_older_document_is_read_in_new_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "FORMAT", 2)
    monkeypatch.setitem(UPCASTERS, 1, lambda raw: {"name": raw["title"]})
    assert parse({"format": 1, "title": "m"}) == Document(name="m")
    assert parse({"format": 2, "name": "m"}).name == "m"


def test_no_step_leads_beyond_the_newest_format() -> None:
    assert all(1 <= number < FORMAT for number in UPCASTERS)
