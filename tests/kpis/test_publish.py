"""Publishing never loses a KPI silently: kept, carried by `continues`, or refused until somebody decides."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.db import connection

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.rate("completion", 1, 82)
    return place


def publish(place: Place, *, status: int = 201, dry_run: bool = False, **body: Any) -> Any:
    etag = place.client.call("GET", f"{place.path}/draft")["ETag"]
    query = "?dry_run=true" if dry_run else ""
    return place.call("POST", f"{place.path}/versions{query}", body, etag=etag, status=status)


def redrawn(place: Place, change: Any) -> None:
    """Change the stages of the published document and make it the draft."""
    document = copy.deepcopy(place.live()["document"])
    change(document["stages"])
    place.redraft(document)


def test_a_renamed_touchpoint_keeps_its_kpi(place: Place) -> None:
    binding = place.bind("completion", "form")
    redrawn(place, lambda stages: stages[0]["touchpoints"][0].update(name="Application"))
    told = publish(place)["bindings"]
    assert told == {"kept": [binding["id"]], "carried": [], "orphaned": []}
    assert place.entries("form")[0]["value"] == 0.82


def test_bindings_that_stay_are_not_even_locked(place: Place) -> None:
    """An edit of a text must not write 600 rows, nor wait for whoever works out their states."""
    stays, goes = place.bind("completion", "form"), place.bind("completion", "pay")

    def lose_pay(stages: Any) -> None:
        stages[0]["touchpoints"][0].update(name="Application")
        stages[0]["touchpoints"].pop(1)

    redrawn(place, lose_pay)
    locked = "SELECT id::text, xmax = pg_current_xact_id()::xid FROM binding WHERE journey_map_id = %s"
    with place.tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT hold_bindings(%s, %s, false)", [place.tenant.workspace.id, place.map_id])
        cursor.execute(locked, [place.map_id])
        assert dict(cursor.fetchall()) == {stays["id"]: False, goes["id"]: True}


def test_what_continues_an_element_carries_its_kpis(place: Place) -> None:
    """Two touchpoints are merged into one: both KPIs go there; before, they stood where they stood."""
    form, pay = place.element("form"), place.element("pay")
    bindings = [place.bind("completion", "form"), place.bind("completion", "pay", label="Paid")]
    before = stamp(now())

    def merge(stages: Any) -> None:
        stages[0]["touchpoints"] = [{"key": "both", "name": "Both", "continues": [form, pay]}]

    redrawn(place, merge)
    told = publish(place)["bindings"]
    both = place.element("both")
    assert told["carried"] == [
        {"binding": bindings[0]["id"], "element": form, "target": both, "others": []},
        {"binding": bindings[1]["id"], "element": pay, "target": both, "others": []},
    ]
    assert [entry["name"] for entry in place.entries("both")] == ["Completion", "Paid"]
    assert place.live()["unplaced"] == []
    then = place.live(f"?as_of={before}")["live"]
    assert form in then
    assert pay in then
    assert both in place.live(f"?as_of={stamp(now())}")["live"]
    # The next reading finds the binding at its new place.
    place.rate("completion", 2, 60)
    assert len(place.entries("both")[0]["spark"]) == 2


def test_a_split_carries_to_the_first_and_names_the_others(place: Place) -> None:
    """What was measured of the whole must not count twice in roll-ups."""
    form = place.element("form")
    place.bind("completion", "form")

    def split(stages: Any) -> None:
        stages[0]["touchpoints"] = [
            {"key": "one", "name": "One", "continues": [form]},
            {"key": "two", "name": "Two", "continues": [form]},
        ]

    redrawn(place, split)
    [carried] = publish(place)["bindings"]["carried"]
    assert (carried["target"], carried["others"]) == (place.element("one"), [place.element("two")])
    assert len(place.entries("one")) == 1
    assert place.entries("two") == []


def test_an_orphan_is_refused_by_name_and_nothing_happened(place: Place) -> None:
    binding = place.bind("completion", "form")
    other = place.bind("completion", "thanks")
    redrawn(place, lambda stages: stages[0]["touchpoints"].pop(0))
    rehearsed = publish(place, dry_run=True, status=200)
    assert rehearsed["bindings"]["kept"] == [other["id"]]
    assert [(one["binding"], one["action"]) for one in rehearsed["bindings"]["orphaned"]] == [
        (binding["id"], None)
    ]
    refused = publish(place, status=409)
    assert refused["code"] == "orphaned_bindings"
    assert [issue["pointer"] for issue in refused["errors"]] == [f"/bindings/{binding['id']}"]
    assert "Completion" in refused["errors"][0]["detail"]
    assert place.live()["version"] == 1


def test_an_orphan_that_is_kept_is_unplaced_and_not_asked_for_again(place: Place) -> None:
    binding, form = place.bind("completion", "form"), place.element("form")
    redrawn(place, lambda stages: stages[0]["touchpoints"].pop(0))
    [told] = publish(place, on_orphan="keep")["bindings"]["orphaned"]
    assert told == {
        "binding": binding["id"],
        "label": "Completion",
        "element": form,
        "action": "kept",
        "target": None,
    }
    live = place.live()
    [unplaced] = live["unplaced"]
    assert (unplaced["element"], unplaced["kpis"][0]["value"]) == (form, 0.82)
    assert live["live"]["map"]["coverage"]["of"] == 0
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html").content.decode()
    assert "Figures whose place is not on this version" in page
    redrawn(place, lambda stages: stages[0].update(name="Start"))
    [again] = publish(place)["bindings"]["orphaned"]
    assert again["action"] == "kept"
    redrawn(
        place, lambda stages: stages[0]["touchpoints"].append({"id": form, "key": "form", "name": "Form"})
    )
    assert publish(place)["bindings"]["kept"] == [binding["id"]]
    assert place.live()["unplaced"] == []


def test_an_orphan_may_be_closed(place: Place) -> None:
    binding = place.bind("completion", "form")
    before = stamp(now())
    redrawn(place, lambda stages: stages[0]["touchpoints"].pop(0))
    [told] = publish(place, on_orphan="close")["bindings"]["orphaned"]
    assert (told["binding"], told["action"]) == (binding["id"], "closed")
    assert place.live()["unplaced"] == []
    assert place.call("GET", f"{place.path}/bindings")["results"] == []
    then = place.live(f"?as_of={before}")
    assert then["live"][binding["element"]]["kpis"][0]["value"] == 0.82


def test_an_orphan_may_be_moved(place: Place) -> None:
    binding = place.bind("completion", "form", key="done")
    redrawn(place, lambda stages: stages[0]["touchpoints"].pop(0))
    wrong = publish(place, on_orphan={"move": {"done": "nowhere", "other": "pay"}}, status=400)
    assert {issue["code"] for issue in wrong["errors"]} == {"unknown_element", "unknown_binding"}
    [told] = publish(place, on_orphan={"move": {"done": "pay"}})["bindings"]["orphaned"]
    assert (told["action"], told["target"]) == ("moved", place.element("pay"))
    assert place.entries("pay")[0]["value"] == 0.82
    shown = place.call("GET", f"/v1/bindings/{binding['id']}")
    assert (shown["element"], shown["etag"]) == (place.element("pay"), '"r2"')


def test_whoever_moves_one_must_decide_on_all(place: Place) -> None:
    place.bind("completion", "form", key="first")
    second = place.bind("completion", "pay")

    def empty(stages: Any) -> None:
        del stages[0]["touchpoints"]

    redrawn(place, empty)
    refused = publish(place, on_orphan={"move": {"first": "thanks"}}, status=409)
    assert [issue["pointer"] for issue in refused["errors"]] == [f"/bindings/{second['id']}"]


@pytest.mark.parametrize("choice", ["drop", {"move": {}}, {"move": {"a": 1}}, {"keep": True}, 7])
def test_what_else_is_said_is_refused(place: Place, choice: Any) -> None:
    refused = publish(place, on_orphan=choice, status=400)
    assert refused["errors"][0]["pointer"] == "/on_orphan"


def test_a_kpi_bound_while_drafting_is_on_the_first_version(tenant: Tenant) -> None:
    place = Place(tenant, publish=False)
    place.kpi("completion", period="week")
    binding = place.bind("completion", "form")
    place.rate("completion", 1, 82)
    assert publish(place)["bindings"]["kept"] == [binding["id"]]
    assert place.entries("form")[0]["value"] == 0.82


def test_a_stranger_cannot_publish(place: Place, stranger: Tenant) -> None:
    etag = place.client.call("GET", f"{place.path}/draft")["ETag"]
    for query in ("", "?dry_run=true"):
        answer = stranger.client.call("POST", f"{place.path}/versions{query}", {}, etag=etag)
        assert answer.status_code == 404


def test_a_restored_version_loses_no_kpi_silently(place: Place) -> None:
    """The touchpoint that a KPI is bound to came after the version that is restored."""
    redrawn(place, lambda stages: stages[0]["touchpoints"].append({"key": "late", "name": "Late"}))
    publish(place)
    binding = place.bind("completion", "late")
    body = {"version": 1, "as": "version"}
    where = f"{place.path}/restorations"
    told = place.call("POST", f"{where}?dry_run=true", body, etag="*", status=200)
    assert [one["binding"] for one in told["version"]["bindings"]["orphaned"]] == [binding["id"]]
    assert place.call("POST", where, body, etag="*", status=409)["code"] == "orphaned_bindings"
    assert place.live()["version"] == 2
    restored = place.call("POST", where, {**body, "on_orphan": "keep"}, etag="*", status=201)
    assert restored["version"]["bindings"]["orphaned"][0]["action"] == "kept"
    assert place.live()["version"] == 3
    drafted = place.call("POST", where, {"version": 2, "as": "draft"}, etag="*", status=201)
    assert drafted["version"] is None
    assert publish(place)["bindings"]["kept"] == [binding["id"]]
