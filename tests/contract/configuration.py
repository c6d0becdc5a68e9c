"""schemathesis.toml for the API as it stands: which of the ground each operation is given.

Nothing here names an operation: a path parameter is drawn from the list that stands before it in the path, a
member of a body or a query that is named after a list (`kpi`, `journey_map`, `element`) from that list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.config.running import ROOT
from tests.contract.ground import KEPT
from tests.stories.running import Api

Json = dict[str, Any]
Values = dict[str, list[str]]
METHODS = ("get", "put", "post", "patch", "delete")
# What no schema can say of a value: a cursor is opaque, an instant has come, and is not too long ago (410).
UNTOLD = ("cursor", "as_of", "known_at")
_UNTOLD = '["2xx", "3xx", 400, 401, 403, 404, 409, 410, 412, 429, "5xx"]'
_PARAMETER = re.compile(r"\{(\w+)\}")


def configuration(api: Api, document: Json, told: Mapping[str, list[str]]) -> str:
    """Return schemathesis.toml. told: values of path parameters that no list shows, by name."""
    ground = _Ground(api, document, told)
    lines = [(ROOT / "schemathesis.toml").read_text()]
    for path, method, operation in operations(document):
        found = ground.drawn(path, method, operation)
        names = {one.get("name") for one in operation.get("parameters", [])}
        untold = not names.isdisjoint(UNTOLD)
        if found or untold:
            lines += ["[[operations]]", f"include-operation-id = {json.dumps(operation['operationId'])}"]
        if untold:  # adjustment 4
            lines += [f"checks.positive_data_acceptance.expected-statuses = {_UNTOLD}"]
        if found:
            lines += ["[operations.parameters]"]
        for parameter, (dictionary, probability) in found.items():
            drawn = f"dictionary = {json.dumps(dictionary)}, probability = {probability}"
            lines.append(f"{json.dumps(parameter)} = {{ {drawn} }}")
    for name, values in ground.dictionaries.items():
        lines += [f"[dictionaries.{json.dumps(name)}]", f"values = {json.dumps(values)}"]
    return "\n".join(lines)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield (path, method, operation)."""
    for path, item in document["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


class _Ground:
    """What there is to name, by the path that shows it: `/v1/kpis/{ref}`; "… gone": what DELETE may have."""

    def __init__(self, api: Api, document: Json, told: Mapping[str, list[str]]) -> None:
        self.api, self.document, self.told = api, document, told
        self.own = api.call("GET", "/v1/me").json["credential_id"]  # the key that the judge holds
        self.dictionaries: Values = {"any-etag": ["*"]}
        self.places: dict[str, str] = {}  # member of a body or a query → place
        for path in sorted(document["paths"], key=len):
            for found in _PARAMETER.finditer(path):
                self._look(path[: found.end()])

    def drawn(self, path: str, method: str, operation: Json) -> dict[str, tuple[str, float]]:
        """Return, by parameter, the dictionary that it is drawn from and how often."""
        found: dict[str, tuple[str, float]] = {}
        for match in _PARAMETER.finditer(path):
            place = path[: match.end()]
            gone = f"{place} gone"
            if place in self.dictionaries:
                name = gone if method == "delete" and gone in self.dictionaries else place
                found[f"path.{match[1]}"] = (name, 0.9)
        for parameter in operation.get("parameters", []):
            place = self.places.get(parameter.get("name", ""), "")
            if parameter.get("name") == "If-Match":
                found["header.If-Match"] = ("any-etag", 1.0)
            elif parameter.get("in") == "query" and place:
                found[f"query.{parameter['name']}"] = (place, 0.8)
        for name, schema in self._members(operation).items():
            if name in self.places and schema.get("type") == "string":
                found[f"body.{name}"] = (self.places[name], 0.7)
        return found

    def _members(self, operation: Json) -> Json:
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return dict(schema.get("properties", {}))

    def _look(self, place: str) -> None:
        """Fill the dictionaries of a place from its list, if that was not done already."""
        collection, _, parameter = place.rpartition("/")
        name = parameter.strip("{}")
        if place in self.dictionaries:
            return
        shown = self._shown(collection) if "get" in self.document["paths"].get(collection, {}) else []
        if not shown and name in self.told:
            self.dictionaries[place] = self.told[name]
        elif shown and "{" in collection:  # parts of a resource have names in it; all have the same ones
            numbers = ["latest"] if "number" in shown[0] else []
            self.dictionaries[place] = numbers + [
                str(one.get("key") or one.get("number") or one["id"]) for one in shown
            ]
            self.places.setdefault(name, place)
        elif shown:
            ids = sorted(one.get("id") or one["key"] for one in shown)  # oldest first
            ids = [one for one in ids if one != self.own]
            self.dictionaries[place] = ids[:KEPT]
            if ids[KEPT:]:
                self.dictionaries[f"{place} gone"] = ids[KEPT:]
            self.places[_singular(collection.rpartition("/")[2])] = place

    def _shown(self, collection: str) -> list[Json]:
        """Return what a list shows, of the first of what it is a list of."""
        where = collection
        for found in _PARAMETER.finditer(collection):
            values = self.dictionaries.get(collection[: found.end()])
            if not values:
                return []
            where = where.replace(found[0], values[0], 1)
        query = {}
        for parameter in self.document["paths"][collection]["get"].get("parameters", []):
            if parameter.get("name") == "page_size":
                query["page_size"] = "100"
            elif parameter.get("required") and parameter["name"] in self.places:
                query[parameter["name"]] = self.dictionaries[self.places[parameter["name"]]][0]
        answer = self.api.call("GET", f"{where}?{urlencode(query)}")
        if answer.status == 400:  # it has to be asked for something that only its makers know
            return []
        assert answer.status == 200, (where, answer.body)
        return [one for one in answer.json.get("results", []) if one.keys() & {"id", "key", "number"}]


def _singular(noun: str) -> str:
    """Return what a member is called that names one of them: `journey-maps` → `journey_map`."""
    return re.sub("ies$", "y", noun).removesuffix("s").replace("-", "_")


def as_judged(document: Json) -> Json:
    """Return the document as it is held against the service, with four things made explicit.

    Answers are closed: what is not declared must not be sent either. Where null is absence (the contract's
    `x-null-is-absence`) it may be sent for whatever may be absent. Items of a batch may be any JSON: one that
    is no reading is refused in its own place (207), so that it keeps no other from being recorded.
    The ends of a range are drawn in their order, a rule of two parameters.
    """
    for _, _, operation in operations(document):
        for one in operation.get("parameters", []):
            if one.get("name") in ("from", "to") and one["schema"].get("format") == "date-time":
                one["schema"]["format"] = f"range-{one['name']}"
    for body in ("ReadingBatchBody", "FeedbackBatchBody"):
        document["components"]["schemas"][body]["properties"]["items"]["items"] = {}
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and schema.get("properties") and name != "Problem":
            schema.setdefault("additionalProperties", False)
        if schema.get("x-null-is-absence"):
            schema["properties"] |= {
                member: {"anyOf": [inner, {"type": "null"}]}
                for member, inner in schema["properties"].items()
                if member not in schema.get("required", ())
            }
    return document
