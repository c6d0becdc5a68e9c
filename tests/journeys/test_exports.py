"""Exports over HTTP: every format of the table, by name and by Accept, conditional, with its losses told."""

from __future__ import annotations

import pytest

from journeys.document.canonical import to_plain
from journeys.document.validate import parse
from journeys.serializers.exports import NAMES
from tests.conftest import Tenant
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish


def test_every_format_is_exported(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for name in NAMES:
        answer = tenant.client.call("GET", path(shown, f"export?format={name}"))
        assert answer.status_code == 200, (name, answer.content)
        assert answer.content
        assert answer["Content-Disposition"].startswith('attachment; filename="renting-a-flat-draft.')
        again = tenant.client.call("GET", path(shown, f"export?format={name}"), If_None_Match=answer["ETag"])
        assert (again.status_code, again.content) == (304, b"")


def test_json_is_the_document(tenant: Tenant) -> None:
    shown = make_map(tenant)
    draft = draft_of(tenant, shown)
    answer = tenant.client.call("GET", path(shown, "export"))
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {name: value for name, value in draft.items() if name != "etag"}
    assert answer["Export-Losses"] == "0"


def test_a_version_is_taken_where_there_is_one(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    renamed = {"name": "Renamed"}
    tenant.client.call("PATCH", path(shown, "draft"), renamed, etag=draft_of(tenant, shown)["etag"])
    for version, name in (("", DOCUMENT["name"]), ("latest", DOCUMENT["name"]), ("1", DOCUMENT["name"])):
        answer = tenant.client.call("GET", path(shown, f"export?version={version}" if version else "export"))
        assert answer.json()["name"] == name
        assert answer["Content-Location"].endswith("/export?format=json&version=1")
    assert tenant.client.call("GET", path(shown, "export?version=draft")).json()["name"] == "Renamed"
    assert tenant.client.call("GET", path(shown, "export?version=2")).status_code == 404


def test_accept_names_a_format(tenant: Tenant) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call("GET", path(shown, "export"), Accept="text/vnd.mermaid")
    assert answer["Content-Type"] == "text/vnd.mermaid; charset=utf-8"
    assert answer.content.startswith(b"journey\n    title Renting a flat\n    section Search\n")
    assert tenant.client.call("GET", path(shown, "export"), Accept="audio/ogg").status_code == 406
    assert tenant.client.call("GET", path(shown, "export?format=visio")).status_code == 400


def test_losses_are_told(tenant: Tenant) -> None:
    shown = make_map(tenant)
    answer = tenant.client.call("GET", path(shown, "export?format=mermaid"))
    link = answer["Link"].partition(">")[0].removeprefix("<")
    losses = tenant.client.call("GET", link).json()
    assert (losses["format"], losses["version"]) == ("mermaid", "draft")
    assert answer["Export-Losses"] == str(len(losses["losses"]))
    pains = next(loss for loss in losses["losses"] if loss["pointer"].endswith("/pains"))
    assert pains == {
        "pointer": "/stages/0/touchpoints/0/pains",
        "code": "not_said",
        "detail": "`pains` (1) has no place there.",
    }


def test_personas_of_the_library_are_filled_in(tenant: Tenant) -> None:
    made = tenant.client.call("POST", "/v1/personas", {"name": "Ada", "goals": ["A flat"]}).json()
    document = {"name": "M", "personas": [{"id": made["id"]}], "stages": []}
    shown = make_map(tenant, document)
    [persona] = tenant.client.call("GET", path(shown, "export")).json()["personas"]
    assert (persona["name"], persona["goals"]) == ("Ada", ["A flat"])
    before = tenant.client.call("GET", path(shown, "export"))["ETag"]
    tenant.client.call("PATCH", f"/v1/personas/{made['id']}", {"name": "Eve"}, etag=made["etag"])
    after = tenant.client.call("GET", path(shown, "export"))
    assert after["ETag"] != before
    assert parse(after.content).personas[0].name == "Eve"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "etc-passwd-draft.json"),
        ('a"\r\nX: y', "a-x-y-draft.json"),
        ("Đặt phòng", "at-phong-draft.json"),
        ("予約", "draft.json"),
        ("x" * 200, "x" * 56 + ".json"),
    ],
)
def test_names_of_files_are_harmless(tenant: Tenant, name: str, plain: str) -> None:
    shown = make_map(tenant, {"name": name})
    told = tenant.client.call("GET", path(shown, "export"))["Content-Disposition"]
    assert told.split("; ")[1] == f'filename="{plain}"'
    assert told.isascii()
    assert "\n" not in told


def test_strangers_and_narrow_keys(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant)
    for where in ("export", "export/losses?format=mermaid"):
        assert stranger.client.call("GET", path(shown, where)).status_code == 404
        assert tenant.key("kpis:read").call("GET", path(shown, where)).status_code == 403
        assert tenant.key("maps:read").call("GET", path(shown, where)).status_code == 200


def test_a_map_of_many_touchpoints(tenant: Tenant) -> None:
    stages = [
        {"name": f"S{s}", "touchpoints": [{"name": f"T{t}", "pains": [{"text": "p"}]} for t in range(100)]}
        for s in range(10)
    ]
    shown = make_map(tenant, {"name": "Large", "stages": stages})
    answer = tenant.client.call("GET", path(shown, "export?format=mermaid"))
    assert answer.content.count(b"\n") == 1012
    document = parse(tenant.client.call("GET", path(shown, "export")).content)
    assert len(to_plain(document)["stages"]) == 10
