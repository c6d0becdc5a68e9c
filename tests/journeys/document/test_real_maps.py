"""Maps that other people drew find a place for everything in the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeys.document.bodies import assemble, split
from journeys.document.canonical import canonical
from journeys.document.emotion import feeling
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import Json, minter

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data set is not here")


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def settled(raw: Json) -> Document:
    document = with_ids(parse(raw), minter())
    assert assemble(split(document)) == canonical(document)
    assert parse(canonical(document)) == document
    return document


def permitting_map(journey: Json, nodes: dict[str, Json]) -> Json:
    """Restate a licensing journey: phases as stages, steps as touchpoints, dependencies as transitions."""
    stages: dict[str, list[Json]] = {}
    for step in journey["steps"]:
        node = nodes[step]
        pains = [
            {"text": g["note"], "evidence": "observed", "source": g["source"]["url"]}
            for g in journey["gotchas"]
            if g["step"] == step
        ]
        stages.setdefault(node["phase"], []).append(
            {
                "key": step.replace("_", "-"),
                "name": node["name"],
                "description": node["description"],
                "owner": node["agency"],
                "attributes": {"fee": node["fee"], "time": node["estTime"]},
                "links": [{"text": node["source"]["title"], "href": node["source"]["url"]}],
                "pains": pains,
            }
        )
    ways = [
        {"from": d["from"].replace("_", "-"), "to": d["to"].replace("_", "-"), "label": d["type"]}
        for d in journey["dependencies"]
    ]
    return {
        "name": journey["name"],
        "actor_kind": "citizen",
        "stages": [{"name": phase, "touchpoints": steps} for phase, steps in stages.items()],
        "transitions": ways,
    }


def test_licensing_journeys() -> None:
    found = read("journeys/us-permitting/journeys-8.json")
    nodes = {node["id"]: node for node in found["plcNodes"]}
    assert len(found["journeys"]) == 8
    for journey in found["journeys"]:
        document = settled(permitting_map(journey, nodes))
        assert len(list(document.touchpoints())) == len(journey["steps"])
        assert len(document.transitions) == len(journey["dependencies"])
        notes = [pain.text for t in document.touchpoints() for pain in t.pains]
        assert sorted(notes) == sorted(g["note"] for g in journey["gotchas"])


def mermaid_map(diagram: Json) -> Json:
    """Restate a Mermaid diagram: sections as stages, tasks as touchpoints, people as personas."""
    personas = {name: f"p{index}" for index, name in enumerate(a for a in diagram["actors"] if a)}
    stages: list[Json] = []
    for task in diagram["tasks"]:
        section = task["section"].strip() or "Start"
        if not stages or stages[-1]["name"] != section:
            stages.append({"name": section, "touchpoints": []})
        felt: list[Json] = []
        if task["score"] != "NaN":
            people = sorted({personas[name] for name in task["people"] if name})
            felt = [{"scale": "mermaid", "value": task["score"], "persona": p} for p in people or [""]]
        stages[-1]["touchpoints"].append({"name": task["task"].strip(), "emotions": felt})
    return {
        "name": diagram["title"].strip() or "Untitled",
        "personas": [{"name": name, "key": key} for name, key in personas.items()],
        "stages": stages,
    }


def test_mermaid_journeys() -> None:
    results = {name: found for name, found in read("mermaid/expected.json")["results"].items() if found["ok"]}
    assert len(results) == 48
    for name, diagram in results.items():
        document = settled(mermaid_map(diagram))
        touchpoints = list(document.touchpoints())
        assert len(touchpoints) == len(diagram["tasks"]), name
        for touchpoint, task in zip(touchpoints, diagram["tasks"], strict=True):
            felt = feeling(touchpoint)
            if task["score"] == "NaN":
                assert felt is None
            else:
                assert felt == pytest.approx(max(-1.0, min(1.0, (task["score"] - 3) / 2)))
