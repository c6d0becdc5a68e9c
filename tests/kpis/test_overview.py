"""All maps side by side: each as its live map says, by a fixed number of statements."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys.actions.maps import create_map
from journeys.actions.publish import publish_draft
from journeys.document.validate import parse
from kpis.models.sources import Source
from tests.conftest import Tenant
from tests.kpis.live_maps import DOCUMENT, Place

LINES = {"target": 0.8, "warn": 0.7, "breach": 0.6}
FUNNEL: dict[str, Any] = {
    "stage_vocabulary": "buyers-journey",
    "stages": [
        {"key": "awareness", "name": "Looks around", "touchpoints": [{"key": "form", "name": "Form"}]},
        {"name": "Decision", "touchpoints": [{"name": "Pay"}, {"name": "Wait"}]},
        {"name": "Something else"},
    ],
}


def seen(tenant: Tenant, query: str = "") -> Any:
    answer = tenant.client.call("GET", f"/v1/overview{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def publish(place: Place, document: dict[str, Any]) -> str:
    """Publish another map; return its id."""
    tenant = place.tenant
    with tenant.enter():
        made = create_map(
            workspace_id=tenant.workspace.id, document=parse(document), key=None, at=datetime.now(UTC)
        )
        publish_draft(journey_map=made, caller=place.caller, at=datetime.now(UTC))
    return str(made.id)


def test_a_map_is_told_as_its_live_map_tells_it(tenant: Tenant) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    review = {"owner": "Ana", "next_on": yesterday.isoformat()}
    place = Place(tenant, {**DOCUMENT, "name": "=Claim", "review": review})
    for key, done in (("completion", 20), ("payment", 90)):
        place.kpi(key, period="week", thresholds=LINES)
        place.bind(key, "form" if key == "completion" else "pay")
        for ago in (3, 2):
            place.rate(key, ago, done)
    place.rate("payment", 1, 90)
    place.kpi("silent", period="week", thresholds=LINES)
    place.bind("silent")
    (shown,) = seen(tenant)["maps"]
    whole = place.live()["live"]["map"]
    assert {name: shown[name] for name in ("status", "worst", "coverage", "counts")} == {
        name: whole[name] for name in ("status", "worst", "coverage", "counts")
    }
    (breach,) = shown["breaches"]
    assert (breach["name"], breach["value"], breach["element"]) == ("Completion", 0.2, place.element("form"))
    assert tenant.client.call("GET", breach["explain"]).json()["point"]["value"] == 0.2
    assert (shown["in_breach"], shown["stalest"]["name"]) == (1, "Completion")
    assert (shown["owner"], shown["review"]) == ("Ana", {"due": yesterday.isoformat(), "overdue": True})
    assert shown["evidence"] == {"total": 1, "researched": 0, "share": 0.0}
    assert shown["open_findings"]["critical" if "critical" in shown["open_findings"] else "high"] >= 1


def test_the_table_guards_formulas(tenant: Tenant) -> None:
    Place(tenant, {**DOCUMENT, "name": "=Claim"})
    answer = tenant.client.call("GET", "/v1/overview", Accept="text/csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["name"], row["version"], row["status"], row["of"]) == ("'=Claim", "1", "unjudged", "0")


def test_page_and_picture_say_the_same_in_words(tenant: Tenant) -> None:
    place = Place(tenant, {**FUNNEL, "name": "<b>Claim & co</b>"})
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    for ago in (2, 1):
        place.rate("completion", ago, 20)
    publish(place, {**FUNNEL, "name": "Other"})
    page = tenant.client.call("GET", "/v1/overview", Accept="text/html")
    picture = tenant.client.call("GET", "/v1/overview", Accept="image/svg+xml")
    assert "default-src 'none'" in page["Content-Security-Policy"]
    for shown in (page.content.decode(), picture.content.decode()):
        assert "&lt;b&gt;Claim &amp; co&lt;/b&gt;" in shown
        assert "<b>Claim" not in shown
        assert re.search(r"Completion(</span> <b>| )20", shown)
        assert "Awareness" in shown
        assert "1 critical" in shown
        assert "breach" in shown
    ElementTree.fromstring(picture.content)


def test_a_broken_source_is_with_the_maps_that_it_feeds(tenant: Tenant) -> None:
    place = Place(tenant)
    source = place.call(
        "POST",
        "/v1/sources",
        {
            "name": "Warehouse",
            "type": "http_json",
            "config": {"url": "http://127.0.0.1:1/"},
            "mappings": [{"kpi": "completion", "value": "$.v", "observed_at": "$.at"}],
            "schedule": {"every": "PT1H"},
        },
        status=201,
    )
    place.kpi("completion", period="week")
    place.kpi("double", kind="derived", expression="completion * 2", unit="fraction")
    place.bind("double", "form")
    place.rate("completion", 1, 50)
    with tenant.enter():
        Source.objects.filter(id=source["id"]).update(broken=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE series SET feed_id = %s", [source["id"]])
    other = publish(place, {**DOCUMENT, "name": "Other"})
    told = {one["journey_map"]: one["broken_sources"] for one in seen(tenant)["maps"]}
    assert told == {
        str(place.map_id): [{"id": source["id"], "name": "Warehouse", "last_success_at": None}],
        other: [],
    }


def test_maps_of_one_vocabulary_are_seen_stage_by_stage(tenant: Tenant) -> None:
    place = Place(tenant, {**FUNNEL, "name": "First"})
    place.kpi("completion", period="week", thresholds=LINES)
    place.bind("completion", "form")
    for ago in (2, 1):
        place.rate("completion", ago, 20)
    assert seen(tenant)["matrices"] == []
    publish(place, {**FUNNEL, "name": "Second"})
    (matrix,) = seen(tenant)["matrices"]
    assert matrix["vocabulary"] == "buyers-journey"
    assert [word["key"] for word in matrix["words"]] == ["awareness", "consideration", "decision"]
    first, second = matrix["maps"]
    assert [(cell["word"], cell["touchpoints"], cell["status"]) for cell in first["cells"]] == [
        ("awareness", 1, "breach"),
        ("decision", 2, "unjudged"),
    ]
    assert (second["name"], second["cells"][0]["status"], second["others"]) == ("Second", "unjudged", 1)
    table = tenant.client.call("GET", "/v1/overview", Accept="text/csv").content.decode("utf-8-sig")
    words = [f"buyers-journey/{word}" for word in ("awareness", "consideration", "decision")]
    assert [[row[word] for word in words] for row in csv.DictReader(io.StringIO(table))] == [
        ["breach", "", "unjudged"],
        ["unjudged", "", "unjudged"],
    ]


def test_drafts_alone_are_there_and_archived_maps_are_not(tenant: Tenant) -> None:
    place = Place(tenant, publish=False)
    (shown,) = seen(tenant)["maps"]
    assert (shown["version"], shown["review"], shown["status"]) == (None, None, "unjudged")
    assert seen(tenant, "?q=nothing")["maps"] == []
    assert len(seen(tenant, "?q=CLA")["maps"]) == 1
    assert seen(tenant, "?q=%25")["maps"] == []
    etag = place.call("GET", place.path)["etag"]
    place.call("DELETE", place.path, status=204, etag=etag)
    assert seen(tenant)["maps"] == []


def test_thirty_maps_cost_the_statements_of_three(tenant: Tenant) -> None:
    place = Place(tenant, {**FUNNEL, "name": "Map 0"})
    place.kpi("completion", period="week", thresholds=LINES)
    counts = []
    for upto in (3, 30):
        for number in range(1, upto):
            path = f"/v1/journey-maps/{publish(place, {**FUNNEL, 'name': f'Map {number} of {upto}'})}"
            place.call("POST", f"{path}/bindings", {"kpi": "completion"}, status=201)
        with CaptureQueriesContext(connection) as captured:
            assert len(seen(tenant)["maps"]) >= upto
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_only_for_whom_it_is_meant(tenant: Tenant, stranger: Tenant) -> None:
    Place(tenant)
    assert seen(stranger)["maps"] == []
    assert tenant.key("kpis:read").call("GET", "/v1/overview").status_code == 403
