"""The main use, from an empty workspace to a breach on the map: real processes, real HTTP both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from config.embedded import processes
from tests.conftest import Tenant
from tests.journeys.render.browser import FOUND, chromium
from tests.kpis.peers import Peer, running_peer
from tests.stories.audience import cookies, other_site, picture
from tests.stories.running import Api, Running, running_service, until

pytestmark = pytest.mark.story

DOCUMENT = {
    "name": "Claiming a benefit",
    "stages": [
        {
            "key": "apply",
            "name": "Apply",
            "touchpoints": [
                {"key": "form", "name": "Form", "channels": ["web"]},
                {"key": "thanks", "name": "Thank you", "channels": ["web"]},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("story")) as running:
        yield running


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        yield peer


def week(ago: int) -> dict[str, str]:
    """A whole ISO week, `ago` weeks before the running one."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday()) - timedelta(weeks=ago)
    return {"start": monday.isoformat(), "end": (monday + timedelta(weeks=1)).isoformat()}


def figures(*rates: tuple[int, int, int]) -> dict[str, Any]:
    """What the peer serves: (weeks ago, completed, started)."""
    return {"weeks": [{"done": done, "begun": begun, **week(ago)} for ago, done, begun in rates]}


def entry(live: dict[str, Any], touchpoint: str, kpi: str) -> dict[str, Any]:
    """Return what the live map shows of a KPI at a touchpoint."""
    ids = {
        point["key"]: point["id"] for stage in live["document"]["stages"] for point in stage["touchpoints"]
    }
    return next(one for one in live["live"][ids[touchpoint]]["kpis"] if one["key"] == kpi)


def begin(api: Api, peer: Peer) -> dict[str, Any]:
    """Create the map, publish it, define and bind KPIs, add a source and an endpoint."""
    api.made("/v1/journey-maps", {"key": "claim", "document": DOCUMENT})
    draft = api.call("GET", "/v1/journey-maps/claim/draft")
    api.made("/v1/journey-maps/claim/versions", {"message": "First"}, If_Match=draft.headers["ETag"])
    api.made(
        "/v1/kpis",
        {
            "key": "completion",
            "name": "Completed",
            "kind": "conversion",
            "period": "week",
            "thresholds": {"target": 0.8, "warn": 0.7, "breach": 0.6},
        },
    )
    api.made(
        "/v1/kpis",
        {
            "key": "nps",
            "name": "NPS",
            "kind": "nps",
            "holds": "events",
            "input": "answers",
            "period": "day",
        },
    )
    for element, kpi in (("form", "completion"), ("thanks", "nps")):
        api.made("/v1/journey-maps/claim/bindings", {"element": element, "kpi": kpi})
    peer.content = figures((3, 80, 100), (2, 82, 100))
    api.made(
        "/v1/sources",
        {
            "key": "analytics",
            "name": "Analytics",
            "type": "http_json",
            "config": {"url": peer.url, "headers": {"X-Team": "claims"}},
            "secret": "s3cret",
            "mappings": [
                {
                    "kpi": "completion",
                    "items": "$.weeks[*]",
                    "numerator": "$.done",
                    "denominator": "$.begun",
                    "start": "$.start",
                    "end": "$.end",
                }
            ],
            "schedule": {"every": 5},
        },
    )
    return api.made(
        "/v1/inbound-endpoints",
        {
            "key": "survey",
            "name": "Survey",
            "rules": [
                {
                    "kpi": "nps",
                    "when": [{"path": "$.type", "equals": "survey.answered"}],
                    "value": "$.data.score",
                    "observed_at": "$.data.at",
                    "external_id": "$.data.id",
                }
            ],
        },
    )


def send_answer(endpoint: dict[str, Any], number: int, score: int, at: datetime) -> int:
    """Post one survey answer, signed by the makers' own library."""
    body = json.dumps(
        {
            "type": "survey.answered",
            "data": {"id": f"a-{number}", "score": score, "at": at.isoformat()},
        }
    )
    now = datetime.now(UTC)
    signature = Webhook(endpoint["secret"]).sign(f"msg_{number}", now, body)
    answer = Api(endpoint["url"]).call(
        "POST",
        "",
        body.encode(),
        webhook_id=f"msg_{number}",
        webhook_timestamp=str(int(now.timestamp())),
        webhook_signature=signature,
    )
    return answer.status


def test_a_map_lives(service: Running, peer: Peer, tenant: Tenant, stranger: Tenant) -> None:
    api = Api(service.url, tenant.secret)
    endpoint = begin(api, peer)
    path = "/v1/journey-maps/claim/live"

    def live(**headers: str) -> Any:
        return api.call("GET", path, **headers).json

    # Figures are pulled by the worker, with the secret and the team's header.
    until("the first figures", lambda: entry(live(), "form", "completion")["value"] == 0.82)
    assert entry(live(), "form", "completion")["status"] == "ok"
    assert peer.asked[0]["Authorization"] == "Bearer s3cret"
    assert peer.asked[0]["X-Team"] == "claims"

    # Scores arrive by webhook; a repeat of a message counts once; a forged one is refused.
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number, score in enumerate((10, 9, 3, 8)):
        assert send_answer(endpoint, number, score, yesterday) == 202
    assert send_answer(endpoint, 0, 10, yesterday) == 202
    forged = {**endpoint, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    assert send_answer(forged, 99, 0, yesterday) == 401
    until("four answers", lambda: entry(live(), "thanks", "nps")["n"] == 4)
    assert entry(live(), "thanks", "nps")["value"] == 25

    # What was true and known now is kept to compare with.
    first = api.call("GET", path)
    drawing = api.call("GET", path, Accept="image/svg+xml")
    assert (first.status, drawing.status) == (200, 200)
    before = datetime.now(UTC)
    pair = f"?as_of={stamp(before)}&known_at={stamp(before)}"
    asked_then = api.call("GET", path + pair)
    assert entry(asked_then.json, "form", "completion")["value"] == 0.82
    assert api.call("GET", path, If_None_Match=first.headers["ETag"]).status == 304

    # The next week is bad: the touchpoint goes from ok to breach, by itself.
    peer.content = figures((3, 80, 100), (2, 82, 100), (1, 50, 100))
    until("the breach", lambda: entry(live(), "form", "completion")["status"] == "breach")
    changed = api.call("GET", path, If_None_Match=first.headers["ETag"])
    assert changed.status == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    assert api.call("GET", path, Accept="image/svg+xml").body != drawing.body
    events = api.call("GET", "/v1/events?page_size=100").json["results"]
    turns = [e["data"] for e in events if e["type"] == "kpi.status_changed"]
    assert any((turn["from"], turn["to"]) == ("ok", "breach") for turn in turns)

    # The same question about then, as known then, has the same answer.
    assert api.call("GET", path + pair).body == asked_then.body

    # A renamed touchpoint keeps its KPIs.
    form = api.call("GET", "/v1/journey-maps/claim/draft/touchpoints/form")
    renamed = api.call(
        "PATCH",
        "/v1/journey-maps/claim/draft/touchpoints/form",
        {"name": "Application form"},
        If_Match=form.headers["ETag"],
    )
    assert renamed.status == 200
    draft = api.call("GET", "/v1/journey-maps/claim/draft")
    published = api.made(
        "/v1/journey-maps/claim/versions", {"message": "Name"}, If_Match=draft.headers["ETag"]
    )
    assert len(published["bindings"]["kept"]) == 2
    now = live()
    assert now["document"]["stages"][0]["touchpoints"][0]["name"] == "Application form"
    assert entry(now, "form", "completion")["status"] == "breach"

    # A source that fails is broken on the map, not silently old; its old figure stays.
    peer.status = 404
    until("broken", lambda: entry(live(), "form", "completion")["freshness"] == "broken")
    peer.status = 200
    until("well again", lambda: entry(live(), "form", "completion")["freshness"] != "broken", 90)

    sees_nothing(Api(service.url, stranger.secret), endpoint)


def sees_nothing(api: Api, endpoint: dict[str, Any]) -> None:
    """A stranger's key gets 404 everywhere, by id and by key."""
    for path in (
        "/v1/journey-maps/claim",
        "/v1/journey-maps/claim/draft",
        "/v1/journey-maps/claim/versions",
        "/v1/journey-maps/claim/versions/1",
        "/v1/journey-maps/claim/live",
        "/v1/journey-maps/claim/bindings",
        "/v1/kpis/completion",
        "/v1/kpis/completion/points",
        "/v1/kpis/completion/series",
        "/v1/sources/analytics",
        "/v1/sources/analytics/runs",
        "/v1/inbound-endpoints/survey",
        f"/v1/inbound-endpoints/{endpoint['id']}",
    ):
        assert api.call("GET", path).status == 404, path
    assert api.call("GET", "/v1/journey-maps").json["results"] == []
    assert api.call("GET", "/v1/events").json["results"] == []


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_killed_worker_costs_time_and_nothing_else(service: Running, peer: Peer, tenant: Tenant) -> None:
    """kill -9 between the acknowledgement and the reading: the message is read once, by the next worker."""
    api = Api(service.url, tenant.secret)
    endpoint = begin(api, peer)
    worker = service.children["worker"]
    worker.kill()
    worker.wait()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert [send_answer(endpoint, n, 9, yesterday) for n in range(3)] == [202] * 3
    service.start("worker", processes.worker("again"))
    path = "/v1/journey-maps/claim/live"
    until("three answers", lambda: entry(api.call("GET", path).json, "thanks", "nps")["n"] == 3, within_s=20)
    states = {e["state"] for e in api.call("GET", "/v1/inbound-events").json["results"]}
    assert states == {"processed"}
    points = api.call("GET", "/v1/kpis/nps/points").json
    assert sum(point["n"] or 0 for point in points["points"]) == 3


@pytest.mark.chromium
@pytest.mark.skipif(FOUND is None, reason="no Chromium here (apt-get install chromium)")
def test_an_audience_opens_a_link_and_another_site_frames_it(
    service: Running, peer: Peer, tenant: Tenant
) -> None:
    """The address is no secret, the cookie of one path and unseen; a frame works where the view says so."""
    api = Api(service.url, tenant.secret)
    begin(api, peer)
    with other_site() as site, chromium() as page:
        for origins, attributes in ([site.origin], ("None", True)), ([], ("Lax", False)):
            view = {"journey_map": "claim", "name": "Wall", "history": True, "embed_origins": origins}
            made = api.made("/v1/views", view)
            link = api.made(f"/v1/views/{made['id']}/tokens", {"name": "board"})
            page.open(link["url"], width=1100)
            assert page.run("[location.pathname, document.cookie]") == [f"/view/{made['id']}/", ""]
            assert page.run("document.querySelector('h1').textContent") == "Claiming a benefit"
            assert page.run("document.referrer") == ""
            asked = page.run("performance.getEntriesByType('resource').map(one => one.name)")
            assert [one for one in asked if not one.startswith(service.url)] == []
            assert page.complaints == []
            (kept,) = (one for one in cookies(page) if one["path"] == f"/view/{made['id']}/")
            assert (kept["httpOnly"], kept["sameSite"], kept["secure"]) == (True, *attributes)
            site.html = "<body style='margin:0'>"
            page.open(site.origin, width=1100)
            blank = picture(page)
            site.html += f"<iframe width=1100 height=900 style='border:0' src='{link['url']}'></iframe>"
            page.open(site.origin, width=1100)
            page.run("new Promise(next => setTimeout(next, 1500))")
            framed = [one for one in cookies(page) if one.get("partitionKey")]
            assert bool([one for one in framed if one["path"] == kept["path"]]) == bool(origins)
            assert len(picture(page)) > 2 * len(blank) or not origins


def test_nothing_of_a_story_is_left_in_the_logs(service: Running) -> None:
    """No traceback in any process, and no secret in any log."""
    for name in service.children:
        text = service.log(name)
        assert "Traceback" not in text, text[-4000:]
        assert "s3cret" not in text
        assert "whsec_" not in text
        assert "lm_view_" not in text
