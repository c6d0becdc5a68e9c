"""What people said, listed as of an instant and as it was known at another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpis.actions.feedback_kept import forget_feedback
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp
from tests.kpis.test_feedback import AT, listed, say


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def test_the_list_is_as_it_was_and_was_known(place: Place, stranger: Tenant) -> None:
    """What was listed then is listed as known then, page by page, whatever was corrected or moved since."""
    place.kpi("nps")
    bound = place.bind("nps", "form")
    kept: list[tuple[str, list[str], list[str]]] = []

    def keep() -> None:
        at_form = listed(place, "?kpi=nps&bound=true")
        kept.append((stamp(now()), listed(place), at_form))

    first = {"external_id": "e", "observed_at": "2026-03-01T10:00:00Z", "labels": {"s": "a"}}
    keep()
    say(place, "One", **first, **AT)
    say(place, "To the KPI", kpi="nps", observed_at="2026-03-02T00:00:00Z")
    keep()
    elsewhere = {"journey_map": "claim", "element": "pay"}
    say(place, "Two", query="?on_conflict=correct", **(first | {"labels": {"s": "b"}}), **elsewhere)
    gone = say(place, "Gone", observed_at="2026-03-03T00:00:00Z", **AT)
    keep()
    place.call("PATCH", f"/v1/bindings/{bound['id']}", {"kpi": "nps", "element": "pay"}, etag=bound["etag"])
    say(place, "Three", query="?on_conflict=correct", **first, **AT)
    keep()
    assert [words for _, words, _ in kept] == [
        [],
        ["One", "To the KPI"],
        ["Two", "To the KPI", "Gone"],
        ["Three", "To the KPI", "Gone"],
    ]
    assert [words for *_, words in kept[1:]] == [
        ["One", "To the KPI"],
        ["To the KPI", "Gone"],
        ["To the KPI"],
    ]
    for at, words, at_form in kept:
        assert listed(place, f"?known_at={at}") == words
        assert listed(place, f"?kpi=nps&bound=true&known_at={at}") == at_form
        paged, query = [], f"/v1/feedback?page_size=1&known_at={at}"
        while query:
            page = place.call("GET", query)
            paged += [one["text"] for one in page["results"]]
            back = page["previous"] and place.call("GET", page["previous"])["results"][0]["text"]
            assert back in (None, *paged[-2:-1])
            query = page["next"]
        assert paged == words
        assert stranger.client.call("GET", f"/v1/feedback?known_at={at}").json()["results"] == []
    (_, _, _), (one, *_), (two, *_), (three, *_) = kept
    assert listed(place, f'?known_at={one}&labels={{"s":"a"}}') == ["One"]
    assert listed(place, f'?known_at={two}&labels={{"s":"a"}}') == []
    assert listed(place, f"?known_at={two}&journey_map=claim&element=pay&external_id=e&q=tw") == ["Two"]
    assert listed(place, f"?known_at={one}&as_of=2026-03-01T12:00:00Z") == ["One"]
    assert listed(place, "?as_of=2026-03-02T12:00:00Z") == ["Three", "To the KPI"]
    said = f"/v1/feedback/{gone['id']}"
    assert place.call("GET", f"{said}?as_of={three}")["text"] == "Gone"
    place.call("GET", f"{said}?as_of=2026-03-02T12:00:00Z", status=404)
    cursor = place.call("GET", f"/v1/feedback?page_size=1&known_at={two}")["next"]
    cursor = cursor.replace(two.replace(":", "%3A"), one)
    assert place.call("GET", cursor, status=400)["errors"][0]["code"] == "cursor_of_other_filters"
    place.call("GET", "/v1/feedback?as_of=2999-01-01T00:00:00Z", status=400)
    # Archived since, the map is there as it was; erased, nothing of it is.
    archived = place.call("GET", place.path)["etag"]
    place.call("DELETE", place.path, etag=archived, status=204)
    assert listed(place, f"?known_at={two}&journey_map={place.map_id}") == ["Two", "Gone"]
    place.call("GET", f"/v1/feedback?journey_map={place.map_id}", status=404)
    place.call("DELETE", said, etag=gone["etag"], status=204)
    assert listed(place, f"?known_at={two}") == ["Two", "To the KPI"]


def test_what_is_no_longer_kept_is_not_told_of_a_past_either(place: Place) -> None:
    old = (datetime.now(UTC) - timedelta(days=40)).isoformat().replace("+00:00", "Z")
    say(place, "Old", observed_at=old, **AT)
    assert listed(place, f"?as_of={old}") == ["Old"]
    place.call("PATCH", "/v1/feedback-settings", {"retention_days": 30, "hide": []}, etag='"r0"')
    for query in (f"?as_of={old}", f"?known_at={old}"):
        gone = place.call("GET", f"/v1/feedback{query}", status=410)
        assert (gone["code"], "keeps what people said from" in gone["detail"]) == ("beyond_retention", True)
    assert listed(place, f"?known_at={stamp(now())}") == ["Old"]  # until it is deleted, within the hour
    forget_feedback(at=now())
    assert listed(place, f"?known_at={stamp(now())}") == []
