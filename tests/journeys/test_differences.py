"""Two moments of a map compared over HTTP, two maps element by element, and stage by stage."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import jsonpatch
import pytest

from journeys.document.diff import change_log, json_patch
from journeys.document.diff import diff as compared
from journeys.serializers.changes import changes_out
from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish


def diff(tenant: Tenant, shown: dict[str, Any], status: int = 200, **params: str) -> Any:
    query = "&".join(f"{name.rstrip('_')}={quote(value)}" for name, value in params.items())
    answer = tenant.client.call("GET", f"{path(shown, 'diff')}?{query}")
    assert answer.status_code == status, answer.content
    return answer.json()


def told(shown: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(c["verb"], c["kind"], c["name"], c["field"]) for c in shown["changes"]]


@pytest.fixture
def shown(tenant: Tenant) -> dict[str, Any]:
    """A map with two versions and a draft after them."""
    shown = make_map(tenant, key="flat")
    publish(tenant, shown)
    draft = draft_of(tenant, shown)
    draft["stages"][0]["touchpoints"].reverse()
    draft["stages"][1]["touchpoints"][0]["owner"] = "Agent"
    tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
    publish(tenant, shown)
    tenant.client.call("PATCH", path(shown, "draft"), {"scenario": "In May"}, etag="*")
    return shown


def test_two_versions_are_told_apart(tenant: Tenant, shown: dict[str, Any]) -> None:
    found = diff(tenant, shown, from_="1", to="2")
    assert [(c[0], c[1], c[3]) for c in told(found)] == [
        ("moved", "touchpoint", ""),
        ("changed", "touchpoint", "owner"),
    ]
    assert found["counts"] == {"added": 0, "removed": 0, "moved": 1, "renamed": 0, "changed": 1}
    assert (found["from"]["version"], found["to"]["version"], found["equal"]) == (1, 2, False)
    one, two = (tenant.client.call("GET", path(shown, "versions", n)).json()["document"] for n in ("1", "2"))
    assert jsonpatch.JsonPatch(found["patch"]).apply(one) == two
    assert {c["is_at"]["member"] for c in found["changes"]} == {"touchpoints"}


def test_what_is_the_same_in_two_versions_is_left_unread_and_missed_by_nobody(tenant: Tenant) -> None:
    shown = make_map(tenant, DOCUMENT | {"personas": [{"name": "Ada"}]})
    documents = [published(tenant, shown)]
    for edit in (_moves_to_another_stage, _says_a_way, _drops_a_stage, _adds_a_stage_between, _renames):
        draft = draft_of(tenant, shown)
        edit(draft)
        tenant.client.call("PUT", path(shown, "draft"), draft, etag="*")
        documents.append(published(tenant, shown))
    for old in range(len(documents)):
        for new in range(len(documents)):
            before, after = documents[old], documents[new]
            found = diff(tenant, shown, from_=str(old + 1), to=str(new + 1))
            whole = compared(before, after)
            assert found["changes"] == changes_out(whole, UUID(shown["id"])), (old, new)
            assert found["patch"] == json_patch(whole, before)
            answer = tenant.client.call(
                "GET", f"{path(shown, 'diff')}?from={old + 1}&to={new + 1}&format=markdown"
            )
            story = change_log(whole, before, after, title="x").split("\n", 1)[1]
            assert answer.content.decode().split("\n", 1)[1] == story


def published(tenant: Tenant, shown: dict[str, Any]) -> dict[str, Any]:
    number = str(publish(tenant, shown)["number"])
    return dict(tenant.client.call("GET", path(shown, "versions", number)).json()["document"])


def _moves_to_another_stage(draft: dict[str, Any]) -> None:
    draft["stages"][1]["touchpoints"].append(draft["stages"][0]["touchpoints"].pop())


def _says_a_way(draft: dict[str, Any]) -> None:
    ends = [stage["touchpoints"][0]["id"] for stage in draft["stages"]]
    draft["transitions"] = [{"from": ends[0], "to": ends[1]}]


def _drops_a_stage(draft: dict[str, Any]) -> None:
    del draft["stages"][0], draft["transitions"]


def _adds_a_stage_between(draft: dict[str, Any]) -> None:
    draft["stages"].insert(0, {"name": "Move in", "touchpoints": [{"name": "Keys"}, {"name": "Boxes"}]})


def _renames(draft: dict[str, Any]) -> None:
    draft["stages"][1]["touchpoints"][0] |= {"name": "Signs twice", "thoughts": [{"text": "Again?"}]}
    draft["personas"][0]["name"] = "Ada L."


def test_without_names_it_tells_what_a_publish_would_bring(tenant: Tenant, shown: dict[str, Any]) -> None:
    found = diff(tenant, shown)
    assert found["changes"] == [
        {
            "verb": "changed",
            "kind": "map",
            "id": shown["id"],
            "name": "Renting a flat",
            "was_at": None,
            "is_at": None,
            "field": "scenario",
            "before": None,
            "after": "In May",
        }
    ]
    assert found["from"]["draft"] is None
    assert (found["to"]["version"], found["to"]["draft"]) == (None, draft_of(tenant, shown)["etag"])
    rehearsed = tenant.client.call("POST", path(shown, "versions?dry_run=true"), {}, etag="*").json()
    assert rehearsed["changes"] == found["changes"]


def test_moments_go_by_many_names(tenant: Tenant, shown: dict[str, Any]) -> None:
    versions = tenant.client.call("GET", path(shown, "versions")).json()["results"]
    first = datetime.fromisoformat(versions[0]["published_at"])
    for name in ("1", versions[0]["id"], versions[0]["published_at"], "flat@1", f"{shown['id']}@1"):
        assert diff(tenant, shown, from_=name, to="1")["equal"] is True
        assert diff(tenant, shown, from_=name, to="1")["patch"] == []
    assert diff(tenant, shown, from_="0", to="1")["counts"]["added"] == 5
    assert diff(tenant, shown, from_=datetime.now(UTC).isoformat(), to="latest")["equal"] is True
    before = (first - timedelta(seconds=1)).isoformat()
    for name, status in (
        (before, 404),
        ("3", 404),
        ("nowhere@1", 404),
        ("@1", 404),
        ("yesterday", 400),
        ("flat@", 400),
        ("2026-13-01T00:00:00Z", 400),
        ("2026-01-01T00:00:00", 400),
        ((datetime.now(UTC) + timedelta(hours=1)).isoformat(), 400),
    ):
        refused = diff(tenant, shown, status, from_=name)
        assert refused.get("errors", [{"pointer": "/from"}])[0]["pointer"] == "/from", name


def test_a_first_draft_is_compared_with_nothing(tenant: Tenant) -> None:
    found = diff(tenant, make_map(tenant))
    assert found["from"] == found["from"] | {"version": None, "draft": None, "name": "", "digest": "00" * 32}
    assert found["counts"]["added"] == 5


def test_a_known_difference_is_not_sent_again(tenant: Tenant, shown: dict[str, Any]) -> None:
    where = path(shown, "diff?from=1")
    first = tenant.client.call("GET", where)
    known = tenant.client.call("GET", where, If_None_Match=first["ETag"])
    assert (known.status_code, known.content) == (304, b"")
    text = tenant.client.call("GET", where, Accept="text/markdown", If_None_Match=first["ETag"])
    assert text.status_code == 200
    tenant.client.call("PATCH", path(shown, "draft"), {"scenario": "In June"}, etag="*")
    assert tenant.client.call("GET", where, If_None_Match=first["ETag"]).status_code == 200


def test_a_change_log_is_sent_to_readers(tenant: Tenant, shown: dict[str, Any]) -> None:
    log = tenant.client.call("GET", path(shown, "diff?from=1"), Accept="text/markdown")
    assert (log.status_code, log["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    text = log.content.decode()
    assert text.startswith("# Renting a flat: version 1 → Renting a flat: draft\n\n1 moved, 2 changed.\n")
    assert "### Signs\n\n- Owner: set to “Agent”" in text
    asked = tenant.client.call("GET", path(shown, "diff?from=1&format=markdown"))
    assert asked.content == log.content
    assert tenant.client.call("GET", path(shown, "diff?format=html")).status_code == 400
    assert tenant.client.call("GET", path(shown, "diff"), Accept="text/html").status_code == 406


def test_the_draft_is_told_with_its_personas_filled_in(tenant: Tenant) -> None:
    persona = tenant.client.call("POST", "/v1/personas", {"name": "Ana", "goals": ["rent"]}).json()
    shown = make_map(tenant, document={"name": "m", "personas": [{"id": persona["id"]}]})
    publish(tenant, shown)
    assert diff(tenant, shown)["equal"] is True
    etag = tenant.client.call("GET", path(shown, "diff"))["ETag"]
    tenant.client.call("PATCH", f"/v1/personas/{persona['id']}", {"goals": ["stay"]}, etag="*")
    found = tenant.client.call("GET", path(shown, "diff"), If_None_Match=etag).json()
    assert told(found) == [("changed", "persona", "Ana", "goals")]


def test_two_maps_are_compared_by_key(tenant: Tenant, shown: dict[str, Any]) -> None:
    other = copy.deepcopy(DOCUMENT)
    other["stages"][0]["touchpoints"][1]["name"] = "Looks around"
    other["stages"][1]["touchpoints"].append({"name": "Moves in"})
    future = make_map(tenant, document=other)
    found = diff(tenant, shown, from_="1", to=f"{future['id']}@draft")
    assert ("renamed", "touchpoint", "Looks around", "name") in told(found)
    assert ("added", "touchpoint", "Moves in", "") in told(found)
    assert {c["kind"] for c in found["changes"] if c["verb"] == "removed"} == {"item"}
    assert "patch" not in found
    assert [match["by"] for match in found["matches"]] == ["key"] * 5
    theirs = {e["id"] for s in draft_of(tenant, future)["stages"] for e in (s, *s["touchpoints"])}
    assert {match["to"] for match in found["matches"]} < theirs


def test_strangers_maps_are_not_compared(tenant: Tenant, stranger: Tenant) -> None:
    ours, theirs = make_map(tenant), make_map(stranger)
    for where in (f"diff?from={theirs['id']}@draft", f"comparison?with={theirs['id']}@draft"):
        assert tenant.client.call("GET", path(ours, where)).status_code == 404
    assert tenant.client.call("GET", path(ours, f"comparison?with={theirs['id']}")).status_code == 404


FUNNEL: dict[str, Any] = {
    "name": "Shop",
    "stage_vocabulary": "classic-5",
    "stages": [
        {
            "name": "Purchase",
            "touchpoints": [
                {"name": "Cart", "channels": ["web"], "emotions": [{"value": 0.5}], "duration_s": 60},
                {"name": "Pays", "channels": ["web", "phone"], "pains": [{"text": "x"}]},
            ],
        },
        {"name": "Hear of it", "key": "awareness", "touchpoints": [{"name": "Advert"}]},
        {"name": "Own stage"},
    ],
}


def test_two_maps_are_laid_side_by_side(tenant: Tenant) -> None:
    other = copy.deepcopy(FUNNEL)
    other["stages"] = [
        {
            "name": "Buy",
            "key": "purchase",
            "touchpoints": [
                {"name": "CART", "channels": ["in-store"], "emotions": [{"value": -0.5}], "importance": 1},
                {"name": "Waits", "moment_of_truth": True, "visibility": "back"},
            ],
        },
        {"name": "Own Stage"},
    ]
    here, there = make_map(tenant, document=FUNNEL), make_map(tenant, document=other, key="other")
    found = tenant.client.call("GET", path(here, "comparison?with=other"))
    assert found.status_code == 200, found.content
    shown = found.json()
    assert [(row["stage"], row["label"], row["position"]) for row in shown["stages"]] == [
        ("awareness", "Awareness", 0),
        ("purchase", "Purchase", 2),
        ("own-stage", "Own stage", None),
    ]
    purchase = shown["stages"][1]
    assert purchase["gap"] == -1.0
    assert purchase["channels"] == {"both": [], "only_here": ["web", "phone"], "only_there": ["in-store"]}
    [pair] = purchase["touchpoints"]["both"]
    assert (pair["here"]["name"], pair["there"]["name"], pair["by"], pair["gap"]) == (
        "Cart",
        "CART",
        "name",
        -1.0,
    )
    assert [one["name"] for one in purchase["touchpoints"]["only_here"]] == ["Pays"]
    assert [one["name"] for one in purchase["touchpoints"]["only_there"]] == ["Waits"]
    assert purchase["here"]["duration_s"] == 60
    assert purchase["here"]["items"]["pains"] == 1
    assert (purchase["there"]["moments_of_truth"], purchase["there"]["back_stage"]) == (1, 1)
    assert purchase["there"]["importance"] == 1
    assert shown["stages"][0]["there"]["stages"] == []
    assert shown["stages"][0]["gap"] is None
    known = tenant.client.call("GET", path(here, "comparison?with=other"), If_None_Match=found["ETag"])
    assert known.status_code == 304
    publish(tenant, there)
    versioned = tenant.client.call("GET", path(here, "comparison?with=other@1&moment=draft")).json()
    assert versioned["there"]["version"] == 1
    assert versioned["stages"] == shown["stages"]


def test_a_vocabulary_of_the_workspace_aligns_stages(tenant: Tenant) -> None:
    words = [{"key": "look", "label": "Looks around"}, {"key": "live", "label": "Lives there"}]
    body = {"key": "renting", "kind": "stages", "label": "Renting", "words": words}
    assert tenant.client.call("POST", "/v1/vocabularies", body).status_code == 201
    stages = [{"name": "Lives there"}, {"name": "Search", "key": "look"}]
    here = make_map(tenant, document={"name": "a", "stage_vocabulary": "renting", "stages": stages})
    make_map(tenant, document={"name": "b", "stage_vocabulary": "renting", "stages": stages[:1]}, key="b")
    found = tenant.client.call("GET", path(here, "comparison?with=b")).json()["stages"]
    assert [(row["stage"], row["label"], row["position"]) for row in found] == [
        ("look", "Looks around", 0),
        ("live", "Lives there", 1),
    ]
    assert [len(row["there"]["stages"]) for row in found] == [0, 1]


def test_maps_of_different_vocabularies_are_not_laid_side_by_side(tenant: Tenant) -> None:
    here = make_map(tenant, document=FUNNEL)
    make_map(tenant, document=FUNNEL | {"stage_vocabulary": "aida"}, key="aida")
    refused = tenant.client.call("GET", path(here, "comparison?with=aida"))
    assert (refused.status_code, refused.json()["code"]) == (409, "no_common_vocabulary")
    assert tenant.client.call("GET", path(here, "comparison")).status_code == 400
