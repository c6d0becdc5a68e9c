"""Improvements: written down, changed, known at an instant, and what the figures did around them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp, week

PATH = "/v1/improvements"


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", sampled=True)
    place.kpi("calls", kind="tickets", period="week")
    place.bind("completion", "form")
    place.bind("calls", "pay")
    return place


def weeks_ago(count: float) -> str:
    """An instant so long before the beginning of this week."""
    today = now()
    monday = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=today.weekday())
    return stamp(monday - timedelta(weeks=count))


def write(place: Place, **more: Any) -> Any:
    body = {"journey_map": "claim", "title": "Fewer questions", "at": weeks_ago(3.5), **more}
    return place.call("POST", PATH, body, status=201)


def rates(place: Place, figures: dict[int, int]) -> None:
    for ago, numerator in figures.items():
        place.rate("completion", ago, numerator, 1000)


def of(place: Place, ref: str, query: str = "") -> Any:
    return place.call("GET", f"{PATH}/{ref}/effect{query}")


def test_an_improvement_is_written_down_changed_and_archived(place: Place, stranger: Tenant) -> None:
    form, kpi = place.element("form"), place.call("GET", "/v1/kpis/completion")["id"]
    revision = place.client.call("GET", f"{place.path}/live")["ETag"]
    made = write(
        place,
        key="fewer",
        description="From 40 to 20.",
        elements=["form", "form"],
        kpis=[{"kpi": "completion", "direction": "up", "by": 0.05}],
        links=[{"text": "Ticket", "href": "https://tickets.example.org/7"}],
    )
    assert made["elements"] == [form]
    assert made["kpis"] == [{"kpi": kpi, "labels": {}, "direction": "up", "by": 0.05}]
    assert (made["status"], made["until"]) == ("live", None)
    assert place.client.call("GET", f"{place.path}/live")["ETag"] != revision
    assert place.call("GET", f"{PATH}/fewer") == made

    sent_back = {name: value for name, value in made.items() if name not in ("at", "until")}
    same = place.call("PATCH", f"{PATH}/fewer", sent_back, etag=made["etag"])
    assert same == made
    change = {"title": "Half the questions", "until": weeks_ago(1), "links": None}
    changed = place.call("PATCH", f"{PATH}/fewer", change, etag=made["etag"])
    assert (changed["title"], changed["status"], changed["links"]) == ("Half the questions", "withdrawn", [])
    assert place.call("PATCH", f"{PATH}/fewer", {"title": "No"}, etag=made["etag"], status=412)
    assert place.call("PATCH", f"{PATH}/fewer", {"title": "No"}, status=428)
    events = [one for one in place.call("GET", "/v1/events")["results"] if one["type"].startswith("improve")]
    assert [one["type"] for one in events] == ["improvement.created", "improvement.changed"]
    assert (events[1]["data"]["title"], events[1]["data"]["kpis"]) == ("Half the questions", [kpi])

    for method, path, body in (
        ("GET", f"{PATH}/{made['id']}", None),
        ("GET", f"{PATH}/{made['id']}/effect", None),
        ("PATCH", f"{PATH}/{made['id']}", {"title": "Mine"}),
        ("DELETE", f"{PATH}/{made['id']}", None),
    ):
        assert stranger.client.call(method, path, body, etag="*").status_code == 404, method
    assert stranger.client.call("GET", PATH).json()["results"] == []
    reader = place.tenant.key("kpis:read")
    assert reader.call("GET", f"{PATH}/fewer/effect").status_code == 200
    assert reader.call("POST", PATH, {}).status_code == 403
    assert reader.call("PATCH", f"{PATH}/fewer", {}, etag="*").status_code == 403
    assert reader.call("DELETE", f"{PATH}/fewer", etag="*").status_code == 403
    assert place.tenant.key("maps:read").call("GET", PATH).status_code == 403

    place.call("DELETE", f"{PATH}/fewer", etag=changed["etag"], status=204)
    place.call("GET", f"{PATH}/fewer", status=404)
    assert place.call("GET", PATH)["results"] == []


def test_the_same_is_written_down_once(place: Place) -> None:
    body = {"journey_map": "claim", "title": "Once", "at": weeks_ago(1)}
    first = place.call("POST", PATH, body, key="k1", status=201)
    assert place.call("POST", PATH, body, key="k1", status=201) == first
    assert place.call("POST", PATH, body | {"title": "Other"}, key="k1", status=422)
    place.call("POST", PATH, body | {"key": "one"}, status=201)
    assert place.call("POST", PATH, body | {"key": "one"}, status=409)["code"] == "key_taken"


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"journey_map": "nowhere"}, "/journey_map", "unknown_map"),
        ({"title": ""}, "/title", "blank"),
        ({"at": "2026-03-04"}, "/at", "offset"),
        ({"until": "2000-01-01T00:00:00Z"}, "/until", "order"),
        ({"elements": ["nobody"]}, "/elements/0", "unknown_element"),
        ({"elements": ["00000000-0000-7000-8000-000000000000"]}, "/elements/0", "unknown_element"),
        ({"kpis": [{"kpi": "nothing"}]}, "/kpis/0/kpi", "unknown_kpi"),
        ({"kpis": [{"kpi": "calls"}, {"kpi": "calls"}]}, "/kpis/1", "duplicate"),
        ({"kpis": [{"kpi": "calls", "by": 3}]}, "/kpis/0/direction", "required"),
        ({"kpis": [{"kpi": "calls", "direction": "up", "by": -3}]}, "/kpis/0/by", "range"),
        ({"kpis": [{"kpi": "calls", "direction": "sideways"}]}, "/kpis/0/direction", "invalid_choice"),
        ({"links": [{"href": "javascript:alert(1)"}]}, "/links/0/href", "invalid"),
        ({"colour": "red"}, "/colour", "unknown_field"),
    ],
)
def test_bad_input_is_named(place: Place, wrong: dict[str, Any], pointer: str, code: str) -> None:
    body = {"journey_map": "claim", "title": "Fewer", "at": weeks_ago(1), **wrong}
    told = place.call("POST", PATH, body, status=400)
    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [(pointer, code)]


def test_lists_are_narrowed_by_map_element_kpi_and_status(place: Place) -> None:
    form = place.element("form")
    here = write(place, title="Here", elements=["form"])["id"]
    aimed = write(place, title="Aimed", kpis=[{"kpi": "calls", "labels": {"team": "*"}}])["id"]
    ahead = write(place, title="Ahead", at=stamp(now() + timedelta(days=9)))["id"]
    over = write(place, title="Over", until=weeks_ago(1))["id"]

    def found(query: str) -> list[str]:
        return [row["id"] for row in place.call("GET", f"{PATH}?{query}")["results"]]

    assert found("journey_map=claim") == [here, aimed, ahead, over]
    assert found("journey_map=claim&element=form") == found(f"element={form}") == [here]
    assert found("kpi=calls") == [aimed]
    assert found("status=planned") == [ahead]
    assert found("status=live") == [here, aimed]
    assert found("status=withdrawn") == [over]
    assert place.call("GET", f"{PATH}?element=form", status=400)["errors"][0]["code"] == "ambiguous"
    place.call("GET", f"{PATH}?journey_map=nowhere", status=404)
    place.call("GET", f"{PATH}?kpi=nothing", status=404)
    first = place.call("GET", f"{PATH}?page_size=3")
    assert [row["id"] for row in place.call("GET", first["next"])["results"]] == [over]


def test_the_effect_is_told_before_and_after(place: Place) -> None:
    # The change falls into the week four before this one; three are over since.
    rates(place, {8: 600, 7: 610, 6: 590, 5: 600, 4: 900, 3: 700, 2: 690, 1: 710, 0: 10})
    aimed = [{"kpi": "completion", "direction": "up", "by": 0.05}]
    made = write(place, elements=["form"], kpis=aimed)
    told = of(place, made["id"])
    assert (told["title"], told["status"], told["left_out"]) == ("Fewer questions", "live", 0)
    assert "does not prove" in told["says"]
    (one,) = told["kpis"]
    assert one["before"] == {
        "start": weeks_iso(place, 7), "end": weeks_iso(place, 4), "periods": 3, "told": 3, "value": 0.6,
        "n": 3000, "numerator": 1800, "denominator": 3000, "interval": one["before"]["interval"],
    }  # fmt: skip
    assert (one["after"]["value"], one["after"]["n"], one["after"]["numerator"]) == (0.7, 3000, 2100)
    assert (one["change"], one["share"]) == (0.1, 0.166666666667)
    assert (one["verdict"], one["reason"], one["direction"]) == ("more_than_noise", None, "good")
    assert one["interval"]["low"] < 0.1 < one["interval"]["high"]
    assert one["expected"] == {"direction": "up", "by": 0.05, "met": True}
    assert [caveat["code"] for caveat in one["caveats"]] == ["still_filling", "window_untold"]
    assert one["others"] == []
    points = place.call("GET", one["points"])["points"]
    assert len(points) == 7
    assert points[0]["start"] == one["before"]["start"]

    wider = of(place, made["id"], "?before=4&after=1&washout=1")["kpis"][0]
    assert (wider["before"]["told"], wider["after"]["told"], wider["after"]["value"]) == (4, 1, 0.69)
    for query in ("before=0", "after=401", "washout=101", f"as_of={stamp(now() + timedelta(days=1))}"):
        place.call("GET", f"{PATH}/{made['id']}/effect?{query}", status=400)


def weeks_iso(place: Place, ago: int) -> str:
    """The beginning of the week so many before this one, as points tell it."""
    (point,) = [
        point
        for point in place.call("GET", "/v1/kpis/completion/points")["points"]
        if point["label"] == week(ago)
    ]
    return str(point["start"])


def test_without_kpis_those_at_its_elements_are_measured(place: Place) -> None:
    rates(place, {5: 600, 3: 700})
    at_form = of(place, write(place, elements=["form"])["id"])["kpis"]
    assert [one["key"] for one in at_form] == ["completion"]
    assert of(place, write(place)["id"])["kpis"] == []  # nothing is bound at the map
    both = of(place, write(place, elements=["form", "pay"])["id"], "?before=1&after=1")["kpis"]
    assert [(one["key"], one["verdict"], one["reason"]) for one in both] == [
        ("completion", "more_than_noise", None),
        ("calls", "no_data", "no_figure_after"),
    ]


def test_what_is_planned_is_too_early_and_what_else_changed_is_named(place: Place) -> None:
    rates(place, {6: 600, 5: 600, 3: 700, 2: 700, 1: 700})
    first = write(place, kpis=[{"kpi": "completion"}])["id"]
    second = write(place, title="A campaign", at=weeks_ago(1.5))["id"]
    write(place, title="Long ago", at=weeks_ago(40))
    (one,) = of(place, first, "?before=2&after=2")["kpis"]
    assert [other["id"] for other in one["others"]] == [second]
    planned = write(place, title="Next", at=stamp(now() + timedelta(days=9)), kpis=[{"kpi": "completion"}])
    told = of(place, planned["id"])
    assert told["status"] == "planned"
    assert [(one["verdict"], one["reason"]) for one in told["kpis"]] == [("too_early", "not_yet")]


def test_figures_made_of_figures_are_worked_out_from_sums_of_both_windows(place: Place) -> None:
    place.kpi("orders", kind="tickets", period="week")
    place.kpi("per-order", kind="ratio", numerator_kpi="calls", denominator_kpi="orders", unit="fraction")
    figures = {6: (10, 100), 5: (900, 1000), 3: (95, 100), 2: (5, 1000)}
    for ago, (calls, orders) in figures.items():
        place.record({"kpi": "calls", "period": week(ago), "value": calls})
        place.record({"kpi": "orders", "period": week(ago), "value": orders})
    made = write(place, kpis=[{"kpi": "per-order", "direction": "down"}])["id"]
    (one,) = of(place, made, "?before=2&after=2")["kpis"]
    assert (one["before"]["value"], one["after"]["value"]) == (0.827272727273, 0.090909090909)
    assert one["interval"]["method"] == "periods"
    assert one["expected"]["met"] is False  # four weeks that differ so much prove nothing
    assert one["verdict"] == "within_noise"


def test_as_of_and_known_at_are_true(place: Place) -> None:
    rates(place, {6: 600, 5: 600, 3: 700, 2: 700})
    before = stamp(now())
    made = write(place, key="fewer", kpis=[{"kpi": "completion"}])
    known = stamp(now())
    place.record(
        {"kpi": "completion", "period": week(3), "numerator": 100, "denominator": 1000}, correct=True
    )
    place.call("PATCH", f"{PATH}/fewer", {"title": "Otherwise", "at": weeks_ago(4.5)}, etag=made["etag"])
    now_told = of(place, "fewer", "?before=2&after=2")
    then_told = of(place, "fewer", f"?before=2&after=2&known_at={known}")
    assert (now_told["title"], then_told["title"]) == ("Otherwise", "Fewer questions")
    assert then_told["kpis"][0]["after"]["value"] == 0.7
    assert then_told["at"] != now_told["at"]
    assert place.call("GET", f"{PATH}/fewer/effect?known_at={before}", status=404)["code"] == "not_recorded"
    early = of(place, "fewer", f"?as_of={weeks_ago(2)}")
    assert (early["kpis"][0]["after"]["periods"], early["kpis"][0]["after"]["told"]) == (2, 1)
    changed = place.call("GET", f"{PATH}/fewer")
    place.call("DELETE", f"{PATH}/fewer", etag=changed["etag"], status=204)
    place.call("GET", f"{PATH}/{made['id']}/effect", status=404)
    still = of(place, made["id"], f"?known_at={known}&before=2&after=2")
    assert still == then_told


def test_beyond_what_is_kept_nothing_is_told(place: Place) -> None:
    rates(place, {6: 600, 5: 600, 3: 700, 2: 700, 1: 700})
    made = write(place, kpis=[{"kpi": "completion"}])["id"]

    def keep_from(ago: float) -> None:
        with place.tenant.enter():
            rows = Workspace.objects.filter(pk=place.tenant.workspace.pk)
            rows.update(readings_from=datetime.fromisoformat(weeks_ago(ago)))

    keep_from(5)
    (one,) = of(place, made, "?before=4")["kpis"]
    assert (one["before"]["periods"], one["before"]["told"]) == (1, 1)
    assert "beyond_retention" in [caveat["code"] for caveat in one["caveats"]]
    keep_from(3)
    assert place.call("GET", f"{PATH}/{made}/effect", status=410)["code"] == "beyond_retention"


def test_a_copy_has_none_and_a_purge_leaves_none(place: Place) -> None:
    made = write(place, elements=["form"], title="Nobody shall read this again")
    copied = place.call("POST", f"{place.path}/copies", {"with_bindings": True, "name": "Copy"}, status=201)
    assert place.call("GET", f"{PATH}?journey_map={copied['id']}")["results"] == []
    body = {"confirm": "Claim", "reason": "asked for"}
    place.call("POST", f"{place.path}/purges", body, status=201)
    place.call("GET", f"{PATH}/{made['id']}", status=404)
    with place.tenant.enter(), connection.cursor() as cursor:
        for table in ("improvement", "improvement_term"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT count(*) FROM event WHERE data::text LIKE '%Nobody shall%'")
        assert cursor.fetchone() == (0,)


def test_an_improvement_stays_with_its_map_and_names_may_outlive_their_kpi(place: Place) -> None:
    made = write(place, key="fewer", kpis=[{"kpi": "calls"}])
    other = place.call("POST", "/v1/journey-maps", {"document": {"name": "Other"}}, status=201)["id"]
    refused = place.call("PATCH", f"{PATH}/fewer", {"journey_map": other}, etag=made["etag"], status=400)
    assert refused["errors"][0]["code"] == "immutable"
    (bound,) = place.call("GET", f"{place.path}/bindings?element=pay")["results"]
    place.call("DELETE", f"/v1/bindings/{bound['id']}", etag=bound["etag"], status=204)
    kpi = place.call("GET", "/v1/kpis/calls")
    place.call("DELETE", "/v1/kpis/calls", etag=kpi["etag"], status=204)
    renamed = place.call("PATCH", f"{PATH}/fewer", {"title": "Fewer calls"}, etag=made["etag"])
    assert renamed["kpis"][0]["kpi"] == kpi["id"]
    assert [one["key"] for one in of(place, "fewer")["kpis"]] == ["calls"]


def told(live: Any, element: str) -> list[str]:
    return [one["title"] for one in live["live"].get(element, {}).get("improvements", [])]


def test_the_live_map_tells_them_where_they_belong(place: Place) -> None:
    form, pay, thanks = (place.element(key) for key in ("form", "pay", "thanks"))
    kpi = place.call("GET", "/v1/kpis/calls")["id"]
    start = stamp(now())
    write(place, title="Form", elements=["form"])
    aimed = write(place, title="Calls", elements=["thanks"], kpis=[{"kpi": "calls"}], until=weeks_ago(1))
    write(place, title="Whole")
    ahead = write(place, title="Ahead", elements=["form"], at=stamp(now() + timedelta(days=9)))
    live = place.live()
    assert [told(live, at) for at in (form, pay, thanks, "map")] == [
        ["Form", "Ahead"], ["Calls"], ["Calls"], ["Whole"],
    ]  # fmt: skip
    (calls,) = live["live"][pay]["improvements"]
    assert calls == {
        "id": aimed["id"], "title": "Calls", "at": aimed["at"], "until": aimed["until"], "kpis": [kpi],
    }  # fmt: skip
    known = stamp(now())
    place.call("PATCH", f"{PATH}/{ahead['id']}", {"title": "Later still"}, etag=ahead["etag"])
    assert told(place.live(), form) == ["Form", "Later still"]
    assert told(place.live(f"?known_at={known}"), form) == ["Form", "Ahead"]
    # Of the past: what had taken effect by then, whenever it was written down, and what was planned then.
    assert told(place.live(f"?as_of={start}"), form) == ["Form"]
    assert told(place.live(f"?as_of={start}&known_at={start}"), form) == []


def test_an_audience_is_told_of_what_it_sees_whole(place: Place) -> None:
    form, pay = place.element("form"), place.element("pay")
    write(place, title="Both", elements=["form", "thanks"])
    write(place, title="Form", elements=["form"])
    write(place, title="Aimed", elements=["form"], kpis=[{"kpi": "calls"}])
    write(place, title="Whole")

    def seen(**view: Any) -> Any:
        made = place.call("POST", "/v1/views", {"journey_map": "claim", "name": "V", **view}, status=201)
        return place.call("GET", f"/v1/views/{made['id']}/live")

    everything = seen()
    assert [told(everything, at) for at in (form, pay, "map")] == [
        ["Both", "Form", "Aimed"],
        ["Aimed"],
        ["Whole"],
    ]
    narrow = seen(stages=["apply"], kpis=["completion"])
    assert [told(narrow, at) for at in (form, pay, "map")] == [["Form"], [], []]
    untitled = seen(redact=["improvement_titles"])
    assert told(untitled, form) == ["", "", ""]
    assert b"Aimed" not in str(untitled).encode()
    assert "improvements" not in str(seen(redact=["improvements"])["live"])


def test_the_page_marks_them_on_charts_and_in_panels(place: Place) -> None:
    rates(place, {6: 600, 5: 610, 3: 700, 2: 690, 1: 700})
    write(place, title="Fewer <questions>", elements=["form"], kpis=[{"kpi": "completion"}])
    page = place.client.call("GET", f"{place.path}/live", Accept="text/html").content.decode()
    assert 'class="star"' in page
    assert "improvement: Fewer &lt;questions&gt;" in page
    assert '<div class="changes">' in page
    assert "<questions>" not in page
