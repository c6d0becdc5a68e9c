"""docs/coverage.md: every concept has its row, and every name in it is one of the contract."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from journeys.document.shipped import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROWS = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
CODE, WORDS = re.compile(r"`([^`]+)`"), re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


@pytest.fixture(scope="module")
def rows() -> dict[int, str]:
    found = ROWS.findall((DOCS / "coverage.md").read_text(encoding="utf-8"))
    return {int(number): place for number, _, place in found}


@pytest.fixture(scope="module")
def contract() -> Any:
    return json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))


def operations(contract: Any) -> set[str]:
    return {
        operation["operationId"]
        for item in contract["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }


def test_every_concept_has_its_row(rows: dict[int, str]) -> None:
    assert list(rows) == list(range(1, 92))
    assert all(len(place) > 10 for place in rows.values())


def test_every_name_is_one_of_the_contract(rows: dict[int, str], contract: Any) -> None:
    schemas, known = contract["components"]["schemas"], operations(contract)
    unknown = []
    for number, place in rows.items():
        for name in CODE.findall(place):
            owner, _, member = name.partition(".")
            there = member in schemas.get(owner, {}).get("properties", {}) if member else name in known
            if not there:
                unknown.append((number, name))
    assert unknown == []


def test_every_vocabulary_kind_and_remark_is_there(rows: dict[int, str]) -> None:
    """In slanted type stand keys of vocabularies, kinds of KPI (which another room knows), and remarks."""
    table = "".join(path.read_text("utf-8") for path in (ROOT / "kpis/series").glob("kinds*.py"))
    lint = "".join(path.read_text("utf-8") for path in (ROOT / "journeys/document/lint").glob("*.py"))
    named = {name for place in rows.values() for name in WORDS.findall(place)}
    unknown = named - set(SHIPPED)
    assert {name for name in unknown if f'"{name}"' not in lint + table} == set()
    assert len(named) > 30


def test_most_concepts_have_a_place(rows: dict[int, str]) -> None:
    assert [number for number, place in rows.items() if not CODE.search(place)] == [91]
