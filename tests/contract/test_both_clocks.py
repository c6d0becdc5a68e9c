"""Whatever shows figures can be asked about the past: what was true then, by what was known then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.config.running import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text())
MARKS = ({"value", "n"}, {"freshness"}, {"status", "coverage"}, {"labels", "measure"}, {"count", "drift"})
"""Members that stand together where a figure, its state, a roll-up, a series or a base is shown."""
OF_THEIR_OWN_TIME = {
    "getSnapshot": "a snapshot is of one instant",
    "getSnapshotLive": "a snapshot is of one instant",
}


def objects(schema: dict[str, Any], seen: set[str]) -> Iterator[set[str]]:
    """Yield the names of the members of each object in a schema, at any depth."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            yield from objects(DOCUMENT["components"]["schemas"][name], seen)
        return
    yield set(schema.get("properties", ()))
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for kind in ("allOf", "oneOf", "anyOf"):
        inner += schema.get(kind, [])
    for one in inner:
        if isinstance(one, dict):
            yield from objects(one, seen)


def shows_figures(operation: dict[str, Any]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return any(mark <= names for names in objects(schema, set()) for mark in MARKS)


def test_every_read_of_figures_takes_both_clocks() -> None:
    reads = [item["get"] for item in DOCUMENT["paths"].values() if "get" in item]
    figures = {one["operationId"]: one for one in reads if shows_figures(one)}
    without = {
        name
        for name, one in figures.items()
        if not {"as_of", "known_at"} <= {each.get("name") for each in one.get("parameters", ())}
    }
    assert without == set(OF_THEIR_OWN_TIME)
    assert {"getLiveMap", "getKpiPoints", "explainKpi", "listKpiSeries", "listReadings"} <= figures.keys()
    assert {"listBindings", "listMapBindings", "getBinding", "listKpiBases", "getViewLive"} <= figures.keys()


def test_every_read_of_what_was_said_or_noticed_takes_both_clocks() -> None:
    histories = ("/v1/feedback", "/v1/findings", "/v1/readings")
    reads = {
        path: {each.get("name") for each in item["get"].get("parameters", ())}
        for path, item in DOCUMENT["paths"].items()
        if path.split("/{")[0] in histories and "get" in item
    }
    without = {path for path, names in reads.items() if not {"as_of", "known_at"} <= names}
    assert len(reads) == 7
    assert without == {"/v1/findings/{finding_id}/changes"}  # a list of instants
