"""The life of a map as one list: in order, by pages, as it was known, and by the live map of each moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kpis.actions.states import refresh_feed
from kpis.models.definitions import Series
from kpis.models.sources import Source
from tests.conftest import Tenant
from tests.kpis.live_maps import DOCUMENT, Place, now, stamp, week

LINES = {"warn": 0.7, "breach": 0.6}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    """A map to which everything happened."""
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds=LINES)
    bound = place.bind("completion", "form", label="Done")
    place.rate("completion", 2, 50)
    place.rate("completion", 1, 90)
    place.redraft({**DOCUMENT, "name": "Claim, again"})
    place.publish()
    moved = {"label": "Got to the end"}
    place.call("PATCH", f"/v1/bindings/{bound['id']}", moved, etag=bound["etag"])
    improvement = {"journey_map": "claim", "title": "Shorter form", "at": stamp(now())}
    place.call("POST", "/v1/improvements", improvement, status=201)
    planned = {**improvement, "title": "Next", "at": stamp(now() + timedelta(days=9))}
    place.call("POST", "/v1/improvements", planned, status=201)
    body = {
        "name": "Warehouse",
        "type": "http_json",
        "config": {"url": "http://127.0.0.1:1/"},
        "mappings": [{"kpi": "completion", "value": "$.v", "observed_at": "$.at"}],
        "schedule": {"every": "PT1H"},
    }
    source = place.call("POST", "/v1/sources", body, status=201)["id"]
    with tenant.enter():
        Series.objects.update(feed_id=source)
        for broken in (True, False):
            Source.objects.filter(id=source).update(broken=broken)
            refresh_feed(workspace_id=tenant.workspace.id, feed_id=Source.objects.get().id, at=now())
    record = {"kpi": "completion", "numerator": 30, "denominator": 100}
    place.record({**record, "period": week(1)}, correct=True)
    return place


def told(place: Place, query: str = "") -> list[Any]:
    return list(place.call("GET", f"{place.path}/timeline?page_size=100{query}")["results"])


def words(moments: list[Any]) -> list[tuple[str, str, str]]:
    return [(one["kind"], one["change"], one["text"]) for one in moments]


def test_it_tells_all_that_happened_in_order(place: Place) -> None:
    found = told(place)
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert words(found) == [
        ("map", "created", ""),
        ("version", "published", ""),
        ("binding", "bound", "Done"),
        ("finding", "opened", ""),
        ("finding", "closed", ""),
        ("version", "published", ""),
        ("binding", "changed", "Got to the end"),
        ("improvement", "made", "Shorter form"),
        ("source", "broke", "Warehouse"),
        ("source", "recovered", "Warehouse"),
        ("finding", "reopened", ""),
        ("figure", "restated", ""),
    ]
    assert words(told(place, "&kind=version")) == [("version", "published", "")] * 2
    since = found[7]["at"]
    assert told(place, f"&since={since}") == found[7:]
    assert found[0]["live"] is None
    lives = [place.call("GET", one["live"]) for one in found[1:]]
    assert [one["version"] for one in lives] == [1] * 4 + [2] * 7
    etag = place.call("GET", place.path)["etag"]
    place.call("DELETE", place.path, status=204, etag=etag)
    assert words(told(place))[-1] == ("map", "archived", "")
    assert told(place)[-1]["live"] is None
    assert told(place)[-2]["live"] == found[-1]["live"]


def test_pages_are_the_list_in_both_directions(place: Place) -> None:
    whole, found, path = told(place), [], f"{place.path}/timeline?page_size=5"
    pages = []
    while path:
        page = place.call("GET", path)
        pages.append(page["results"])
        found += page["results"]
        path, back = page["next"], page["previous"]
    assert found == whole
    backwards = pages[-1]
    while back:
        page = place.call("GET", back)
        backwards = page["results"] + backwards
        back = page["previous"]
    assert backwards == whole
    cursor = place.call("GET", f"{place.path}/timeline?page_size=5")["next"].split("cursor=")[1]
    refused = place.call("GET", f"{place.path}/timeline?kind=version&cursor={cursor}", status=400)
    assert refused["errors"][0]["code"] == "cursor_of_other_filters"


def test_then_it_tells_what_had_happened_and_was_written_down(place: Place) -> None:
    found = told(place)
    for upto in (1, 4, 8):
        at = found[upto - 1]["at"]
        assert told(place, f"&as_of={at}") == found[:upto]
        known = told(place, f"&known_at={at}")
        assert words(known) == words([one for one in found[:upto] if one["kind"] != "improvement"])
        assert all(one["live"] is None or at in one["live"] for one in known)
    long_ago = stamp(now() - timedelta(days=400))
    made = {"journey_map": "claim", "title": "The old door", "at": long_ago}
    place.call("POST", "/v1/improvements", made, status=201)
    assert words(told(place))[0] == ("improvement", "made", "The old door")
    assert told(place, f"&known_at={found[-1]['at']}")[0]["kind"] == "map"
    assert place.call("GET", f"{place.path}/timeline?as_of=2190-01-01T00:00:00Z", status=400)


def test_only_for_whom_it_is_meant(place: Place, stranger: Tenant) -> None:
    path = f"{place.path}/timeline"
    assert stranger.client.call("GET", path).status_code == 404
    assert place.tenant.key("kpis:read").call("GET", path).status_code == 403
    assert place.call("GET", "/v1/journey-maps/claim/timeline?page_size=1")["results"]
    [finding] = place.call("GET", "/v1/findings?kind=status")["results"]
    seen = {"state": "acknowledged", "note": "Ada: the <form> is to blame"}
    place.call("PATCH", f"/v1/findings/{finding['id']}", seen, etag=finding["etag"])
    reader = place.tenant.key("maps:read").call("GET", f"{path}?kind=finding").json()["results"]
    assert (reader[-1]["change"], reader[-1]["finding"]) == ("acknowledged", finding["id"])
    assert "Ada" not in str(reader)  # what people wrote needs findings:read
