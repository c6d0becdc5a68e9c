"""A workspace with something of everything, bundles taken apart, and a second server to take them to."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import token_of, view_of
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week
from tests.service.databases import ROOT, database, run

NDJSON = "application/x-ndjson"
MAPPING = {"kpi": "completion", "items": "$.data[*]", "value": "$.v", "start": "$.start", "end": "$.end"}
RULE = {"kpi": "nps", "value": "$.score", "observed_at": "$.at", "external_id": "$.id"}


def rich(tenant: Tenant) -> Place:
    """Fill a workspace with something of each section."""
    vocabulary = {"key": "ours", "kind": "stages", "label": "Ours", "words": [{"key": "a", "label": "A"}]}
    place = Place(tenant, DOCUMENT | {"stage_vocabulary": "service-3"})
    place.call("POST", "/v1/vocabularies", vocabulary, status=201)
    ann = place.call(
        "POST", "/v1/personas", {"key": "ann", "name": "Ann — «54»", "goals": ["Rest"]}, status=201
    )
    _maps(place, ann)
    _kpis(place)
    _figures(place)
    _feeds(place)
    view = view_of(place, key="wall", stages=["apply"], embed_origins=["https://wiki.example.org"])
    token_of(place, view)
    board = {"kind": "overview", "name": "Board", "journey_maps": ["claim"]}
    place.call("POST", "/v1/views", board, status=201)
    chosen = {"kpis": ["nps"], "journey_maps": ["claim"], "labels": {"segment": "*"}}
    place.call("POST", "/v1/notices", {"key": "desk", "name": "Desk", "selector": chosen}, status=201)
    quiet = {"selector": chosen, "ends_at": stamp(now() + timedelta(days=1)), "reason": "Moving"}
    place.call("POST", "/v1/silences", quiet, status=201)
    place.call("PATCH", "/v1/judgement-settings", {"coverage_floor": 0.4}, etag="*")
    place.call("POST", f"/v1/views/{view['id']}/snapshots", {"name": "Board"}, status=201)
    _improvements(place)
    return place


def _improvements(place: Place) -> None:
    aimed = {"kpi": "completion", "direction": "up", "by": 0.05}
    body = {"journey_map": "claim", "title": "Fewer questions", "at": stamp(now() - timedelta(weeks=2))}
    made = place.call(
        "POST", "/v1/improvements", body | {"elements": ["form"], "kpis": [aimed], "key": "fewer"}, status=201
    )
    place.call("PATCH", "/v1/improvements/fewer", {"title": "Half the questions"}, etag=made["etag"])
    gone = place.call("POST", "/v1/improvements", body, status=201)
    place.call("DELETE", f"/v1/improvements/{gone['id']}", status=204, etag=gone["etag"])


def _maps(place: Place, ann: Any) -> None:
    second = copy.deepcopy(place.call("GET", f"{place.path}/draft"))
    second.pop("etag")
    second["personas"] = [{"id": ann["id"]}]
    second["stages"][0]["touchpoints"][1]["name"] = "Pays \U0001f4b6"
    place.redraft(second)
    place.publish()
    place.call("PUT", f"{place.path}/versions/1/labels", {"labels": ["as is"]}, etag="*")
    form = second["stages"][0]["touchpoints"][0]["id"]
    copied = place.call("POST", f"{place.path}/copies", {"name": "Claim, later", "key": "later"}, status=201)
    below = {"name": "Below", "parent_touchpoint": form, "stages": [{"name": "One"}]}
    made = place.call("POST", "/v1/journey-maps", {"document": below, "key": "below"}, status=201)
    place.call("POST", f"/v1/journey-maps/{made['id']}/versions", {"message": "ü"}, status=201, etag="*")
    place.call("POST", "/v1/collections", {"name": "Both", "journey_maps": ["later", "claim"]}, status=201)
    saved = {"name": "Saved", "journey_map": "claim", "key": "saved"}
    place.call("POST", "/v1/templates", saved, status=201)
    archived = place.call("POST", "/v1/journey-maps", {"document": {"name": "Gone"}}, status=201)
    place.call("DELETE", f"/v1/journey-maps/{archived['id']}", status=204, etag=archived["etag"])
    # The draft goes on, past what was published.
    third = copy.deepcopy(second)
    third["stages"].append({"name": "Drafted", "touchpoints": [{"name": "Only here"}]})
    place.redraft(third)
    assert copied["name"] == "Claim, later"


def _kpis(place: Place) -> None:
    lines = {"target": 0.8, "warn": 0.7, "breach": 0.6, "recovery": 0.02}
    kpi = place.kpi("completion", period="week", thresholds=lines)
    for change in ({"min_n": 10}, {"min_n": 20, "thresholds": {"target": 0.9, "warn": 0.75}}):
        kpi = place.call("PATCH", "/v1/kpis/completion", change, etag=kpi["etag"])
    place.kpi("nps", kind="nps", holds="events", input="answers", period="day")
    first = place.bind("completion", "form")
    place.bind("nps", None, selector={"segment": "*"}, thresholds={"warn": 20})
    place.bind("completion", "pay", label="Paid")
    place.call("DELETE", f"/v1/bindings/{first['id']}", status=204, etag=first["etag"])
    place.bind("completion", "form", place=3)


def _figures(place: Place) -> None:
    for ago, numerator in ((4, 70), (3, 72), (2, 80), (1, 82)):
        place.rate("completion", ago, numerator)
    place.record({"kpi": "completion", "period": week(2), "numerator": 61, "denominator": 100}, correct=True)
    place.record({"kpi": "completion", "period": week(3), "retract": True, "reason": "wrong list"})
    answers = [(1, 9), (2, 10), (3, 3), (4, 7), (5, 9)]
    for day, score in answers:
        place.record(_answer(f"a{day}", score, f"2026-10-{day:02d}T12:00:00Z"))
    place.record(_answer("a3", 8, "2026-10-06T09:30:00.123456Z"), correct=True)
    place.record({"kpi": "nps", "external_id": "a4", "labels": {"segment": "smb"}, "retract": True})
    place.kpi("wrote", kind="complaints", holds="events", period="day", plausibility={"low": 2})
    place.record({"kpi": "wrote", "external_id": "w", "value": 1, "observed_at": "2026-10-06T09:30:00Z"})
    [point] = place.call("GET", "/v1/kpis/wrote/points")["points"]
    place.call("POST", f"/v1/readings/{point['suspect']['id']}/confirmations", {"reason": "So."}, status=201)


def _answer(own: str, score: int, at: str) -> dict[str, Any]:
    return {
        "kpi": "nps", "external_id": own, "value": score, "observed_at": at, "labels": {"segment": "smb"},
    }  # fmt: skip


def _feeds(place: Place) -> None:
    source = {
        "name": "Feed",
        "type": "http_json",
        "config": {"url": "https://figures.example.org/x", "secret_header": "X-Key"},
        "mappings": [MAPPING],
        "schedule": {"every": "PT5M"},
    }
    place.call("POST", "/v1/sources", {**source, "key": "sealed", "secret": "s3cret-of-ours"}, status=201)
    place.call(
        "POST",
        "/v1/sources",
        {**source, "key": "open", "config": {"url": source["config"]["url"]}},
        status=201,
    )  # type: ignore[index]
    place.call(
        "POST", "/v1/inbound-endpoints", {"key": "survey", "name": "Survey", "rules": [RULE]}, status=201
    )


def exported(client: ApiClient, query: str = "?readings=true") -> bytes:
    answer = client.call("GET", f"/v1/bundle{query}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def lines_of(bundle: bytes) -> list[Any]:
    return [json.loads(line) for line in bundle.splitlines()]


def rows(bundle: bytes, section: str) -> list[Any]:
    return [line["row"] for line in lines_of(bundle) if line["section"] == section]


def without_instant(bundle: bytes) -> list[Any]:
    """Return all that two exports of equal workspaces share."""
    header, *between, _ = lines_of(bundle)
    del header["row"]["exported_at"]
    return [header, *between]


def altered(bundle: bytes, change: Callable[[list[Any]], None]) -> bytes:
    """Change the lines between header and trailer, and seal them as if they had been written so."""
    header, *between, _ = bundle.splitlines(keepends=True)
    found = [json.loads(line) for line in between]
    change(found)
    lines = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in found]
    return sealed([header, *lines])


def sealed(lines: list[bytes]) -> bytes:
    """Put a trailer after a header and lines."""
    counts = dict.fromkeys(json.loads(lines[0])["row"]["sections"], 0)
    for line in lines[1:]:
        section = json.loads(line)["section"]
        counts[section] = counts.get(section, 0) + 1
    told = {"counts": counts, "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return b"".join([*lines, json.dumps({"section": "trailer", "row": told}).encode() + b"\n"])


def sent(client: ApiClient, bundle: bytes, **more: Any) -> Any:
    return client.call("POST", "/v1/bundle/imports", bundle, content_type=NDJSON, **more)


_ASK = """
import sys, json, django
django.setup()
from django.test import Client
client, told = Client(SERVER_NAME="localhost"), []
for method, path, file in json.load(open(sys.argv[2])):
    body = open(file, "rb").read() if file else b""
    headers = {"Authorization": "Bearer " + sys.argv[1]}
    answer = client.generic(method, path, body, "application/x-ndjson" if file else "", headers=headers)
    told.append([answer.status_code, json.loads(answer.content)])
print(json.dumps(told))
"""


class Elsewhere:
    """Another server: a database of its own, asked by processes of their own."""

    def __init__(self, owner: str, app: str) -> None:
        self.urls = {"OWNER_DATABASE_URL": owner, "DATABASE_URL": app, "LIVING_MAPS_BOOTSTRAP": "0"}
        self.manage("migrate", "--database=owner", "-v", "0")

    def manage(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(os.environ) | self.urls,
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def take(self, bundle: bytes) -> str:
        """Import into a new workspace and return its id."""
        return str(json.loads(self.manage("import_workspace", stdin=bundle))["workspace"])

    def key(self, workspace: str) -> str:
        """Return a key of every scope."""
        made = self.manage("create_api_key", "--workspace", workspace, "--name", "test", "--json")
        return str(json.loads(made)["secret"])

    def workspace(self) -> str:
        """Return the id of an empty one."""
        return str(json.loads(self.manage("create_workspace", "Empty", "--json"))["workspace"])

    def call(self, secret: str, calls: Sequence[tuple[str, str, bytes]], scratch: Path) -> list[Any]:
        """Return [status, body] of each (method, path, bundle), one after the other in one process."""
        asked = []
        for number, (method, path, bundle) in enumerate(calls):
            file = scratch / f"{number}.ndjson"
            if bundle:
                file.write_bytes(bundle)
            asked.append((method, path, str(file) if bundle else ""))
        (scratch / "calls.json").write_text(json.dumps(asked))
        told = run("-c", _ASK, secret, str(scratch / "calls.json"), **self.urls)
        assert told.returncode == 0, told.stderr
        return list(json.loads(told.stdout))


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    with database() as (owner, app):
        yield Elsewhere(owner, app)
