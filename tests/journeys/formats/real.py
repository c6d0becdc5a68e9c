"""Journeys that other people wrote, as documents: licensing journeys and Experience Notation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from tests.journeys.document.strategies import minter
from tests.journeys.document.test_real_maps import DATA, permitting_map, read

__all__ = ["DATA", "expn_documents", "permitting_documents", "real_documents"]


def permitting_documents() -> list[Document]:
    """Return the eight licensing journeys."""
    found = read("journeys/us-permitting/journeys-8.json")
    nodes = {node["id"]: node for node in found["plcNodes"]}
    return [with_ids(parse(permitting_map(journey, nodes)), minter(1 << 32)) for journey in found["journeys"]]


def real_documents() -> list[Document]:
    return [*permitting_documents(), *expn_documents()]


def expn_documents() -> list[Document]:
    """Return the three journeys in Experience Notation: events as stages, steps as touchpoints."""
    files = sorted((DATA / "journeys" / "expn").glob("*.expn"))
    return [with_ids(parse(_expn(file)), minter(1 << 32)) for file in files]


def _expn(file: Path) -> dict[str, Any]:
    """Restate what the notation's lines say; personas within an event are quoted at its last step."""
    raw: dict[str, Any] = {"stages": [], "personas": []}
    step: dict[str, Any] = {}
    inline = False
    for line in file.read_text(encoding="utf-8").splitlines():
        name, sign, value = (part.strip() for part in line.partition(" #")[0].partition(":"))
        if not sign or name.startswith("#"):
            continue
        if name == "Journey-Title":
            raw["name"] = value
        elif name == "Journey-Description":
            raw["description"] = value
        elif name == "Event":
            raw["stages"].append({"name": value, "touchpoints": []})
        elif name == "Step":
            step, inline = {"name": value}, False
            raw["stages"][-1]["touchpoints"].append(step)
        elif name == "Persona" and not raw["stages"]:
            raw["personas"].append({"name": value})
        elif name == "Persona":
            inline = True
        elif name == "Action" and step:
            step.setdefault("actions", []).append({"text": value})
        elif name == "UI-Element" and step:
            step["attributes"] = {"ui-element": value}
        elif name == "Experience" and inline:
            step.setdefault("thoughts", []).append({"text": value, "evidence": "self_reported"})
        elif name == "Metrics":
            held = step if step and not inline else raw
            held.setdefault("attributes", {})["metrics"] = json.dumps(json.loads(value))
    return raw
