"""Labels of versions: names that people give them afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import make_map, path, publish
from tests.journeys.test_races import at_once

Json = dict[str, Any]


@pytest.fixture
def shown(tenant: Tenant) -> Json:
    shown = make_map(tenant)
    for name in ("one", "two"):
        tenant.client.call("PATCH", path(shown, "draft"), {"name": name}, etag="*")
        publish(tenant, shown)
    return shown


def put(tenant: Tenant, shown: Json, number: str, *labels: str, etag: str = "*") -> Any:
    where = path(shown, "versions", number, "labels")
    return tenant.client.call("PUT", where, {"labels": list(labels)}, etag=etag)


def test_a_version_is_labelled_and_stays_what_it_is(tenant: Tenant, shown: Json) -> None:
    where = path(shown, "versions/1/labels")
    before = tenant.client.call("GET", path(shown, "versions/1"))
    none = tenant.client.call("GET", where)
    assert none.json() == {"labels": [], "etag": '"r0"', "updated_at": None}
    given = put(tenant, shown, "1", "Q3 board", "Shown to the council", etag=none["ETag"])
    assert given.json()["labels"] == ["Q3 board", "Shown to the council"]
    assert tenant.client.call("GET", where).json() == given.json()
    assert put(tenant, shown, "1", "x", etag=none["ETag"]).status_code == 412
    put(tenant, shown, "1", "Q4 board", etag=given["ETag"])
    same = put(tenant, shown, "1", "Q4 board")
    assert same["ETag"] == '"r2"'
    assert tenant.client.call("GET", path(shown, "versions/1")).content == before.content
    events = [e for e in tenant.client.call("GET", "/v1/events").json()["results"] if "labelled" in e["type"]]
    assert [(e["data"]["before"], e["data"]["after"]) for e in events] == [
        ([], ["Q3 board", "Shown to the council"]),
        (["Q3 board", "Shown to the council"], ["Q4 board"]),
    ]


def test_versions_are_found_by_label(tenant: Tenant, shown: Json) -> None:
    put(tenant, shown, "latest", "Q3 board")
    where = path(shown, "versions?label=")
    found = tenant.client.call("GET", where + "Q3%20board").json()["results"]
    assert [row["number"] for row in found] == [2]
    assert tenant.client.call("GET", where + "Q3").json()["results"] == []


@pytest.mark.parametrize(
    "labels", [["x", "x"], [""], ["x" * 101], [1], "x", ["x"] * 21, [None], {"x": 1}, ["\0"]]
)
def test_labels_that_are_none_are_refused(tenant: Tenant, shown: Json, labels: Any) -> None:
    where = path(shown, "versions/1/labels")
    answer = tenant.client.call("PUT", where, {"labels": labels}, etag="*")
    assert answer.status_code == 400, answer.content
    assert tenant.client.call("GET", where).json()["labels"] == []


def test_of_two_who_label_first_one_is_told(tenant: Tenant, shown: Json) -> None:
    answers = at_once(4, lambda n: put(tenant, shown, "1", str(n), etag='"r0"'))
    assert Counter(a.status_code for a in answers) == {200: 1, 412: 3}
