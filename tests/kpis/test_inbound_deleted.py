"""What a sender deleted counts no more, in whichever order its messages come, or are replayed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.mail import ANSWER, DELIVERED, OPENED, OPENS, make, points, post
from tests.kpis.test_inbound import process

NPS = {"name": "NPS", "kind": "nps", "holds": "events", "input": "answers", "period": "month"}
DELETED = {"when": [{"path": "$.e", "equals": "deleted"}], "external_id": "$.m", "retract": True}
LATE = "2026-11-01T09:00:00Z"


@pytest.mark.parametrize("seed", range(4))
def test_a_deleted_answer_counts_no_more(tenant: Tenant, seed: int) -> None:
    assert tenant.client.call("POST", "/v1/kpis", {**NPS, "key": "answers"}).status_code == 201
    answer = {**ANSWER, "kpi": "answers", "when": [{"path": "$.e", "equals": "answer"}]}
    by_language = answer | {"labels": {"lang": {"path": "$.lang"}}}
    endpoint = make(tenant, answer, by_language, {"kpi": "answers", **DELETED})
    messages: list[dict[str, Any]] = [
        {
            "id": f"{m}-{n}",
            "e": "answer",
            "m": m,
            "score": score,
            "lang": lang,
            "at": f"2026-10-0{n}T10:00:00Z",
        }
        for m, n, score, lang in (("r1", 1, 0, "de"), ("r1", 2, 5, "fr"), ("r2", 3, 10, "de"))
    ]
    messages.append({"id": "gone", "e": "deleted", "m": "r1", "at": LATE})
    messages.append({"id": "never", "e": "deleted", "m": "r9", "at": LATE})
    random.Random(seed).shuffle(messages)
    for number, message in enumerate(messages):
        post(endpoint, **message)
        if number % 2 == seed % 2:
            process()
    process()

    def told() -> list[list[Any]]:
        queries = ("", *(f"&labels={{%22lang%22:%22{lang}%22}}" for lang in ("de", "fr")))
        return [[one for one in points(tenant, "answers", query) if one[2]] for query in queries]

    only_r2 = [("2026-10", 100, 1)]
    assert told() == [only_r2, only_r2, []]
    assert tenant.client.call("POST", "/v1/inbound-endpoints/mail/replays", {}).status_code == 202
    process()
    assert told() == [only_r2, only_r2, []]
    # Whoever answers again after that has answered.
    post(endpoint, id="again", e="answer", m="r1", score=0, lang="fr", at="2026-11-05T10:00:00Z")
    process()
    assert told() == [[*only_r2, ("2026-11", -100, 1)], only_r2, [("2026-11", -100, 1)]]


@pytest.mark.parametrize("seed", range(3))
def test_a_deleted_thing_is_neither_delivered_nor_opened(tenant: Tenant, seed: int) -> None:
    assert tenant.client.call("POST", "/v1/kpis", {**OPENS, "key": "mails"}).status_code == 201
    mine = {"kpi": "mails"}
    endpoint = make(tenant, DELIVERED | mine, OPENED | mine, DELETED | mine)
    messages = [
        {"id": f"{e}-{m}", "e": e, "m": m, "at": "2026-09-30T12:00:00Z"}
        for e, m in (
            ("delivered", "m1"),
            ("open", "m1"),
            ("delivered", "m2"),
            ("delivered", "m3"),
            ("open", "m3"),
        )
    ]
    messages.append({"id": "gone", "e": "deleted", "m": "m1", "at": LATE})
    random.Random(seed).shuffle(messages)
    for number, message in enumerate(messages):
        post(endpoint, **message)
        if number % 2 == seed % 2:
            process()
    process()
    assert points(tenant, "mails") == [("2026-09", 0.5, 2)]
    assert tenant.client.call("GET", "/v1/kpis/mails/points").json()["unmatched"] == 0
    # The deletion was a mistake: its rule goes, and what it took back stands again.
    rules = tenant.client.call("GET", "/v1/inbound-endpoints/mail").json()["rules"]
    changed = tenant.client.call("PATCH", "/v1/inbound-endpoints/mail", {"rules": rules[:2]}, etag="*")
    assert changed.status_code == 200
    dry = tenant.client.call("POST", "/v1/inbound-endpoints/mail/replays", {"dry_run": True}).json()
    assert [(one["n_before"], one["n_after"]) for one in dry["impact"]] == [(2, 3)]
    assert tenant.client.call("POST", "/v1/inbound-endpoints/mail/replays", {}).status_code == 202
    process()
    assert points(tenant, "mails") == [("2026-09", pytest.approx(2 / 3), 3)]


def test_a_loss_that_was_none_is_taken_back(tenant: Tenant) -> None:
    churn = {"key": "churn", "name": "Churn", "kind": "churn", "input": "flows", "holds": "events"}
    churn |= {"period": "month", "stock_unit": "subscription", "trials": "included", "pauses": "kept"}
    churn |= {"plan_switches": "kept", "loss_at": "ended"}
    made = tenant.client.call("POST", "/v1/kpis", churn)
    assert made.status_code == 201, made.content
    base = {"at": "2026-10-01T00:00:00Z", "count": 10}
    assert tenant.client.call("POST", "/v1/kpis/churn/base", base).status_code == 201
    lost = {"kpi": "churn", "op": "lost", "external_id": "$.m", "observed_at": "$.at"}
    lost["when"] = [{"path": "$.e", "equals": "ended"}]
    endpoint = make(tenant, lost, {"kpi": "churn", **DELETED})
    for m in ("s1", "s2"):
        post(endpoint, id=m, e="ended", m=m, at="2026-10-10T10:00:00Z")
    process()
    assert points(tenant, "churn")[0] == ("2026-10", 0.2, 10)
    post(endpoint, id="x", e="deleted", m="s2", at="2026-10-12T10:00:00Z")
    process()
    assert points(tenant, "churn")[0] == ("2026-10", 0.1, 10)
