"""Imports over HTTP: looked at first, put into drafts, twice, over what is there, by others."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path, publish

URL = "/v1/journey-maps/imports"
MERMAID = "text/vnd.mermaid"
DIAGRAM = b"""journey
    title My working day
    section Go to work
      Make tea: 5: Me
      Go upstairs: 3: Me, Cat
    section Go home
      Sit down: 5: Me
"""


def send(tenant: Tenant, body: Any, query: str = "", **sent: Any) -> Any:
    kind = sent.pop("content_type", MERMAID if isinstance(body, bytes) else None)
    return tenant.client.call("POST", f"{URL}?{query}", body, content_type=kind, **sent)


def over(tenant: Tenant, shown: dict[str, Any], body: bytes, query: str = "", **sent: Any) -> Any:
    """Lay a diagram over a map, whatever its draft is now."""
    return send(tenant, body, f"into={shown['id']}&{query}", etag=sent.pop("etag", "*"), **sent)


def made(tenant: Tenant) -> dict[str, Any]:
    [done] = send(tenant, DIAGRAM).json()["maps"]
    return {"id": done["journey_map"]}


def test_a_diagram_becomes_a_map(tenant: Tenant) -> None:
    answer = send(tenant, DIAGRAM)
    assert answer.status_code == 201, answer.content
    [done] = answer.json()["maps"]
    assert (done["status"], done["items"], done["invalid"], done["lossy"]) == ("created", 5, 0, 0)
    assert answer["Location"] == f"/v1/journey-maps/{done['journey_map']}"
    draft = draft_of(tenant, {"id": done["journey_map"]})
    assert draft["etag"] == done["draft_etag"]
    assert names(draft) == [["Go to work", "Make tea", "Go upstairs"], ["Go home", "Sit down"]]
    cat = next(persona["id"] for persona in draft["personas"] if persona["name"] == "Cat")
    upstairs = draft["stages"][0]["touchpoints"][1]["emotions"]
    assert [(e["scale"], e["value"], e["persona"] == cat) for e in upstairs] == [
        ("mermaid", 3, False),
        ("mermaid", 3, True),
    ]


def test_a_dry_run_stores_nothing(tenant: Tenant) -> None:
    answer = send(tenant, DIAGRAM, "dry_run=true")
    assert answer.status_code == 200
    [told] = answer.json()["maps"]
    assert (told["status"], told["journey_map"], told["draft_etag"]) == ("created", None, None)
    assert told["document"]["name"] == "My working day"
    assert tenant.client.call("GET", "/v1/journey-maps").json()["results"] == []


def test_the_same_bytes_twice_change_nothing(tenant: Tenant) -> None:
    first = send(tenant, DIAGRAM).json()["maps"][0]
    again = send(tenant, DIAGRAM)
    assert again.status_code == 200
    [second] = again.json()["maps"]
    assert (second["status"], second["journey_map"]) == ("unchanged", first["journey_map"])
    assert second["draft_etag"] == first["draft_etag"]
    other = send(tenant, DIAGRAM, "key=second").json()["maps"][0]
    assert other["journey_map"] != first["journey_map"]
    shown = tenant.client.call("GET", f"/v1/journey-maps/{first['journey_map']}").json()
    tenant.client.call("DELETE", f"/v1/journey-maps/{shown['id']}", etag=shown["etag"])
    anew = send(tenant, DIAGRAM)
    assert anew.status_code == 201
    assert anew.json()["maps"][0]["journey_map"] not in (first["journey_map"], other["journey_map"])


def test_a_key_repeats_the_answer(tenant: Tenant) -> None:
    first = send(tenant, DIAGRAM, key="k1")
    again = send(tenant, DIAGRAM, key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert send(tenant, DIAGRAM + b"\n", key="k1").status_code == 422


def test_what_mermaid_refuses_is_refused_with_its_line(tenant: Tenant) -> None:
    answer = send(tenant, b"journey\nsection A\nBroken\nFine: 5\nOther;: 3\n")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "import_refused"
    assert [error["detail"].partition(":")[0] for error in problem["errors"]] == [
        "line 3",
        "line 5",
    ]
    [told] = send(tenant, b"journey\nsection A\nBroken", "dry_run=true").json()["maps"]
    assert (told["status"], told["invalid"], told["document"]) == ("refused", 1, None)


def test_rules_of_the_document_are_told_by_line(tenant: Tenant) -> None:
    lines = "".join(f"section S{n}\nT: 5\n" for n in range(101))
    answer = send(tenant, f"journey\n{lines}".encode())
    assert answer.status_code == 400
    assert "at most 100" in answer.json()["errors"][0]["detail"]
    answer = send(tenant, b"journey\nsection S\na\0b: 5\n")
    assert answer.json()["errors"][0]["detail"].startswith("line 3: /stages/0/touchpoints/0/name")


def test_json_holds_content_and_options(tenant: Tenant) -> None:
    raw = b"journey\nFoo: 5"
    body = {
        "format": "mermaid",
        "content": raw.decode(),
        "options": {"name": "Given", "default_stage": "Begin"},
    }
    [told] = send(tenant, body, "dry_run=true").json()["maps"]
    assert (told["document"]["name"], told["guessed"]) == (
        "Given",
        {"name": "Given", "default_stage": "Begin"},
    )
    body = {"format": "mermaid", "content_base64": base64.b64encode(raw).decode()}
    [told] = send(tenant, body, "dry_run=true").json()["maps"]
    assert told["guessed"] == {"name": "Untitled journey", "default_stage": "Start"}
    by_query = send(tenant, raw, 'dry_run=true&options={"name":"Q"}')
    assert by_query.json()["maps"][0]["document"]["name"] == "Q"


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        ({"format": "mermaid"}, "", 400),
        ({"format": "mermaid", "content": "journey", "content_base64": ""}, "", 400),
        ({"format": "mermaid", "content_base64": "%%"}, "", 400),
        ({"format": "visio", "content": ""}, "", 400),
        ({"format": "mermaid", "content": "journey", "options": {"colour": 1}}, "", 400),
        ({"format": "mermaid", "content": "journey", "options": []}, "", 400),
        ({"format": "mermaid", "content": "journey", "maps": [{"place": "Sheet1"}]}, "", 400),
        ({"format": "mermaid", "content": "journey", "into": "nowhere"}, "", 404),
        (b"journey", "options=7", 400),
        (b"journey", "options={", 400),
        (b"journey", "dry_run=yes", 400),
        (b"journey", "format=visio", 400),
        (b"", "", 400),
        ({}, "", 400),
        ([], "", 400),
        ({"name": 7}, "format=json", 400),
    ],
)
def test_what_is_wrong_is_told(tenant: Tenant, body: Any, query: str, status: int) -> None:
    answer = send(tenant, body, query)
    assert answer.status_code == status, answer.content
    assert answer.json()["code"]


def test_media_types(tenant: Tenant) -> None:
    assert send(tenant, DIAGRAM, content_type="image/png").status_code == 415
    plain = send(tenant, DIAGRAM, "dry_run=true", content_type="text/plain")
    assert plain.json()["errors"][0]["pointer"] == "/format"
    named = send(tenant, DIAGRAM, "dry_run=true&format=mermaid", content_type="text/plain")
    assert named.status_code == 200
    assert send(tenant, b"journey\n" + b"%" * 4 * 1024 * 1024).status_code == 413


def test_a_document_comes_in_as_it_went_out(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant)
    content = tenant.client.call("GET", path(shown, "export")).content
    answer = send(stranger, content, "format=json", content_type="application/json")
    assert answer.status_code == 409  # ids belong to one map for ever, in whichever workspace
    assert answer.json()["code"] == "identity_taken"
    same = over(tenant, shown, content, "format=json", content_type="application/json")
    assert same.json()["maps"][0]["status"] == "unchanged"


def test_an_old_client_erases_nothing_that_it_does_not_know(tenant: Tenant) -> None:
    shown = make_map(tenant, {"name": "M", "format": 2, "outcome": {"event": "The key is handed over"}})
    old = over(tenant, shown, b'{"name": "M"}', "format=json", content_type="application/json")
    assert (old.status_code, old.json()["code"]) == (409, "format_too_old")


def test_an_edited_diagram_over_its_map(tenant: Tenant) -> None:
    shown = made(tenant)
    before = draft_of(tenant, shown)
    tea = before["stages"][0]["touchpoints"][0]
    pains = {"pains": [{"text": "No milk"}], "owner": "Kitchen"}
    where = path(shown, f"draft/touchpoints/{tea['id']}")
    assert tenant.client.call("PATCH", where, pains, etag="*").status_code == 200
    edited = DIAGRAM.replace(b"Make tea: 5", b"Make strong tea: 2").replace(
        b"    section Go home\n", b"    section Lunch\n      Eat: 4: Cat\n    section Go home\n"
    )
    [told] = over(tenant, shown, edited, "dry_run=true").json()["maps"]
    assert told["status"] == "changed"
    by = [(match["name"], match["by"]) for match in told["matches"]]
    assert by == [
        ("Go to work", "name"),
        ("Make strong tea", "place"),
        ("Go upstairs", "name"),
        ("Lunch", "none"),
        ("Eat", "none"),
        ("Go home", "name"),
        ("Sit down", "name"),
    ]
    assert {(c["verb"], c["kind"], c["name"]) for c in told["changes"]} >= {
        ("added", "stage", "Lunch"),
        ("renamed", "touchpoint", "Make strong tea"),
    }
    assert draft_of(tenant, shown)["stages"][0]["touchpoints"][0]["name"] == "Make tea"
    [done] = over(tenant, shown, edited).json()["maps"]
    after = draft_of(tenant, shown)
    assert done["draft_etag"] == after["etag"]
    strong = after["stages"][0]["touchpoints"][0]
    assert (strong["id"], strong["name"], strong["owner"]) == (tea["id"], "Make strong tea", "Kitchen")
    assert [pain["text"] for pain in strong["pains"]] == ["No milk"]
    assert [(e["value"], e["id"]) for e in strong["emotions"]] == [(2, tea["emotions"][0]["id"])]
    assert after["personas"] == before["personas"]
    again = over(tenant, shown, edited, etag='"r1"')
    assert (again.status_code, again.json()["maps"][0]["status"]) == (200, "unchanged")


def test_nothing_is_erased_silently(tenant: Tenant) -> None:
    shown = made(tenant)
    upstairs = draft_of(tenant, shown)["stages"][0]["touchpoints"][1]
    where = path(shown, f"draft/touchpoints/{upstairs['id']}")
    tenant.client.call("PATCH", where, {"owner": "Estates"}, etag="*")
    shorter = DIAGRAM.replace(b"      Go upstairs: 3: Me, Cat\n", b"")
    refused = over(tenant, shown, shorter)
    assert refused.status_code == 409
    assert refused.json()["code"] == "would_erase"
    assert upstairs["id"] in refused.json()["errors"][0]["detail"]
    kept = over(tenant, shown, shorter, "on_missing=keep")
    assert kept.json()["maps"][0]["status"] == "unchanged"
    removed = over(tenant, shown, shorter, "on_missing=remove")
    assert removed.json()["maps"][0]["status"] == "changed"
    assert names(draft_of(tenant, shown)) == [["Go to work", "Make tea"], ["Go home", "Sit down"]]


def test_ambiguous_names_are_told_and_overridden(tenant: Tenant) -> None:
    twice = b"journey\ntitle T\nsection A\nWait: 3\nWait: 2\n"
    [done] = send(tenant, twice).json()["maps"]
    shown = {"id": done["journey_map"]}
    first, second = draft_of(tenant, shown)["stages"][0]["touchpoints"]
    [told] = over(tenant, shown, twice, "dry_run=true").json()["maps"]
    assert told["status"] == "unchanged"
    waits = [match for match in told["matches"] if match["name"] == "Wait"]
    assert [match["ambiguous"] for match in waits] == [True, True]
    assert [c["id"] for c in waits[0]["candidates"]] == [first["id"], second["id"]]
    matches = {"/stages/0/touchpoints/0": second["id"], "/stages/0/touchpoints/1": first["id"]}
    body = {
        "format": "mermaid",
        "content": twice.decode(),
        "options": {"matches": matches},
        "into": shown["id"],
    }
    answer = send(tenant, body, etag="*")
    assert [m["by"] for m in answer.json()["maps"][0]["matches"]] == ["name", "given", "given"]
    assert [t["id"] for t in draft_of(tenant, shown)["stages"][0]["touchpoints"]] == [
        second["id"],
        first["id"],
    ]
    body["options"] = {"matches": {"/stages/9": None}}
    wrong = send(tenant, body, etag="*")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "unknown_match")


def test_into_needs_the_etag(tenant: Tenant) -> None:
    shown = made(tenant)
    changed = DIAGRAM.replace(b"Sit down: 5", b"Sit down: 1")
    assert send(tenant, changed, f"into={shown['id']}").status_code == 428
    assert over(tenant, shown, changed, etag='"r99"').status_code == 412
    assert over(tenant, shown, changed, etag=draft_of(tenant, shown)["etag"]).status_code == 200


def test_personas_of_the_library_stay_references(tenant: Tenant) -> None:
    ada = tenant.client.call("POST", "/v1/personas", {"name": "Me", "goals": ["Tea"]}).json()
    shown = make_map(tenant, {"name": "My working day", "personas": [{"id": ada["id"]}]})
    assert over(tenant, shown, DIAGRAM).json()["maps"][0]["status"] == "changed"
    draft = draft_of(tenant, shown)
    assert draft["personas"][0] == {"id": ada["id"]}
    assert [persona.get("name") for persona in draft["personas"]] == [None, "Cat"]
    assert draft["stages"][0]["touchpoints"][0]["emotions"][0]["persona"] == ada["id"]
    publish(tenant, shown)


def test_strangers_and_narrow_keys(tenant: Tenant, stranger: Tenant) -> None:
    shown = made(tenant)
    assert over(stranger, shown, DIAGRAM).status_code == 404
    answer = tenant.key("maps:read").call("POST", URL, DIAGRAM, content_type=MERMAID)
    assert answer.status_code == 403
    assert send(stranger, DIAGRAM).json()["maps"][0]["journey_map"] != shown["id"]
