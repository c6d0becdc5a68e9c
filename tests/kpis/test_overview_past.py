"""All maps side by side as of an instant: what was answered then is answered as known then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions.states import refresh_feed
from kpis.models.definitions import Series
from kpis.models.sources import Source
from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import Browser, token_of
from tests.kpis.live_maps import Place, now, stamp, week
from tests.kpis.test_overview import FUNNEL, LINES, publish, seen

REVIEW = {"owner": "Ana", "next_on": (datetime.now(UTC) + timedelta(days=3)).date().isoformat()}


def of_now(answer: Any) -> Any:
    """Without the instants and the addresses, which ask for them again."""
    found = {name: value for name, value in answer.items() if name not in ("as_of", "known_at")}
    for one in found["maps"]:
        one.pop("live", None)
        for figure in (*one["breaches"], *filter(None, [one["stalest"]])):
            figure.pop("explain", None)
    return found


def break_source(place: Place, source: str, *, broken: bool) -> None:
    with place.tenant.enter():
        Source.objects.filter(id=source).update(broken=broken)
        own = Source.objects.get(id=source)
        refresh_feed(workspace_id=own.workspace_id, feed_id=own.id, at=now())


def test_what_was_answered_then_is_answered_as_known_then(tenant: Tenant) -> None:
    place = Place(tenant, {**FUNNEL, "name": "Claim", "review": REVIEW})
    for key in ("completion", "payment"):
        place.kpi(key, period="week", thresholds=LINES)
    body = {
        "name": "Warehouse",
        "type": "http_json",
        "config": {"url": "http://127.0.0.1:1/"},
        "mappings": [{"kpi": "completion", "value": "$.v", "observed_at": "$.at"}],
        "schedule": {"every": "PT1H"},
    }
    source = place.call("POST", "/v1/sources", body, status=201)["id"]
    view = place.call(
        "POST",
        "/v1/views",
        {"kind": "overview", "name": "Board", "kpis": ["completion"], "history": True},
        status=201,
    )
    reader, path = ApiClient(token_of(place, view)["secret"]), f"/v1/views/{view['id']}/overview"
    kept: list[tuple[datetime, Any, Any]] = []

    def keep() -> None:
        told = of_now(seen(tenant)), of_now(reader.call("GET", path).json())
        kept.append((now(), *told))

    keep()
    place.bind("completion", "form")
    place.bind("payment", None)
    for ago in (3, 2):
        place.rate("completion", ago, 20)
        place.rate("payment", ago, 90)
    keep()
    other = publish(place, {**FUNNEL, "name": "Appeal"})
    keep()
    with tenant.enter():
        Series.objects.filter(kpi__key="completion").update(feed_id=source)
    break_source(place, source, broken=True)
    keep()
    break_source(place, source, broken=False)
    place.redraft({**FUNNEL, "name": "Claim, renamed"})
    place.publish()
    for ago in (3, 2):
        figure = {"kpi": "payment", "numerator": 10, "denominator": 100}
        place.record({**figure, "period": week(ago)}, correct=True)
    keep()
    place.call("DELETE", place.path, status=204, etag=place.call("GET", place.path)["etag"])
    keep()
    own = place.call("GET", f"/v1/sources/{source}")
    place.call("PATCH", f"/v1/sources/{source}", {"name": "Lake"}, etag=own["etag"])
    assert [one["name"] for one in kept[3][1]["maps"][-1]["broken_sources"]] == ["Warehouse"]
    assert [[one["name"] for one in told["maps"]] for _, told, _ in kept] == [
        ["Claim"],
        ["Claim"],
        ["Appeal", "Claim"],
        ["Appeal", "Claim"],
        ["Appeal", "Claim, renamed"],
        ["Appeal"],
    ]
    whole = [told["maps"][-1] for _, told, _ in kept[:5]]
    assert [one["status"] for one in whole] == ["unjudged", "breach", "breach", "ok", "breach"]
    assert [len(one["broken_sources"]) for one in whole] == [0, 0, 0, 1, 0]
    assert kept[1][1]["maps"][0]["open_findings"] == {"critical": 1}
    assert kept[2][1]["matrices"] != []
    for at, told, shown in kept:
        assert of_now(seen(tenant, f"?known_at={stamp(at)}")) == told
        assert of_now(reader.call("GET", f"{path}?known_at={stamp(at)}").json()) == shown
    assert other == kept[-1][1]["maps"][0]["journey_map"]
    assert [one["name"] for one in seen(tenant, f"?q=renamed&as_of={stamp(kept[4][0])}")["maps"]] == [
        "Claim, renamed"
    ]
    assert seen(tenant, f"?q=renamed&as_of={stamp(kept[2][0])}")["maps"] == []
    then = stamp(kept[1][0])
    answer = seen(tenant, f"?as_of={then}&known_at={then}")
    [figure] = answer["maps"][0]["breaches"]
    assert tenant.client.call("GET", figure["explain"]).json()["point"]["value"] == figure["value"] == 0.2
    assert tenant.client.call("GET", answer["maps"][0]["live"]).json()["as_of"] == answer["as_of"]
    # What was corrected since is known now.
    assert [one["in_breach"] for one in (answer["maps"][0], seen(tenant, f"?as_of={then}")["maps"][0])] == [
        1,
        2,
    ]
    for form in ("text/html", "image/svg+xml"):
        page = tenant.client.call("GET", f"/v1/overview?as_of={then}", Accept=form)
        assert b"As of " in page.content
        assert page["Memento-Datetime"]


def test_words_read_as_they_did(tenant: Tenant) -> None:
    """A vocabulary as it was: exactly where it has not changed since, else as the last version keeps it."""
    words = [{"key": "awareness", "label": "Aware"}, {"key": "decision", "label": "Decide"}]
    funnel = FUNNEL | {"stage_vocabulary": "ours"}
    place = Place(tenant, {**funnel, "name": "Claim"})
    publish(place, {**funnel, "name": "Appeal"})
    made: Any = {}
    kept: list[tuple[datetime, list[Any]]] = []

    def keep() -> None:
        kept.append((now(), seen(tenant)["matrices"]))

    def say(label: str, *, published: bool) -> None:
        body = {
            "key": "ours",
            "kind": "stages",
            "label": label,
            "words": [*words, {"key": label.lower(), "label": label}],
        }
        if made:
            made.update(place.call("PUT", "/v1/vocabularies/ours", body, etag=made["etag"]))
        else:
            made.update(place.call("POST", "/v1/vocabularies", body, status=201))
        if published:
            place.redraft({**funnel, "name": f"Claim, {label}"})
            place.publish()
        keep()

    keep()
    say("First", published=True)
    say("Second", published=True)
    place.call("DELETE", "/v1/vocabularies/ours", status=204, etag=made["etag"])
    keep()
    assert [[one["label"] for one in told] for _, told in kept] == [[], ["First"], ["Second"], []]
    for at, told in kept:
        assert seen(tenant, f"?known_at={stamp(at)}")["matrices"] == told


def test_the_stalest_figure_is_told_by_its_instant(tenant: Tenant) -> None:
    """Not by the text of it, in which half a second past comes before the second."""
    place = Place(tenant)
    then = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    for key, at in (("late", then + timedelta(seconds=0.5)), ("early", then)):
        place.kpi(key, kind="gauge", unit="requests")
        place.bind(key, "form")
        place.record({"kpi": key, "observed_at": at.isoformat(), "value": 1})
    told = seen(tenant)["maps"][0]["stalest"]
    [one] = seen(tenant, f"?as_of={stamp(now())}")["maps"]
    assert told["name"] == one["stalest"]["name"] == "Early"


def test_a_view_without_history_is_of_now(tenant: Tenant) -> None:
    place = Place(tenant)
    view = place.call("POST", "/v1/views", {"kind": "overview", "name": "Board"}, status=201)
    secret = token_of(place, view)["secret"]
    path = f"/v1/views/{view['id']}/overview?as_of={stamp(now())}"
    refused = ApiClient(secret).call("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "history_not_shown")
    place.call("PATCH", f"/v1/views/{view['id']}", {"history": True}, etag=view["etag"])
    assert ApiClient(secret).call("GET", path).status_code == 200
    browser = Browser(secret)
    page = browser.get(f"?as_of={stamp(now())}")
    assert (page.status_code, page.has_header("Refresh")) == (200, False)
    assert b"overview.csv?as_of=" in page.content
    for wrong in ("as_of=2190-01-01T00:00:00Z", "as_of=yesterday", "version=1"):
        assert ApiClient(secret).call("GET", f"{path}&{wrong}").status_code == 400, wrong


def test_thirty_maps_of_then_cost_the_statements_of_three(tenant: Tenant) -> None:
    place = Place(tenant, {**FUNNEL, "name": "Map 0"})
    place.kpi("completion", period="week", thresholds=LINES)
    place.rate("completion", 2, 50)
    counts = []
    for upto in (3, 30):
        for number in range(1, upto):
            path = f"/v1/journey-maps/{publish(place, {**FUNNEL, 'name': f'Map {number} of {upto}'})}"
            place.call("POST", f"{path}/bindings", {"kpi": "completion"}, status=201)
        with CaptureQueriesContext(connection) as captured:
            assert len(seen(tenant, f"?as_of={stamp(now())}")["maps"]) >= upto
        counts.append(len(captured))
    assert counts[0] == counts[1]
