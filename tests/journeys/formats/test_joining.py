"""A map laid over the one it came from, through each format: nothing changes but what somebody changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.document.canonical import to_plain
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.joining import Joined, OnMissing, join
from journeys.formats.registry import FORMATS
from tests.journeys.document.strategies import documents, minter

calm = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LESS = [each.name for each in FORMATS.values() if each.read and each.write and not each.says_all]


def through(name: str, document: Document) -> dict[str, Any] | None:
    """Return the document as it comes back from a format, None where that is not element by element."""
    form = FORMATS[name]
    assert form.read
    assert form.write
    [found] = form.read(form.write(document).content, {})
    if found.raw is None or any(notice.weight == "invalid" for notice in found.notices):
        return None
    again = parse(found.raw)
    shape = [len(stage.touchpoints) for stage in document.stages]
    return to_plain(again) if shape == [len(stage.touchpoints) for stage in again.stages] else None


def laid(
    read: dict[str, Any], stored: Document, base: Any, on_missing: OnMissing = "refuse", **overrides: Any
) -> Joined:
    return join(
        read,
        to_plain(stored),
        base=base,
        whole=False,
        overrides=overrides.get("overrides", {}),
        on_missing=on_missing,
        new_id=minter(1_000_000),
    )


@pytest.mark.parametrize("name", LESS)
@calm
@given(document=documents())
def test_a_map_laid_over_itself_stays_as_it_is(name: str, document: Document) -> None:
    read = through(name, document)
    if read is None:
        return
    joined = laid(read, document, read)
    assert not joined.erased
    expected = {name: value for name, value in to_plain(document).items() if name != "format"}
    assert joined.plain == expected


def names_of(plain: dict[str, Any]) -> list[list[str]]:
    return [
        [stage["name"], *(inner["name"] for inner in stage.get("touchpoints", ()))]
        for stage in plain.get("stages", ())
    ]


@calm
@given(documents(), documents(), st.sampled_from(["remove", "keep"]))
def test_any_map_can_be_laid_over_any_other(one: Document, other: Document, on_missing: OnMissing) -> None:
    read = through("mermaid", one)
    assert read is not None
    joined = laid(read, other, None, on_missing)
    whole = with_ids(parse(joined.plain), minter(2_000_000))
    if on_missing == "remove":
        assert names_of(to_plain(whole)) == names_of(read)
    else:
        kept = {str(element.id) for element in other.elements()} - {match.id for match in joined.matches}
        assert kept <= {str(element.id) for element in whole.elements()}
    taken = [match.id for match in joined.matches if match.id]
    assert len(taken) == len(set(taken))


def document(raw: dict[str, Any]) -> Document:
    return with_ids(parse(raw), minter())


def test_keys_that_a_reader_made_up_name_nobody() -> None:
    stored = document({"name": "M", "personas": [{"key": "bob", "name": "Ada"}]})
    read = {"name": "M", "personas": [{"key": "bob", "name": "Bob"}], "stages": []}
    ada, bob = laid(read, stored, None).plain["personas"]
    assert (ada["name"], ada["key"], bob["name"], bob.get("key")) == ("Ada", "bob", "Bob", None)


def test_lanes_that_are_named_stay_declared() -> None:
    raw: dict[str, Any] = {
        "name": "M",
        "lanes": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}],
        "stages": [{"name": "S", "touchpoints": [{"name": "T", "lane_items": {"a": [{"text": "x"}]}}]}],
    }
    read = {"name": "M", "lanes": [{"key": "b", "label": "Bees"}, {"key": "c", "label": "C"}]}
    read["stages"] = [{"name": "S", "touchpoints": [{"name": "T", "lane_items": {"c": [{"text": "y"}]}}]}]
    plain = laid(read, document(raw), None).plain
    assert [(lane["key"], lane["label"]) for lane in plain["lanes"]] == [
        ("a", "A"),
        ("b", "Bees"),
        ("c", "C"),
    ]
    assert list(plain["stages"][0]["touchpoints"][0]["lane_items"]) == ["a", "c"]


def test_what_is_renamed_in_its_place_stays_itself() -> None:
    stored = document({"name": "M", "stages": [{"name": n} for n in ("A", "B", "C")]})
    ids = [str(stage.id) for stage in stored.stages]
    one = laid({"name": "M", "stages": [{"name": n} for n in ("A", "Bee", "C")]}, stored, None)
    assert [(match.by, match.id) for match in one.matches] == [
        ("name", ids[0]),
        ("place", ids[1]),
        ("name", ids[2]),
    ]
    two = laid({"name": "M", "stages": [{"name": n} for n in ("A", "X", "Y", "C")]}, stored, None, "remove")
    assert [match.by for match in two.matches] == ["name", "none", "none", "name"]


def test_an_override_beats_everything() -> None:
    stored = document({"name": "M", "stages": [{"name": "A", "key": "a"}, {"name": "B"}]})
    ids = [str(stage.id) for stage in stored.stages]
    read = {"name": "M", "stages": [{"name": "A", "key": "a"}, {"name": "B"}]}
    turned = laid(read, stored, None, overrides={"/stages/0": ids[1], "/stages/1": None})
    assert [(match.by, match.id) for match in turned.matches] == [("given", ids[1]), ("given", "")]
    for wrong in ({"/stages/7": None}, {"/stages/0": "nobody"}):
        with pytest.raises(KeyError):
            laid(read, stored, None, overrides=wrong)
