"""Versions over HTTP: published, told beforehand, read for ever, found by instant, drawn."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish


def without_etag(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name != "etag"}


def test_a_publish_makes_the_draft_a_version(tenant: Tenant) -> None:
    shown = make_map(tenant)
    draft = draft_of(tenant, shown)
    body = {"message": "First", "on_behalf_of": {"name": "Ana", "email": "ana@example.org"}}
    answer = tenant.client.call("POST", path(shown, "versions"), body, etag=draft["etag"])
    version = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, path(shown, "versions", "1"))
    assert (version["number"], version["message"], version["restored_from"]) == (1, "First", None)
    assert version["on_behalf_of"] == body["on_behalf_of"]
    assert version["author"]["name"] == "all"
    assert len(version["elements"]["added"]) == 5
    read = tenant.client.call("GET", answer["Location"])
    assert read.json()["document"] == without_etag(draft)
    assert read.json()["version"].items() <= version.items()
    assert read["ETag"] == answer["ETag"] == version["etag"] == f'"v1-{version["digest"]}"'
    assert draft_of(tenant, shown) == draft


def test_the_bytes_are_canonical_and_never_change(tenant: Tenant) -> None:
    shown = make_map(tenant)
    first = publish(tenant, shown)
    read = tenant.client.call("GET", path(shown, "versions", "1"))
    assert read["Cache-Control"] == "private, max-age=600"
    document = json.loads(read.content)["document"]
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert read.content.startswith(b'{"document":' + canonical + b',"etag":')
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Other"}, etag="*")
    publish(tenant, shown)
    for ref in ("1", first["id"]):
        again = tenant.client.call("GET", path(shown, "versions", ref))
        assert (again.content, again["ETag"]) == (read.content, read["ETag"])
        known = tenant.client.call("GET", path(shown, "versions", ref), If_None_Match=read["ETag"])
        assert (known.status_code, known["Cache-Control"]) == (304, read["Cache-Control"])
    latest = tenant.client.call("GET", path(shown, "versions", "latest"))
    assert (latest.json()["version"]["number"], latest["Cache-Control"]) == (2, "private, no-cache")
    assert latest["Content-Location"] == path(shown, "versions", "2")


def test_publishing_names_the_draft_that_was_seen(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "versions")
    assert tenant.client.call("POST", where, {}).status_code == 428
    stale = tenant.client.call("POST", where, {}, etag='"r9"')
    assert (stale.status_code, stale["ETag"]) == (412, '"r1"')
    assert tenant.client.call("GET", where).json()["results"] == []


def test_there_is_nothing_to_publish_twice(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    for dry in ("", "?dry_run=true"):
        again = tenant.client.call("POST", path(shown, "versions") + dry, {}, etag="*")
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")
    renamed = tenant.client.call("PATCH", path(shown, "draft"), {"name": "x"}, etag="*")
    tenant.client.call("PATCH", path(shown, "draft"), {"name": DOCUMENT["name"]}, etag=renamed["ETag"])
    back = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert back.json()["code"] == "nothing_to_publish"


def test_a_dry_run_tells_all_and_stores_nothing(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    before = tenant.client.call("GET", path(shown)).json()
    events = tenant.client.call("GET", "/v1/events").json()
    draft = draft_of(tenant, shown)
    visit, sign = draft["stages"][0]["touchpoints"][1], draft["stages"][1]["touchpoints"].pop()
    draft["stages"][0]["touchpoints"][1] = visit | {"name": "Views", "owner": "Agent"}
    draft["stages"][1]["touchpoints"] = [{"name": "Pays"}]
    draft["scenario"] = "In May"
    put = tenant.client.call("PUT", path(shown, "draft"), without_etag(draft), etag="*")
    pays = put.json()["stages"][1]["touchpoints"][0]
    drafted = tenant.client.call("GET", path(shown)).json()
    told = tenant.client.call(
        "POST", path(shown, "versions?dry_run=true"), {"message": "m"}, etag=put["ETag"]
    )
    assert told.status_code == 200
    changes = {
        (c["verb"], c["kind"], c["id"], c["field"]): (c["before"], c["after"]) for c in told.json()["changes"]
    }
    assert changes == {
        ("changed", "map", shown["id"], "scenario"): (None, "In May"),
        ("removed", "touchpoint", sign["id"], ""): (sign, None),
        ("added", "touchpoint", pays["id"], ""): (None, pays),
        ("renamed", "touchpoint", visit["id"], "name"): ("Visits", "Views"),
        ("changed", "touchpoint", visit["id"], "owner"): (None, "Agent"),
    }
    assert told.json()["elements"]["added"] == [pays["id"]]
    assert told.json()["elements"]["removed"] == [sign["id"]]
    assert tenant.client.call("GET", path(shown)).json() == drafted
    assert tenant.client.call("GET", "/v1/events").json() == events
    assert [v["number"] for v in tenant.client.call("GET", path(shown, "versions")).json()["results"]] == [1]
    done = tenant.client.call("POST", path(shown, "versions"), {"message": "m"}, etag=put["ETag"]).json()
    told_again = {k: v for k, v in told.json().items() if k not in {"id", "published_at", "changes"}}
    assert {k: v for k, v in done.items() if k not in {"id", "published_at"}} == told_again
    assert before["last_version"] == 1


def test_a_first_dry_run_tells_the_whole_map(tenant: Tenant) -> None:
    shown = make_map(tenant)
    told = tenant.client.call("POST", path(shown, "versions?dry_run=true"), {}, etag="*").json()
    assert [c["name"] for c in told["changes"] if c["verb"] == "added"] == [
        "Search", "Reads adverts", "Visits", "Contract", "Signs",
    ]  # fmt: skip
    assert tenant.client.call("POST", path(shown, "versions?dry_run=yes"), {}, etag="*").status_code == 400


def test_an_empty_map_can_be_published(tenant: Tenant) -> None:
    shown = make_map(tenant, document={"name": "Only a name"})
    assert publish(tenant, shown)["elements"] == {"added": [], "removed": [], "kept": []}
    read = tenant.client.call("GET", path(shown, "versions", "latest")).json()
    assert read["document"] == {"format": 1, "name": "Only a name"}


def test_elements_are_kept_by_id_whatever_became_of_them(tenant: Tenant) -> None:
    shown = make_map(tenant)
    first = publish(tenant, shown)
    draft = draft_of(tenant, shown)
    draft["stages"].reverse()
    draft["stages"][0]["touchpoints"].append(draft["stages"][1]["touchpoints"].pop(0))
    draft["stages"][0]["name"] = "Deal"
    tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
    second = publish(tenant, shown)
    assert set(second["elements"]["kept"]) == set(first["elements"]["added"])
    assert (second["elements"]["added"], second["elements"]["removed"]) == ([], [])
    order = [s["id"] for s in draft["stages"]] + [t["id"] for s in draft["stages"] for t in s["touchpoints"]]
    assert set(order) == set(second["elements"]["kept"])
    assert second["elements"]["kept"][:2] == [
        draft["stages"][0]["id"],
        draft["stages"][0]["touchpoints"][0]["id"],
    ]


NOBODY = "01a201b7-bb5d-7174-8341-0ac8576b45ff"
TOUCHPOINT = {"name": "t", "continues": [NOBODY]}


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"personas": [{"id": NOBODY}]}, "/personas/0/id", "unknown_persona"),
        ({"parent_touchpoint": NOBODY}, "/parent_touchpoint", "unknown_touchpoint"),
        (
            {"stages": [{"name": "s", "touchpoints": [TOUCHPOINT]}]},
            "/stages/0/touchpoints/0/continues/0",
            "unknown_element",
        ),
        ({"stages": [{"name": "s", "continues": [NOBODY]}]}, "/stages/0/continues/0", "unknown_element"),
    ],
)
def test_a_draft_that_names_what_is_not_there_is_refused(
    tenant: Tenant, members: dict[str, Any], pointer: str, code: str
) -> None:
    shown = make_map(tenant, document={"name": "x", **members})
    answer = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert (answer.status_code, answer.json()["code"]) == (422, "publish_refused")
    assert [(i["pointer"], i["code"]) for i in answer.json()["errors"]] == [(pointer, code)]
    assert tenant.client.call("GET", path(shown)).json()["last_version"] == 0


def test_what_continues_and_what_details_another_must_be_of_this_workspace(
    tenant: Tenant, stranger: Tenant
) -> None:
    ours, theirs = make_map(tenant), make_map(stranger)
    our_ids = [s["id"] for s in draft_of(tenant, ours)["stages"]]
    touchpoint = draft_of(tenant, ours)["stages"][0]["touchpoints"][0]["id"]
    their_touchpoint = draft_of(stranger, theirs)["stages"][0]["touchpoints"][0]["id"]
    for parent, status in ((touchpoint, 201), (our_ids[0], 422), (their_touchpoint, 422)):
        detail = make_map(tenant, document={"name": "d", "parent_touchpoint": parent})
        assert tenant.client.call("POST", path(detail, "versions"), {}, etag="*").status_code == status
    own = {"parent_touchpoint": None, "stages": [{"name": "new", "continues": [our_ids[0], our_ids[1]]}]}
    tenant.client.call("PATCH", path(ours, "draft"), own, etag="*")
    assert tenant.client.call("POST", path(ours, "versions"), {}, etag="*").status_code == 201
    foreign = make_map(tenant, document={"name": "f", "stages": [{"name": "new", "continues": [our_ids[0]]}]})
    assert tenant.client.call("POST", path(foreign, "versions"), {}, etag="*").status_code == 422


def test_versions_are_listed_oldest_first_in_pages(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for number in range(1, 6):
        tenant.client.call("PATCH", path(shown, "draft"), {"name": f"n{number}"}, etag="*")
        publish(tenant, shown, message=str(number))
    found, where = [], path(shown, "versions?page_size=2")
    while where:
        page = tenant.client.call("GET", where).json()
        found += [(row["number"], row["message"]) for row in page["results"]]
        where = page["next"]
    assert found == [(n, str(n)) for n in range(1, 6)]
    assert "document" not in page["results"][0]


def test_the_version_as_of_an_instant(tenant: Tenant) -> None:
    shown = make_map(tenant)
    first = publish(tenant, shown)
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "x"}, etag="*")
    second = publish(tenant, shown)
    one, two = (datetime.fromisoformat(v["published_at"]) for v in (first, second))

    def as_of(at: datetime) -> Any:
        instant = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return tenant.client.call("GET", path(shown, f"versions/latest?as_of={instant}"))

    assert as_of(one - timedelta(microseconds=1)).status_code == 404
    assert as_of(one).json()["version"]["number"] == 1
    assert as_of(two - timedelta(microseconds=1)).json()["version"]["number"] == 1
    assert as_of(two).json()["version"]["number"] == 2
    assert as_of(two)["Memento-Datetime"].endswith("GMT")
    future = as_of(datetime.now(UTC) + timedelta(minutes=1))
    assert (future.status_code, future.json()["errors"][0]["code"]) == (400, "in_the_future")
    for bad in (
        "latest?as_of=2026-01-01",
        "latest?as_of=2026-01-01T00:00:00",
    ):
        assert tenant.client.call("GET", path(shown, "versions", bad)).status_code == 400
    etag = tenant.client.call("GET", path(shown)).json()["etag"]
    tenant.client.call("DELETE", path(shown), etag=etag)
    assert as_of(two).status_code == 200
    assert as_of(datetime.now(UTC)).status_code == 404


@pytest.mark.parametrize(
    "ref", ["0", "2", "99999999999", "01", "-1", "x", "01a201b7-bb5d-7174-8341-0ac8576b45ff", "1.0"]
)
def test_other_versions_are_not_there(tenant: Tenant, ref: str) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    assert tenant.client.call("GET", path(shown, "versions", ref)).status_code == 404


def test_a_version_takes_no_change(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        answer = tenant.client.call(method, path(shown, "versions", "1"), {}, etag="*")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_an_idempotency_key_publishes_once(tenant: Tenant) -> None:
    shown = make_map(tenant)
    first = tenant.client.call("POST", path(shown, "versions"), {}, etag='"r1"', key="k")
    again = tenant.client.call("POST", path(shown, "versions"), {}, etag='"r1"', key="k")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    dry = tenant.client.call("POST", path(shown, "versions?dry_run=true"), {}, etag='"r1"', key="k")
    assert dry.status_code == 422


def test_publishing_tells_the_feed(tenant: Tenant) -> None:
    shown = make_map(tenant)
    version = publish(tenant, shown, message="First")
    event = tenant.client.call("GET", "/v1/events").json()["results"][-1]
    assert event["type"] == "map.version_published"
    assert event["data"] == {
        "journey_map": shown["id"],
        "version": 1,
        "version_id": version["id"],
        "digest": version["digest"],
        "message": "First",
        "restored_from": None,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"message": "x" * 2001},
        {"message": 1},
        {"restored_from": 1},
        {"on_behalf_of": {"email": "a@b"}},
        {"on_behalf_of": {"name": "x", "email": "nobody"}},
        {"on_behalf_of": {"name": "x", "role": "y"}},
    ],
)
def test_what_a_publish_does_not_take_is_refused(tenant: Tenant, body: dict[str, Any]) -> None:
    answer = tenant.client.call("POST", path(make_map(tenant), "versions"), body, etag="*")
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_a_version_is_drawn_as_asked(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    where = path(shown, "versions", "1", "drawing")
    picture = tenant.client.call("GET", where, Accept="image/svg+xml")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert picture.content.startswith(b"<svg")
    page = tenant.client.call("GET", where, Accept="text/html,*/*;q=0.8")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert page.content.startswith(b"<!DOCTYPE html>")
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert tenant.client.call("GET", f"{where}?format=html", Accept="*/*").content == page.content
    assert tenant.client.call("GET", f"{where}?format=svg", Accept="text/html").content == picture.content
    known = tenant.client.call("GET", where, Accept="image/svg+xml", If_None_Match=picture["ETag"])
    assert known.status_code == 304
    assert page["ETag"] != picture["ETag"]
    assert tenant.client.call("GET", where, Accept="image/png").status_code == 406
    refused = tenant.client.call("GET", f"{where}?format=pdf", Accept="image/svg+xml")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(refused.content)["code"] == "validation_error"
    missing = tenant.client.call("GET", path(shown, "versions", "7", "drawing"), Accept="text/html")
    assert json.loads(missing.content)["code"] == "not_found"


def test_equal_documents_have_equal_digests(tenant: Tenant) -> None:
    one, two = make_map(tenant, document={"name": "Same"}), make_map(tenant, document={"name": "Same"})
    first, second = publish(tenant, one), publish(tenant, two)
    assert first["digest"] == second["digest"]
    assert len(bytes.fromhex(first["digest"])) == hashlib.sha256().digest_size
