"""Schemathesis over the whole API: granian, the app role, real Postgres; a fixed seed; every check."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.running import ROOT
from tests.conftest import Tenant, make_tenant
from tests.contract.ground import Ground, lay_ground
from tests.stories.running import Api, Running, running_service

Json = dict[str, Any]

# Which of the ground a path parameter is drawn from, by the path before it; DELETE takes the spare ones.
PLACES = {
    r"/v1/journey-maps/\{ref\}": ("ref", "maps"),
    r"/v1/kpis/\{ref\}": ("ref", "kpis"),
    r"/v1/personas/\{ref\}": ("ref", "personas"),
    r"/v1/bindings/\{ref\}": ("ref", "bindings"),
    r"/v1/sources/\{ref\}": ("ref", "sources"),
    r"/v1/inbound-endpoints/\{ref\}": ("ref", "endpoints"),
    r"/v1/api-keys/\{key_id\}": ("key_id", "api-keys"),
    r"/v1/views/\{ref\}": ("ref", "views"),
    r"/v1/readings/\{reading_id\}": ("reading_id", "readings"),
    r"/v1/inbound-events/\{event_id\}": ("event_id", "events"),
}


@pytest.fixture(scope="module")
def tenant(django_db_setup: None, django_db_blocker: Any) -> Tenant:
    with django_db_blocker.unblock():
        return make_tenant("judged")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("judged")) as running:
        yield running


def as_judged(document: Json) -> Json:
    """Return the document as it is held against the service, with two things made explicit.

    Answers are closed: what is not declared must not be sent either. Items of a batch may be any JSON:
    one that is no reading is refused in its own place (207), so that it keeps no other from being recorded.
    """
    document["components"]["schemas"]["ReadingBatchBody"]["properties"]["items"]["items"] = {}
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and schema.get("properties") and name != "Problem":
            schema.setdefault("additionalProperties", False)
    return document


def configuration(ground: Ground) -> str:
    """Return schemathesis.toml with the ground in it."""
    lines = [(ROOT / "schemathesis.toml").read_text()]
    for name, values in ground.items():
        lines += [f'[dictionaries."{name}"]', f"values = {json.dumps(values)}"]

    def operations(which: str, parameters: dict[str, tuple[str, float]]) -> None:
        lines.extend(["[[operations]]", which, "[operations.parameters]"])
        for parameter, (dictionary, probability) in parameters.items():
            lines.append(f'"{parameter}" = {{ dictionary = "{dictionary}", probability = {probability} }}')

    for place, (name, kind) in PLACES.items():
        found = {f"path.{name}": (kind, 0.9), "header.If-Match": ("any-etag", 0.6)}
        if "journey-maps" in place:
            for inner, (parameter, of) in {
                "stages": ("element", "stages"),
                "touchpoints": ("element", "touchpoints"),
                "versions": ("version", "versions"),
            }.items():
                more = {f"path.{parameter}": (of, 0.9), "body.kpi": ("kpis", 0.7)}
                operations(f"include-path-regex = '^{place}.*/{inner}/'", found | more)
        if f"{kind}-spare" in ground:
            gone = found | {f"path.{name}": (f"{kind}-spare", 0.9)}
            operations(f"include-name-regex = '^DELETE {place}$'", gone)
        operations(f"include-path-regex = '^{place}'", found | {"body.kpi": ("kpis", 0.7)})
    operations("include-operation-id = 'listReadings'", {"query.kpi": ("kpis", 0.8)})
    operations("include-operation-id = 'recordReading'", {"body.kpi": ("kpis", 0.8)})
    operations("include-operation-id = 'createView'", {"body.journey_map": ("maps", 0.8)})
    return "\n".join(lines)


@pytest.mark.skipif(
    not os.environ.get("LIVING_MAPS_JUDGE"),
    reason="judging the whole API takes minutes: set LIVING_MAPS_JUDGE=1",
)
def test_the_api_is_what_it_says(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    api = Api(service.url, tenant.secret)
    (tmp_path / "schemathesis.toml").write_text(configuration(lay_ground(api)))
    (tmp_path / "openapi.json").write_text(json.dumps(as_judged(api.call("GET", "/openapi.json").json)))
    report = tmp_path / "report.json"
    judged = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", str(tmp_path / "openapi.json"), "--url", service.url),
            *("--header", f"Authorization: Bearer {tenant.secret}"),
            *("--report-json-path", str(report), "--no-color"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-20000:] + judged.stderr[-5000:]
