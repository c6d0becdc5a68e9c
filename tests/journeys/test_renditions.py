"""Renditions over HTTP: asked for, made by a worker, fetched, forgotten; the same is made once."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeys.actions import renditions
from journeys.actions.renditions import ATTEMPTS, DUE_KIND, KEPT, LEASE, keep_due_renditions
from journeys.models import Rendition
from journeys.render import typeset
from service.due import claim_due
from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish


@pytest.fixture
def journey(tenant: Tenant) -> dict[str, Any]:
    work(soon())
    shown = make_map(tenant)
    publish(tenant, shown)
    return shown


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def work(at: datetime) -> int:
    """Do what is due, other tests' leavings too; return how many renditions there were."""
    done = 0
    while count := keep_due_renditions(at=at):
        done += count
    return done


def ask(tenant: Tenant, shown: dict[str, Any], **body: Any) -> Any:
    answer = tenant.client.call("POST", path(shown, "renditions"), {"format": "png", **body})
    assert answer.status_code == 202, answer.content
    return answer


def made(tenant: Tenant, shown: dict[str, Any], **body: Any) -> Any:
    """Ask, let a worker work, and return the rendition as it is then."""
    location = ask(tenant, shown, **body)["Location"]
    work(soon())
    return tenant.client.call("GET", location).json()


def test_a_png_from_asking_to_fetching(tenant: Tenant, journey: dict[str, Any]) -> None:
    asked = ask(tenant, journey, width=640)
    body = asked.json()
    assert asked["Retry-After"] == "1"
    assert (body["state"], body["subject"], body["format"], body["size_bytes"]) == (
        "pending",
        "1",
        "png",
        None,
    )
    assert body["width"] == 640
    pending = tenant.client.call("GET", asked["Location"])
    assert (pending.status_code, pending["Retry-After"]) == (200, "1")
    early = tenant.client.call("GET", body["content"])
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "not_ready", "1")
    assert work(soon()) == 1
    ready = tenant.client.call("GET", asked["Location"]).json()
    assert (ready["state"], ready["detail"]) == ("ready", "")
    answer = tenant.client.call("GET", ready["content"])
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) == ready["size_bytes"]
    assert int.from_bytes(answer.content[16:20]) == 640
    assert answer["Content-Disposition"].startswith('attachment; filename="renting-a-flat-1.png"')
    again = tenant.client.call("GET", ready["content"], If_None_Match=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_pdf_of_the_draft(tenant: Tenant, journey: dict[str, Any]) -> None:
    shown = made(tenant, journey, format="pdf", version="draft")
    assert (shown["state"], shown["subject"]) == ("ready", "draft")
    answer = tenant.client.call("GET", shown["content"], Accept="application/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert tenant.client.call("GET", shown["content"], Accept="text/html").status_code == 406


def test_the_same_is_made_once_and_a_change_is_made_anew(tenant: Tenant, journey: dict[str, Any]) -> None:
    first = made(tenant, journey)
    assert ask(tenant, journey).json()["id"] == first["id"]
    assert ask(tenant, journey, version="latest", scale=1).json()["state"] == "ready"
    assert work(soon()) == 0
    others = [ask(tenant, journey, **body).json()["id"] for body in ({"scale": 2}, {"format": "pdf"})]
    draft = draft_of(tenant, journey)
    tenant.client.call("PATCH", path(journey, "draft"), {"name": "Renting a house"}, etag=draft["etag"])
    others += [ask(tenant, journey, version="draft").json()["id"]]
    assert len({first["id"], *others}) == 4


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"format": "gif"}, "/format", "invalid_choice"),
        ({}, "/format", "required"),
        ({"format": "png", "scale": 9}, "/scale", "max_value"),
        ({"format": "png", "scale": 1, "width": 600}, "/width", "conflicting"),
        ({"format": "pdf", "scale": 1}, "/scale", "not_for_format"),
        ({"format": "png", "width": 15}, "/width", "min_value"),
        ({"format": "png", "width": 20001}, "/width", "max_value"),
        ({"format": "png", "scale": "2"}, "/scale", "invalid"),
        ({"format": "png", "dpi": 300}, "/dpi", "unknown_field"),
        ({"format": "png", "version": "newest"}, "/version", "invalid"),
        ({"format": "png", "version": 1}, "/version", "invalid"),
    ],
)
def test_what_is_asked_wrong(
    tenant: Tenant, journey: dict[str, Any], body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = tenant.client.call("POST", path(journey, "renditions"), body)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


def test_a_picture_that_would_be_too_large_is_refused_with_what_is_possible(
    tenant: Tenant, journey: dict[str, Any]
) -> None:
    answer = tenant.client.call("POST", path(journey, "renditions"), {"format": "png", "width": 20000})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_large_to_render")
    largest = float(re.findall(r"scale of up to ([\d.]+)", answer.json()["detail"])[0])
    assert largest > typeset.SCALE_MAX
    ask(tenant, journey, width=4_000)


def test_versions_that_are_not_there(tenant: Tenant, journey: dict[str, Any]) -> None:
    body = {"format": "png", "version": "7"}
    assert tenant.client.call("POST", path(journey, "renditions"), body).status_code == 404


def test_a_rendition_is_forgotten_a_day_after_it_was_last_asked_for(
    tenant: Tenant, journey: dict[str, Any]
) -> None:
    shown = made(tenant, journey)
    with tenant.enter():
        row = Rendition.objects.get(pk=shown["id"])
        assert bytes(row.drawing) == b""
        Rendition.objects.update(expires_at=row.expires_at - timedelta(hours=1))
    ask(tenant, journey)
    over = soon() + KEPT - timedelta(minutes=1)
    # The appointment was for the first day; now it is looked at and kept for longer.
    work(over)
    assert tenant.client.call("GET", path(journey, "renditions", shown["id"])).status_code == 200
    work(over + timedelta(minutes=2))
    assert tenant.client.call("GET", path(journey, "renditions", shown["id"])).status_code == 404
    with tenant.enter():
        assert not Rendition.objects.exists()


def test_what_is_over_is_gone_before_it_is_forgotten(tenant: Tenant, journey: dict[str, Any]) -> None:
    shown = made(tenant, journey)
    with tenant.enter():
        Rendition.objects.update(expires_at=datetime.now(UTC))
    for place in (path(journey, "renditions", shown["id"]), shown["content"]):
        assert tenant.client.call("GET", place).status_code == 404


def test_a_worker_that_lost_its_lease_stores_nothing(
    tenant: Tenant, journey: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ask(tenant, journey).json()
    at = soon()
    late: list[int] = []
    real = typeset.typeset

    def slow(*args: Any, **kwargs: Any) -> bytes:
        if not late:
            late.append(0)
            late[0] = work(at + LEASE + timedelta(seconds=1))
        return real(*args, **kwargs)

    monkeypatch.setattr(typeset, "typeset", slow)
    assert work(at) == 1
    assert late == [1]
    with tenant.enter():
        assert Rendition.objects.get(pk=shown["id"]).finished_at == at + LEASE + timedelta(seconds=1)


def test_a_picture_that_kills_its_workers_is_given_up(tenant: Tenant, journey: dict[str, Any]) -> None:
    location = ask(tenant, journey)["Location"]
    at = soon()
    for _ in range(ATTEMPTS):
        assert len(claim_due(kind=DUE_KIND, limit=9, lease=LEASE, at=at)) == 1
        at += LEASE + timedelta(seconds=1)
    assert work(at) == 1
    shown = tenant.client.call("GET", location).json()
    assert (shown["state"], shown["size_bytes"]) == ("failed", None)
    assert "worker was lost" in shown["detail"]
    assert tenant.client.call("GET", shown["content"]).json()["code"] == "rendition_failed"
    # Asked for again it is tried again.
    assert made(tenant, journey)["state"] == "ready"


def test_letters_without_a_font_are_told(tenant: Tenant) -> None:
    shown = made(tenant, make_map(tenant, {"name": "購入", "stages": []}))
    assert shown["state"] == "ready"
    assert "'購" in shown["detail"]


def test_the_workspace_has_a_limit(
    tenant: Tenant, journey: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "LIMIT", 1)
    ask(tenant, journey)
    ask(tenant, journey)
    answer = tenant.client.call("POST", path(journey, "renditions"), {"format": "pdf"})
    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")


def test_strangers_and_narrow_keys(tenant: Tenant, stranger: Tenant, journey: dict[str, Any]) -> None:
    shown = made(tenant, journey)
    places = [path(journey, "renditions", shown["id"]), shown["content"]]
    for place in places:
        assert stranger.client.call("GET", place).status_code == 404
        assert tenant.key("kpis:read").call("GET", place).status_code == 403
        assert tenant.key("maps:read").call("GET", place).status_code == 200
    body = {"format": "png"}
    assert stranger.client.call("POST", path(journey, "renditions"), body).status_code == 404
    assert tenant.key("kpis:read").call("POST", path(journey, "renditions"), body).status_code == 403
    other = make_map(tenant, key="other")
    assert tenant.client.call("GET", path(other, "renditions", shown["id"])).status_code == 404
    assert tenant.client.call("GET", path(journey, "renditions", str(uuid.uuid4()))).status_code == 404
