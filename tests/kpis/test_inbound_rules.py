"""What rules make of messages: rates that count things, corrections, replays, impact, in any order."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from django.db import connection

from kpis.actions.inbound_ledger import Ledger
from kpis.models.inbound import InboundClaim, InboundEvent
from kpis.queries import feeds
from tests.conftest import Tenant
from tests.kpis.mail import (
    ANSWER,
    DELIVERED,
    OPENED,
    OPENS,
    PATH,
    TOLD,
    change,
    make,
    points,
    post,
    replay,
    states,
)
from tests.kpis.test_inbound import process


def test_of_many_that_wait_the_latest_speak_for_all(
    tenant: Tenant, mail: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_LOOKED_AT", 2)
    for number in range(8):
        post(mail, id=f"o{number}", e="open", m=f"m{number}", at="2026-10-01T12:00:00Z")
    process()
    side = {"kpi": "opens", "side": "denominator", "observed_at": "2026-09-30T12:00:00Z"}
    assert tenant.client.call("POST", "/v1/readings", {**side, "external_id": "m6"}).status_code == 201
    told = tenant.client.call("GET", PATH).json()
    # o6 and o7 were looked at
    assert (told["unmatched_rate"], told["unmatched_rate_estimated"]) == (0.5, True)
    monkeypatch.setattr(feeds, "MOST_LOOKED_AT", 8)
    told = tenant.client.call("GET", PATH).json()
    assert (told["unmatched_rate"], told["unmatched_rate_estimated"]) == (7 / 8, False)


def test_a_numerator_is_matched_whichever_way_its_denominator_came(
    tenant: Tenant, mail: dict[str, Any]
) -> None:
    def rate() -> float | None:
        return tenant.client.call("GET", PATH).json()["unmatched_rate"]

    def delivered(*messages: str, **more: Any) -> None:
        at = {"kpi": "opens", "observed_at": "2026-09-30T12:00:00Z", "side": "denominator"}
        items = [{**at, "external_id": message, **more} for message in messages]
        answer = tenant.client.call("POST", "/v1/readings/batch?atomic=true", {"items": items})
        assert answer.status_code == 201, answer.content

    delivered("m1")  # before it was opened
    for number in range(1, 5):
        post(mail, id=f"o{number}", e="open", m=f"m{number}", at="2026-10-01T12:00:00Z")
    process()
    assert rate() == 0.75
    delivered("m2", labels={"list": "news"})  # after it, and under other labels
    assert rate() == 0.5
    other = make(tenant, {**DELIVERED, "labels": {"list": {"const": "other"}}}, key="other")
    post(other, id="d3", e="delivered", m="m3", at="2026-09-30T12:00:00Z")
    process()
    assert rate() == 0.25
    delivered("m2", labels={"list": "news"}, retract=True)
    assert rate() == 0.5
    delivered("m5")  # where an endpoint tells opens the API goes on telling deliveries
    post(mail, id="d4", e="delivered", m="m4", at="2026-09-30T12:00:00Z")
    process()
    assert rate() == 0.2  # of five messages that of m2 alone waits
    every = "&labels=%7B%22list%22:%22*%22%7D"
    assert points(tenant, "opens") == [("2026-09", pytest.approx(2 / 3), 3)]  # m1, m4 and m5
    assert points(tenant, "opens", every) == [("2026-09", 1, 1)]
    assert tenant.client.call("GET", "/v1/kpis/opens/points").json()["unmatched"] == 1
    listed = tenant.client.call("GET", "/v1/inbound-endpoints").json()["results"]
    assert {row["key"]: row["unmatched_rate"] for row in listed} == {"mail": 0.2, "other": 0}


def test_a_message_counts_once_in_the_month_of_its_delivery_in_whichever_order(
    tenant: Tenant, mail: dict[str, Any]
) -> None:
    orders = [list(order) for order in itertools.permutations(TOLD)][::17]
    for number, order in enumerate(orders[:6]):
        kpi = {**OPENS, "key": f"opens-{number}"}
        assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
        mine = {"kpi": kpi["key"]}
        endpoint = make(tenant, {**DELIVERED, **mine}, {**OPENED, **mine}, key=f"mail-{number}")
        for message in order:
            post(endpoint, **message)
            if number % 2:
                process()
        process()
        assert points(tenant, kpi["key"]) == [("2026-09", 0.5, 2)], order
        told = states(tenant, f"mail-{number}")
        assert {id for id, state in told.items() if state == "unmatched"} == {"o3"}, order


def test_replays_of_either_side_change_nothing(tenant: Tenant, mail: dict[str, Any]) -> None:
    for message in TOLD:
        post(mail, **message)
    process()
    before = states(tenant)
    for asked in ({}, {"filter": {"state": "processed"}}, {"filter": {"type": "none of these"}}):
        assert replay(tenant, **asked).status_code == 202
        assert (points(tenant, "opens"), states(tenant)) == ([("2026-09", 0.5, 2)], before)


def test_the_latest_answer_counts_whichever_comes_or_is_replayed_last(
    tenant: Tenant, mail: dict[str, Any]
) -> None:
    change(tenant, ANSWER)
    post(mail, id="second", m="r1", score=10, at="2026-10-05T10:00:00Z")
    process()
    post(mail, id="first", m="r1", score=0, at="2026-10-05T09:00:00Z")
    process()
    assert points(tenant, "nps") == [("2026-10", 100, 1)]
    rows = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    old = next(row for row in rows if row["message_id"] == "first")
    tenant.client.call("POST", f"/v1/inbound-events/{old['id']}/replays")
    process()
    assert points(tenant, "nps") == [("2026-10", 100, 1)]
    post(mail, id="third", m="r1", score=0, at="2026-11-05T09:00:00Z")
    process()
    assert points(tenant, "nps") == [("2026-11", -100, 1)]


def test_what_rules_take_no_more_is_taken_back(tenant: Tenant, mail: dict[str, Any]) -> None:
    change(tenant, ANSWER)
    for number, score in enumerate((10, 0, 10)):
        post(mail, id=f"e{number}", m=f"r{number}", score=score, at="2026-10-05T10:00:00Z")
    post(mail, id="later", m="r0", score=0, at="2026-10-05T11:00:00Z")
    process()
    assert points(tenant, "nps") == [("2026-10", pytest.approx(-33.3333333), 3)]
    change(tenant, {**ANSWER, "when": [{"path": "$.score", "equals": 10}]})
    replay(tenant)
    # The later answer to r0 is read no more: the former one stands again.
    assert points(tenant, "nps") == [("2026-10", 100, 2)]
    assert states(tenant)["later"] == "ignored"


def test_a_label_that_rules_give_later_moves_what_was_counted(tenant: Tenant, mail: dict[str, Any]) -> None:
    change(tenant, ANSWER)
    post(mail, id="a", m="r1", score=10, at="2026-10-05T10:00:00Z", lang="de")
    post(mail, id="b", m="r1", score=0, at="2026-10-05T11:00:00Z", lang="fr")
    process()
    for rule, query in (
        ({"path": "$.lang"}, '&labels={"lang":"fr"}'),
        ({"const": "fr"}, '&labels={"lang":"fr"}'),
    ):
        change(tenant, {**ANSWER, "labels": {"lang": rule}})
        replay(tenant)
        assert points(tenant, "nps", query.replace('"', "%22")) == [("2026-10", -100, 1)]
        assert [one for one in points(tenant, "nps") if one[2]] == []
        assert [one for one in points(tenant, "nps", "&labels={%22lang%22:%22de%22}") if one[2]] == []


def test_a_trial_shows_what_a_replay_does_and_stores_nothing(tenant: Tenant, mail: dict[str, Any]) -> None:
    change(tenant, ANSWER)
    for number in range(4):
        post(
            mail,
            id=f"e{number}",
            m=f"r{number}",
            score=9 + number % 2,
            at=f"2026-0{8 + number % 2}-05T10:00:00Z",
        )
    process()
    scaled = {**ANSWER, "value_map": {}, "when": [{"path": "$.m", "one_of": ["r0", "r1", "r2"]}]}
    before = points(tenant, "nps")
    tried = tenant.client.call("POST", f"{PATH}/trials", {"rules": [scaled]})
    assert tried.status_code == 200, tried.content
    assert [event["state"] for event in tried.json()["events"]] == ["processed"] * 3 + ["ignored"]
    (impact,) = tried.json()["impact"]
    assert (impact["key"], impact["start"], impact["n_before"], impact["n_after"]) == (
        "nps",
        "2026-09-01T00:00:00Z",
        2,
        1,
    )
    assert points(tenant, "nps") == before
    assert set(states(tenant).values()) == {"processed"}
    assert replay(tenant, dry_run=True).json() == {"events": 4, "gone": 0, "impact": []}
    change(tenant, scaled)
    dry = replay(tenant, dry_run=True)
    assert (dry.status_code, dry.json()) == (200, {"events": 4, "gone": 0, "impact": [impact]})
    assert points(tenant, "nps") == before
    assert replay(tenant).json() == {"events": 4, "gone": 0, "impact": None}
    assert [(start, n) for start, _, n in points(tenant, "nps")] == [("2026-08", 2), ("2026-09", 1)]
    assert replay(tenant, dry_run=True).json()["impact"] == []


def test_every_reading_remembers_the_rules_that_made_it(tenant: Tenant, mail: dict[str, Any]) -> None:
    change(tenant, ANSWER)
    post(mail, id="a", m="r1", score=9, at="2026-10-05T10:00:00Z")
    process()
    change(tenant, {**ANSWER, "value_map": {"9": 0}, "value": "$.score", "observed_at": "$.at2"})
    change(tenant, {**ANSWER, "scale": 0.5})
    replay(tenant)
    read = tenant.client.call("GET", "/v1/readings?kpi=nps").json()["results"]
    (event,) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert {row["cause"] for row in read} == {event["id"]}
    assert [row["rules_version"] for row in read] == [2]
    assert event["issues"][0]["pointer"] == "/readings/0/value"  # 4.5 is no answer; what was said stands
    kept = tenant.client.call("GET", f"{PATH}/rules").json()["results"]
    assert [row["version"] for row in kept] == [1, 2, 3, 4]
    assert kept[3]["rules"] == [{**ANSWER, "scale": 0.5}]


def test_items_of_a_message_are_each_counted(tenant: Tenant, mail: dict[str, Any]) -> None:
    count = {"key": "sold", "name": "Sold", "kind": "count", "holds": "events", "period": "month"}
    tenant.client.call("POST", "/v1/kpis", count)
    change(tenant, {"kpi": "sold", "each": "$.lines[*]", "const": 1, "observed_at": "$.at"})
    post(mail, id="a", lines=[{"at": "2026-10-05T10:00:00Z"}] * 3)
    process()
    replay(tenant)
    assert points(tenant, "sold") == [("2026-10", 3, 3)]


def test_figures_of_one_period_stand_beside_each_other_by_their_labels(
    tenant: Tenant, mail: dict[str, Any]
) -> None:
    count = {"key": "sold", "name": "Sold", "kind": "count", "period": "month"}
    assert tenant.client.call("POST", "/v1/kpis", count).status_code == 201
    by_shop = {"labels": {"shop": {"path": "$.shop"}}, "period": "$.month"}
    change(tenant, {"kpi": "sold", "each": "$.lines[*]", "value": "$.n", **by_shop})
    lines = [{"month": "2026-09", "shop": shop, "n": n} for shop, n in (("a", 1), ("b", 20))]
    post(mail, id="one", at="2026-10-01T10:00:00Z", lines=lines)
    post(mail, id="two", at="2026-10-01T11:00:00Z", lines=[{**lines[0], "shop": "c", "n": 300}])
    post(mail, id="three", at="2026-10-01T12:00:00Z", lines=[{**lines[0], "n": 4000}])
    for _ in range(2):
        process()
        assert points(tenant, "sold", '&labels={"shop":"*"}') == [("2026-09", 4320, 4320)]
        replay(tenant)
    change(tenant, {"kpi": "sold", "each": "$.lines[?@.shop != 'c']", "value": "$.n", **by_shop})
    replay(tenant)
    assert points(tenant, "sold", '&labels={"shop":"*"}') == [("2026-09", 4020, 4020)]


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({**ANSWER, "op": "numerator"}, "/rules/0/value"),
        ({"kpi": "x", "op": "numerator", "observed_at": "$.at"}, "/rules/0/external_id"),
        ({"kpi": "x", "op": "numerator", "external_id": "$.at", "period": "$.p"}, "/rules/0/observed_at"),
        ({**ANSWER, "op": "sum"}, "/rules/0/op"),
        ({**ANSWER, "const": 1}, "/rules/0/const"),
        ({**ANSWER, "each": "$.a", "items": "$.b"}, "/rules/0/items"),
        ({**ANSWER, "each": "$..["}, "/rules/0/each"),
        ({"kpi": "x", "observed_at": "$.at"}, "/rules/0"),
        ({"kpi": "x", "retract": False, "observed_at": "$.at"}, "/rules/0"),
        ({"kpi": "x", "retract": True}, "/rules/0/external_id"),
        ({"kpi": "x", "retract": True, "external_id": "$.m", "value": "$.v"}, "/rules/0/value"),
        ({"kpi": "x", "retract": True, "external_id": "$.m", "each": "$", "items": "$"}, "/rules/0/items"),
    ],
)
def test_what_a_rule_cannot_be(tenant: Tenant, rule: dict[str, Any], pointer: str) -> None:
    answer = tenant.client.call("POST", "/v1/inbound-endpoints", {"name": "x", "rules": [rule]})
    assert answer.status_code == 400
    assert [issue["pointer"] for issue in answer.json()["errors"]] == [pointer]


def test_trials_and_replays_are_bounded_and_closed_to_others(
    tenant: Tenant, stranger: Tenant, mail: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("trials", "replays"):
        for ref in ("mail", mail["id"]):
            assert stranger.client.call("POST", f"/v1/inbound-endpoints/{ref}/{name}", {}).status_code == 404
        assert tenant.key("kpis:read").call("POST", f"{PATH}/{name}", {}).status_code == 403
        assert tenant.client.call("POST", f"{PATH}/{name}", {"filter": {"x": 1}}).status_code == 400
    assert stranger.client.call("GET", f"/v1/inbound-endpoints/{mail['id']}/rules").status_code == 404
    for message in TOLD:
        post(mail, **message)
    (one, *_) = tenant.client.call("GET", "/v1/inbound-events?endpoint=mail").json()["results"]
    assert replay(tenant, events=[one["id"]]).json()["events"] == 1
    monkeypatch.setattr("kpis.actions.inbound_trials.MOST_TRIED", 4)
    refused = tenant.client.call("POST", f"{PATH}/trials", {})
    assert refused.json()["errors"][0]["code"] == "too_many_events"
    assert tenant.client.call("POST", f"{PATH}/trials", {"events": [one["id"]]}).status_code == 200


def test_the_same_messages_read_by_two_workers_at_once_count_once(
    tenant: Tenant, mail: dict[str, Any]
) -> None:
    for number in range(8):
        post(mail, id=f"d{number}", e="delivered", m=f"m{number}", at="2026-09-30T12:00:00Z")
        post(mail, id=f"o{number}", e="open", m=f"m{number}", at="2026-09-30T13:00:00Z")

    def work() -> None:
        try:
            process()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process()
    assert points(tenant, "opens") == [("2026-09", 1, 8)]
    assert set(states(tenant).values()) == {"processed"}


def test_a_figure_that_is_told_again_and_again_stays_cheap(tenant: Tenant, mail: dict[str, Any]) -> None:
    """Each message about a period is one look into the index, not a look at all that were told before."""
    total = {"key": "total", "name": "Total", "kind": "count", "period": "month"}
    tenant.client.call("POST", "/v1/kpis", total)
    change(tenant, {"kpi": "total", "value": "$.n", "period": "$.p"})
    for number in range(30):
        post(mail, id=f"e{number}", n=number, p="2026-10", at=f"2026-10-05T10:00:{number:02}Z")
    process()
    assert points(tenant, "total") == [("2026-10", 29, 29)]
    with tenant.enter():
        event = InboundEvent.objects.earliest("created_at")
        ledger = Ledger(event.workspace_id, event.endpoint_id, [event.id])
        identities = set(InboundClaim.objects.values_list("identity", flat=True))
        ledger.load(identities)
        assert [len(ledger._others[identity]) for identity in identities] == [1]


def said(tenant: Tenant) -> list[tuple[str, Any, str]]:
    rows = tenant.client.call("GET", "/v1/feedback").json()["results"]
    return [(row["text"], row["score"], row["observed_at"][:10]) for row in rows]


def test_what_is_said_beside_a_figure_becomes_feedback(tenant: Tenant, mail: dict[str, Any]) -> None:
    endpoint = make(tenant, ANSWER | {"text_path": "$.why"}, key="answers")
    post(endpoint, id="2", m="ada", score=3, why="Still slow, mail me@example.org", at="2026-03-02T00:00:00Z")
    post(endpoint, id="1", m="ada", score=9, why="Great", at="2026-03-01T00:00:00Z")  # the former answer
    post(endpoint, id="3", m="bob", score=10, why=" ", at="2026-03-02T00:00:00Z")
    post(endpoint, id="4", m="eve", score=None, why="No idea", at="2026-03-03T00:00:00Z")
    process()
    assert said(tenant) == [("Still slow, mail [email]", 3, "2026-03-02"), ("No idea", None, "2026-03-03")]
    assert points(tenant, "nps") == [("2026-03", 0, 2)]
    tenant.client.call("POST", f"/v1/inbound-endpoints/{endpoint['id']}/replays", {})
    process()
    assert len(said(tenant)) == 2
    row = tenant.client.call("GET", "/v1/feedback").json()["results"][0]
    path = f"/v1/feedback/{row['id']}"
    assert tenant.client.call("DELETE", path, etag=row["etag"]).status_code == 204
    with tenant.enter():
        assert not any(b"slow" in bytes(event.body) for event in InboundEvent.objects.all())
    tenant.client.call("POST", f"/v1/inbound-endpoints/{endpoint['id']}/replays", {})
    process()
    assert said(tenant) == [("No idea", None, "2026-03-03")]
    assert points(tenant, "nps") == [("2026-03", 0, 2)]


def test_a_rule_may_tell_of_words_alone(tenant: Tenant, mail: dict[str, Any]) -> None:
    rule = {"kpi": "nps", "text_path": "$.why", "channel": "chat", "observed_at": "$.at"}
    endpoint = make(tenant, rule, key="words")
    post(endpoint, id="1", why="Fine", at="2026-03-01T00:00:00Z")
    post(endpoint, id="2", at="2026-03-01T00:00:00Z")
    post(endpoint, id="3", why=7, at="2026-03-01T00:00:00Z")
    process()
    assert said(tenant) == [("Fine", None, "2026-03-01")]
    with tenant.enter():
        states = dict(InboundEvent.objects.values_list("message_id", "state"))
    assert states == {"1": "processed", "2": "ignored", "3": "failed"}
    bad = {**ANSWER, "element": "form"}
    body = {"key": "bad", "name": "Bad", "provider": "url", "rules": [bad]}
    assert tenant.client.call("POST", "/v1/inbound-endpoints", body).status_code == 400
