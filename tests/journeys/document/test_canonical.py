from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given

from journeys.document.canonical import canonical, to_plain
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import Json, documents, raw_documents


@given(documents())
def test_what_is_written_is_read_back(document: Document) -> None:
    written = canonical(document)
    assert parse(written) == document
    assert canonical(parse(written)) == written
    assert msgspec.json.decode(written) == to_plain(document)


@given(raw_documents())
def test_equal_documents_have_equal_bytes(raw: Json) -> None:
    one, other = parse(raw), parse(_backwards(raw))
    assert one == other
    assert canonical(one) == canonical(other)


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _backwards(value[name]) for name in reversed(value)}
    return [_backwards(member) for member in value] if isinstance(value, list) else value


@given(documents())
def test_absence_is_never_written(document: Document) -> None:
    assert not list(_absences(to_plain(document)))


def _absences(value: Any, where: str = "") -> list[str]:
    if value is None or (isinstance(value, str | list | dict) and not value):
        return [where]
    if isinstance(value, dict) and not where.endswith("/attributes"):  # labels may say "" on purpose
        return [found for name, inner in value.items() for found in _absences(inner, f"{where}/{name}")]
    if isinstance(value, list):
        return [found for inner in value for found in _absences(inner, f"{where}/-")]
    return []


def test_a_map_is_born_as_a_name() -> None:
    assert canonical(parse({"name": "Carer's Allowance"})) == b'{"format":1,"name":"Carer\'s Allowance"}'


def test_defaults_nulls_and_empties_are_left_out() -> None:
    spelled_out = {
        "name": "m",
        "format": 1,
        "actor_kind": "customer",
        "state": "current",
        "cyclic": False,
        "description": "",
        "scenario": None,
        "time_window": {},
        "review": {"owner": "", "last_on": None},
        "lanes": [{"key": "systems", "label": "Systems"}],
        "stages": [
            {
                "name": "s",
                "touchpoints": [
                    {"name": "t", "lane_items": {"systems": []}, "importance": None, "visibility": "front"}
                ],
            }
        ],
    }
    assert to_plain(parse(spelled_out)) == {
        "format": 1,
        "name": "m",
        "lanes": [{"key": "systems", "label": "Systems"}],
        "stages": [{"name": "s", "touchpoints": [{"name": "t"}]}],
    }


def test_zero_is_a_figure_and_has_one_spelling() -> None:
    def with_importance(value: float) -> Json:
        return {"name": "m", "stages": [{"name": "s", "touchpoints": [{"name": "t", "importance": value}]}]}

    spellings = {canonical(parse(with_importance(value))) for value in (0, 0.0, -0.0)}
    assert len(spellings) == 1
    assert b'"importance":0.0' in spellings.pop()
