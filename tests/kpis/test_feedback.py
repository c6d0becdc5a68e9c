"""What people said: recorded once, without personal data, shown where it belongs, erased for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions.feedback_kept import forget_feedback
from kpis.models.feedback import Feedback, FeedbackTally, FormerFeedback
from tests.conftest import Tenant
from tests.kpis.live_maps import Place, now, stamp

AT = {"journey_map": "claim", "element": "form"}


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def say(place: Place, text: str, *, status: int = 201, query: str = "", **more: Any) -> Any:
    return place.call("POST", f"/v1/feedback{query}", {"text": text, **(more or AT)}, status=status)


def listed(place: Place, query: str = "") -> list[str]:
    return [one["text"] for one in place.call("GET", f"/v1/feedback{query}")["results"]]


def live(place: Place, query: str = "") -> dict[str, Any]:
    return told(place.call("GET", f"{place.path}/live{query}"))


def told(answer: Any) -> dict[str, Any]:
    """Return by key of element how many said something there, and the latest texts."""
    keys = {"map": "map"} | {
        part["id"]: part["key"]
        for stage in answer["document"]["stages"]
        for part in (stage, *stage["touchpoints"])
    }
    return {
        keys[element]: (group["feedback"]["n"], [one["text"] for one in group["feedback"]["latest"]])
        for element, group in answer["live"].items()
        if "feedback" in group
    }


def test_it_counts_once_and_is_corrected_where_asked(place: Place) -> None:
    first = say(place, "Too slow", external_id="a", **AT)
    assert first["outcome"] == "created"
    assert say(place, "Too slow", external_id="a", status=200, **AT)["id"] == first["id"]
    refused = say(place, "Fast", external_id="a", status=409, **AT)
    assert refused["code"] == "external_id_taken"
    corrected = say(place, "Fast", external_id="a", query="?on_conflict=correct", **AT)
    assert (corrected["id"], corrected["outcome"], corrected["etag"]) == (first["id"], "corrected", '"r2"')
    assert listed(place) == ["Fast"]
    assert live(place) == {"form": (1, ["Fast"])}


def test_personal_data_is_hidden_unless_the_workspace_wants_it(place: Place) -> None:
    said = say(place, "I am ada@example.org, +44 20 7946 0958")
    assert (said["text"], said["hidden"]) == ("I am [email], [phone]", ["email", "phone"])
    kept = place.call("GET", "/v1/feedback-settings")
    assert kept == {"retention_days": None, "hide": ["email", "iban", "card", "phone"], "etag": '"r0"'}
    body = {"hide": ["card"], "retention_days": 30}
    place.call("PATCH", "/v1/feedback-settings", body, etag='"r9"', status=412)
    place.call("PATCH", "/v1/feedback-settings", body, etag=kept["etag"])
    assert say(place, "I am ada@example.org")["text"] == "I am ada@example.org"


def test_a_batch_tells_of_each_item(place: Place) -> None:
    items = [{"text": "One", **AT}, {"text": "", **AT}, {"text": "Two", "kpi": "none"}, 7, {"text": "Lost"}]
    told = place.call("POST", "/v1/feedback/batch", {"items": items}, status=207)
    assert told["counts"] == {"created": 1, "duplicate": 0, "corrected": 0, "refused": 4}
    assert [[one["status"], *(issue["pointer"] for issue in one["errors"])] for one in told["results"]] == [
        [201], [400, "/text"], [400, "/kpi"], [400, ""], [400, ""],
    ]  # fmt: skip


def test_a_csv_is_read_row_by_row(place: Place) -> None:
    table = (
        "\ufefftext,score,journey_map,element,label.shop,solicited,external_id,observed_at\r\n"
        '"Too slow,\r\nreally",2,claim,form,a,true,1,2026-03-01T00:00:00Z\r\n'
        "Good,ten,claim,form,,,2,\r\n"
        "Good,9,claim,pay,b,no,1,2026-03-01T00:00:00Z\r\n"
    ).encode()
    told = place.call("POST", "/v1/feedback/batch", table, content_type="text/csv", status=207)
    assert [one["status"] for one in told["results"]] == [201, 400, 409]
    (one,) = place.call("GET", "/v1/feedback")["results"]
    assert (one["text"], one["score"], one["labels"]) == ("Too slow,\r\nreally", 2, {"shop": "a"})
    assert one["solicited"] is True
    for bad in (
        b"\xff",
        b"",
        b"text,nope\nx,y",
        b'text\n"open',
        b"text,text\na,b",
        b"text\n" + b"x\n" * 1001,
    ):
        place.call("POST", "/v1/feedback/batch", bad, content_type="text/csv", status=400)


def test_lists_are_narrowed(place: Place) -> None:
    place.kpi("nps")
    march = {"observed_at": "2026-03-05T00:00:00Z", "labels": {"shop": "a", "of": "x"}}
    say(place, "Slow form", **AT)
    say(place, "Slow shop", kpi="nps", solicited=True, **march)
    assert listed(place, "?kpi=nps") == listed(place, "?solicited=true") == ["Slow shop"]
    assert listed(place, "?journey_map=claim&element=form") == ["Slow form"]
    assert listed(place, "?from=2026-03-05T00:00:00Z&to=2026-03-06T00:00:00Z") == ["Slow shop"]
    assert listed(place, "?to=2026-03-05T00:00:00Z") == []
    assert listed(place, '?labels={"shop":"a"}') == listed(place, '?labels={"of":"*"}') == ["Slow shop"]
    assert listed(place, "?q=SLOW&page_size=1") == ["Slow form"]
    place.call("GET", "/v1/feedback?element=form", status=400)


def test_the_live_map_shows_how_many_and_the_latest(place: Place) -> None:
    before = place.client.call("GET", f"{place.path}/live")
    assert live(place) == {}
    place.kpi("nps")
    place.bind("nps", "pay", selector={"shop": "*"})
    place.bind("nps", "thanks", selector={"shop": "a"})  # one shop alone: who is of which is in the list
    for number in range(5):
        say(place, f"N{number}", observed_at=f"2026-03-0{number + 1}T00:00:00Z", **AT)
    say(place, "x" * 300, kpi="nps")
    say(place, "All", journey_map="claim")
    told = live(place)
    assert told["form"] == (5, ["N4", "N3", "N2"])
    assert told["pay"] == (1, ["x" * 279 + "…"])
    assert told["map"] == (1, ["All"])
    assert set(told) == {"form", "pay", "map"}
    after = place.client.call("GET", f"{place.path}/live", If_None_Match=before["ETag"])
    assert after.status_code == 200
    again = place.client.call("GET", f"{place.path}/live", If_None_Match=after["ETag"])
    assert again.status_code == 304


def test_a_past_shows_what_had_been_said_and_was_known(place: Place) -> None:
    place.kpi("nps")
    place.bind("nps", "pay")
    first = {"external_id": "e", "observed_at": "2026-03-01T10:00:00Z", "labels": {"s": "a"}, **AT}
    early = say(place, "Early", **first)
    say(place, "To the KPI", kpi="nps", observed_at="2026-03-02T00:00:00Z")
    known = stamp(now())
    say(place, "Late", observed_at="2026-03-01T12:00:00Z", **AT)
    say(place, "Next", observed_at="2026-03-03T00:00:00Z", **AT)
    later = stamp(now())
    to_the_kpi = {"pay": (1, ["To the KPI"])}
    assert live(place, f"?as_of={later}") == {"form": (3, ["Next", "Late", "Early"])} | to_the_kpi
    assert live(place, f"?as_of={known}&known_at={known}") == {"form": (1, ["Early"])} | to_the_kpi
    now_ = place.call("GET", f"{place.path}/live")["live"][place.element("form")]["feedback"]["latest"]
    then = place.call("GET", f"{place.path}/live?known_at={known}")["live"][place.element("form")]
    assert then["feedback"]["latest"] == [now_[2]]
    # Corrected, it was said then in the words that were known then.
    say(place, "Other words", query="?on_conflict=correct", **first)
    assert live(place, f"?known_at={known}") == {"form": (1, ["Early"])} | to_the_kpi
    assert live(place, f"?as_of={later}")["form"] == (3, ["Next", "Late", "Other words"])
    # Erased, it is in no answer about the past, not even where such an answer was final.
    final = place.client.call("GET", f"{place.path}/live?known_at={known}")
    etag = place.call("GET", f"/v1/feedback/{early['id']}")["etag"]
    place.call("DELETE", f"/v1/feedback/{early['id']}", etag=etag, status=204)
    after = place.client.call("GET", f"{place.path}/live?known_at={known}", If_None_Match=final["ETag"])
    assert after.status_code == 200
    assert live(place, f"?known_at={known}") == to_the_kpi


def test_corrections_are_kept_by_when_they_were_known(place: Place, stranger: Tenant) -> None:
    said = {"external_id": "e", "observed_at": "2026-03-01T10:00:00Z", **AT}
    path = f"/v1/feedback/{say(place, 'One a@b.example', score=3, **said)['id']}"
    one = stamp(now())
    elsewhere = said | {"element": "pay", "observed_at": "2026-03-02T10:00:00Z"}
    say(place, "Two", query="?on_conflict=correct", score=9, **elsewhere)
    two = stamp(now())
    again = say(place, "Two", query="?on_conflict=correct", score=9, status=200, **elsewhere)
    assert again["outcome"] == "duplicate"
    say(place, "Three", query="?on_conflict=correct", **said)

    def then(known_at: str) -> tuple[str, float | None, str]:
        row = place.call("GET", f"{path}?known_at={known_at}")
        return row["text"], row["score"], {place.element("form"): "form"}.get(row["element"], "pay")

    assert then(one) == ("One [email]", 3, "form")
    assert then(two) == ("Two", 9, "pay")
    assert then(stamp(now())) == ("Three", None, "form")
    place.call("GET", f"{path}?known_at=2026-01-01T00:00:00Z", status=404)
    place.call("GET", f"{path}?known_at=2999-01-01T00:00:00Z", status=400)
    assert stranger.client.call("GET", f"{path}?known_at={one}").status_code == 404
    assert live(place, f"?known_at={one}") == {"form": (1, ["One [email]"])}
    assert live(place, f"?known_at={two}") == {"pay": (1, ["Two"])}
    assert live(place) == {"form": (1, ["Three"])}
    # Erased, all of it goes.
    etag = place.call("GET", path)["etag"]
    final = place.client.call("GET", f"{place.path}/live?known_at={two}")
    place.call("DELETE", path, etag=etag, status=204)
    place.call("GET", f"{path}?known_at={one}", status=404)
    assert (live(place, f"?known_at={one}"), live(place, f"?known_at={two}")) == ({}, {})
    again = place.client.call("GET", f"{place.path}/live?known_at={two}", If_None_Match=final["ETag"])
    assert again.status_code == 200
    with place.tenant.enter():
        assert not FormerFeedback.objects.exists()


def test_former_words_end_with_what_they_were_and_by_themselves(place: Place) -> None:
    now_ = datetime.now(UTC)
    place.call("PATCH", "/v1/feedback-settings", {"retention_days": 30}, etag='"r0"')
    for key, *days in (("a", 40, 10), ("b", 27, 28)):
        first, then = ((now_ - timedelta(days=one)).isoformat() for one in days)
        say(place, "Old", external_id=key, observed_at=first, **AT)
        say(place, "New", query="?on_conflict=correct", external_id=key, observed_at=then, **AT)
    with place.tenant.enter():
        assert FormerFeedback.objects.count() == 2
    forget_feedback(at=now_)  # words that are too old, of what is not
    with place.tenant.enter():
        assert FormerFeedback.objects.count() == 1
    assert live(place) == {"form": (2, ["New", "New"])}
    forget_feedback(at=now_ + timedelta(days=5))  # what is, with words that are not
    assert live(place) == {"form": (1, ["New"])}
    with place.tenant.enter():
        assert not FormerFeedback.objects.exists()


def test_a_batch_costs_the_same_however_many_said_something(place: Place) -> None:
    def cost(number: int) -> int:
        items = [{"text": f"T{i}", "external_id": f"{number}-{i}", **AT} for i in range(number)]
        with CaptureQueriesContext(connection) as seen:
            place.call("POST", "/v1/feedback/batch", {"items": items}, status=207)
        return len(seen)

    cost(1)  # the key's first use is noted
    assert cost(2) == cost(40)


def test_views_show_none_of_it(place: Place) -> None:
    say(place, "Between us")
    view = place.call("POST", "/v1/views", {"name": "board", "journey_map": "claim"}, status=201)
    shown = place.client.call("GET", f"/v1/views/{view['id']}/live")
    assert b"Between us" not in shown.content
    assert b"feedback" not in shown.content


def test_a_view_that_says_so_shows_it_where_it_shows_quotes(place: Place) -> None:
    place.kpi("nps")
    place.kpi("hidden")
    place.bind("nps", "form")
    place.bind("hidden", "pay")
    said = say(place, "Mail a@b.example", channel="mail", **AT)
    say(place, "To NPS", kpi="nps")
    say(place, "To the hidden", kpi="hidden")
    view = place.call(
        "POST",
        "/v1/views",
        {"name": "board", "journey_map": "claim", "feedback": True, "kpis": ["nps"], "history": True},
        status=201,
    )
    path = f"/v1/views/{view['id']}"
    for query in ("", f"?as_of={stamp(now())}"):
        shown = place.client.call("GET", f"{path}/live{query}")
        assert told(shown.json()) == {"form": (2, ["Mail [email]", "To NPS"])}
        assert said["id"].encode() not in shown.content
    etag = view["etag"]
    for narrower in (
        {"redact": ["quotes"]},
        {"redact": [], "lanes": ["actions"]},
        {"lanes": None, "evidence": []},
    ):
        etag = place.call("PATCH", path, narrower, etag=etag)["etag"]
        assert told(place.call("GET", f"{path}/live")) == {}
    place.call("PATCH", path, {"evidence": None, "redact": ["channels"]}, etag=etag)
    latest = place.call("GET", f"{path}/live")["live"][place.element("form")]["feedback"]["latest"]
    assert {"channel" in one for one in latest} == {False}


def test_erased_it_is_gone_and_does_not_come_back(place: Place) -> None:
    said = say(place, "My name is Ada Lovelace", external_id="a", **AT)
    path = f"/v1/feedback/{said['id']}"
    place.call("DELETE", path, status=428)
    place.call("DELETE", path, etag='"r7"', status=412)
    place.call("DELETE", path, etag=said["etag"], status=204)
    place.call("GET", path, status=404)
    assert listed(place) == []
    assert live(place) == {}
    assert say(place, "My name is Ada Lovelace", external_id="a", status=409, **AT)["code"] == "erased"
    with place.tenant.enter():
        row = Feedback.objects.get()
        assert (row.text, bytes(row.digest), row.erased_by_name) == ("", b"", "all")
        assert not FeedbackTally.objects.filter(latest__contains="Ada").exists()
    last = place.call("GET", "/v1/events")["results"][-1]
    assert (last["type"], last["data"]) == ("feedback.erased", {"feedback": said["id"], "pins": []})


def test_what_is_too_old_is_forgotten(place: Place) -> None:
    now = datetime.now(UTC)
    for days in (1, 40):
        say(place, f"{days} ago", observed_at=(now - timedelta(days=days)).isoformat(), **AT)
    forget_feedback(at=now)
    assert len(listed(place)) == 2
    place.call("PATCH", "/v1/feedback-settings", {"retention_days": 30}, etag='"r0"')
    assert forget_feedback(at=now) == 1
    assert listed(place) == ["1 ago"]
    assert live(place) == {"form": (1, ["1 ago"])}


def test_a_purge_of_the_map_takes_it_along(place: Place) -> None:
    say(place, "Slow", external_id="s", **AT)
    say(place, "Very slow", query="?on_conflict=correct", external_id="s", **AT)
    body = {"confirm": "Claim", "reason": "Asked to."}
    place.call("POST", f"{place.path}/purges", body, status=201)
    with place.tenant.enter():
        assert not Feedback.objects.exists()
        assert not FormerFeedback.objects.exists()
        assert not FeedbackTally.objects.exists()


def test_a_breach_leads_to_what_was_said_in_its_period(place: Place) -> None:
    place.kpi("completion", period="week", thresholds={"breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 50)
    (finding,) = place.call("GET", "/v1/findings")["results"]
    period = finding["facts"]["period"]
    assert place.call("GET", finding["explain"])["point"]["value"] == finding["facts"]["value"] == 0.5
    say(place, "Then", kpi="completion", observed_at=period["start"], **AT)
    say(place, "There", observed_at=period["start"], **AT)
    say(place, "Elsewhere", observed_at=period["start"], journey_map="claim", element="pay")
    say(place, "After", kpi="completion", observed_at=period["end"], **AT)
    explained = place.call("GET", f"/v1/kpis/completion/explain?at={period['start']}")
    for address in (finding["feedback"], explained["feedback"]):
        assert [one["text"] for one in place.call("GET", address)["results"]] == ["Then", "There"]
    then = stamp(now())
    say(place, "Late", kpi="completion", observed_at=period["start"], **AT)
    finding = place.call("GET", f"/v1/findings/{finding['id']}?known_at={then}")
    explained = place.call("GET", f"/v1/kpis/completion/explain?at={period['start']}&known_at={then}")
    for address in (finding["feedback"], explained["feedback"]):
        assert [one["text"] for one in place.call("GET", address)["results"]] == ["Then", "There"]


def test_strangers_and_narrow_keys(place: Place, stranger: Tenant) -> None:
    said = say(place, "Ours")
    path = f"/v1/feedback/{said['id']}"
    assert stranger.client.call("GET", path).status_code == 404
    assert stranger.client.call("DELETE", path, etag="*").status_code == 404
    assert stranger.client.call("GET", "/v1/feedback").json()["results"] == []
    assert stranger.client.call("GET", "/v1/feedback?journey_map=claim").status_code == 404
    assert stranger.client.call("POST", "/v1/feedback", {"text": "x", **AT}).status_code == 400
    reader, writer = place.tenant.key("feedback:read"), place.tenant.key("feedback:write")
    assert reader.call("POST", "/v1/feedback", {"text": "x", **AT}).status_code == 403
    assert reader.call("POST", "/v1/feedback/batch", {"items": []}).status_code == 403
    assert writer.call("GET", path).status_code == 403
    assert writer.call("PATCH", "/v1/feedback-settings", {}, etag="*").status_code == 403


def test_pinned_it_is_a_quote_of_the_draft(place: Place, stranger: Tenant) -> None:
    said = say(place, "Far\ntoo slow, I say", observed_at="2026-03-05T10:00:00Z", **AT)
    path, draft = f"/v1/feedback/{said['id']}/pins", place.call("GET", f"{place.path}/draft")
    place.call("POST", path, {}, status=428)
    place.call("POST", path, {}, etag='"r99"', status=412)
    place.call("POST", path, {"excerpt": "quick"}, etag=draft["etag"], status=400)
    place.call("POST", path, {"element": "nowhere"}, etag=draft["etag"], status=400)
    place.call("POST", path, {"element": "apply"}, etag=draft["etag"], status=400)  # a stage
    assert stranger.client.call("POST", path, {}, etag="*").status_code == 404
    assert place.tenant.key("maps:write").call("POST", path, {}, etag="*").status_code == 403
    pinned = place.call("POST", path, {"excerpt": "Far\ntoo slow"}, etag=draft["etag"], status=201)
    form = place.call("GET", f"{place.path}/draft/touchpoints/form")
    assert form["quotes"] == [
        {
            "id": pinned["item"],
            "text": "Far too slow",
            "evidence": "observed",
            "source": f"/v1/feedback/{said['id']}",
            "date": "2026-03-05",
        }
    ]
    assert place.call("GET", f"{place.path}/draft")["etag"] == pinned["draft_etag"]
    again = place.call("POST", path, {}, etag=pinned["draft_etag"], status=409)
    assert again["code"] == "already_quoted"
    place.call("POST", path, {"element": "pay"}, etag=pinned["draft_etag"], status=201)
    pins = place.call("GET", f"/v1/feedback/{said['id']}")["pins"]
    assert len(pins) == 2
    assert pins[0]["element"] == pinned["element"]


def test_of_a_kpi_alone_it_is_pinned_where_one_says(place: Place) -> None:
    place.kpi("nps")
    said = say(place, "y" * 2001, kpi="nps")
    path = f"/v1/feedback/{said['id']}/pins"
    missing = place.call("POST", path, {"excerpt": "yy"}, etag="*", status=400)
    assert [issue["pointer"] for issue in missing["errors"]] == ["/journey_map", "/element"]
    place.call("POST", path, AT, etag="*", status=400)
    place.call("POST", path, {**AT, "excerpt": "yy"}, etag="*", status=201)
