"""One feed per series: another one is refused, a person may correct, and who is gone makes room."""

from __future__ import annotations

import uuid

import pytest

from kpis.actions.readings import Feed, Outcome
from kpis.actions.readings_series import release_series
from kpis.models.definitions import Series
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import API, put
from tests.kpis.make_readings import kpi

FIRST, SECOND = (Feed(id=uuid.uuid4(), cause=None, name=name) for name in ("first", "second"))


@pytest.fixture
def visits(tenant: Tenant) -> Tenant:
    kpi(tenant, "visits", "visitors")
    return tenant


def told(tenant: Tenant, feed: Feed, week: int, value: int | None) -> tuple[str, str | None]:
    item = ReadingIn(kpi="visits", period=f"2026-W{week}", value=value, retract=value is None)
    (outcome,) = put(tenant, [item], feed=feed)
    return outcome.status, _code(outcome)


def _code(outcome: Outcome) -> str | None:
    return outcome.issues[0].code if outcome.issues else None


def test_a_second_feed_is_refused_whatever_it_says(visits: Tenant) -> None:
    assert told(visits, FIRST, 10, 1) == ("created", None)
    for value in (1, 2, None):
        assert told(visits, SECOND, 10, value) == ("refused", "second_feed")
    assert told(visits, SECOND, 11, 1) == ("refused", "second_feed")
    assert told(visits, FIRST, 10, 2) == ("corrected", None)


def test_what_was_fed_by_hand_can_be_taken_over_once(visits: Tenant) -> None:
    assert told(visits, API, 10, 1) == ("created", None)
    assert told(visits, FIRST, 11, 1) == ("created", None)
    assert told(visits, SECOND, 12, 1) == ("refused", "second_feed")


def test_a_person_corrects_a_feed_and_adds_nothing_to_it(visits: Tenant) -> None:
    assert told(visits, FIRST, 10, 1) == ("created", None)
    assert told(visits, API, 10, 2) == ("corrected", None)
    assert told(visits, API, 10, None) == ("retracted", None)
    assert told(visits, API, 11, 1) == ("refused", "second_feed")
    with visits.enter():
        assert Series.objects.get().feed_id == FIRST.id


def test_who_is_gone_makes_room(visits: Tenant) -> None:
    assert told(visits, FIRST, 10, 1) == ("created", None)
    assert FIRST.id is not None
    with visits.enter():
        release_series(workspace_id=visits.workspace.id, feed_id=FIRST.id)
    assert told(visits, SECOND, 10, 2) == ("corrected", None)


def test_an_archived_source_makes_room(visits: Tenant) -> None:
    body = {
        "name": "feed",
        "type": "http_json",
        "config": {"url": "https://example.com/a.json"},
        "mappings": [{"kpi": "visits", "value": "$.value", "period": "$.period"}],
        "schedule": {"every": "PT1H"},
    }
    made = visits.client.call("POST", "/v1/sources", body)
    assert made.status_code == 201, made.content
    shown = made.json()
    source = Feed(id=uuid.UUID(shown["id"]), cause=None, name="feed")
    assert told(visits, source, 10, 1) == ("created", None)
    assert told(visits, SECOND, 10, 1) == ("refused", "second_feed")
    gone = visits.client.call("DELETE", f"/v1/sources/{shown['id']}", etag=shown["etag"])
    assert gone.status_code == 204, gone.content
    assert told(visits, SECOND, 10, 2) == ("corrected", None)
