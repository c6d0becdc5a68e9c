"""Source presets against replicas of the documented answers: installed over HTTP, pulled as workers do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from kpis.actions.sources import DUE_KIND
from kpis.connectors import PullFailed, Window
from kpis.connectors.shapes import stripe, surveymonkey
from kpis.connectors.source_presets import SOURCE_PRESETS
from service.due import set_due
from tests.conftest import Tenant
from tests.kpis.connectors.replica import WINDOW, Answer, Asked, Replica, fetched, replica
from tests.kpis.test_sources import pull

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
PARAMETERS = {
    "mailchimp-campaigns": {"datacenter": "us6"},
    "zendesk-satisfaction": {"subdomain": "acme"},
    "typeform-nps": {"form": "u6nXL7"},
    "surveymonkey-nps": {"survey": "1234", "question": "8"},
}


def epoch(*day: int) -> int:
    return int(datetime(*day, tzinfo=UTC).timestamp())  # type: ignore[misc]


def subscription(
    number: int, customer: str, start: int, ended: int | None = None, **more: Any
) -> dict[str, Any]:
    status = "canceled" if ended else "active"
    return {
        "id": f"sub_{number}",
        "object": "subscription",
        "customer": customer,
        "start_date": start,
        "created": start,
        "trial_end": None,
        "ended_at": ended,
        "status": status,
        **more,
    }


SUBSCRIPTIONS = [
    subscription(1, "cus_a", epoch(2026, 1, 1)),
    subscription(2, "cus_b", epoch(2026, 1, 1), epoch(2026, 10, 20)),  # lost
    subscription(3, "cus_c", epoch(2026, 1, 1), epoch(2026, 10, 20)),  # changed its plan: not lost
    subscription(4, "cus_c", epoch(2026, 10, 20)),
    subscription(5, "cus_d", epoch(2026, 10, 5), epoch(2026, 10, 25)),  # came and went: not at the start
    subscription(6, "cus_e", epoch(2026, 9, 20), epoch(2026, 10, 4), trial_end=epoch(2026, 10, 4)),  # trial
    subscription(7, "cus_f", epoch(2026, 9, 1), status="incomplete_expired", ended_at=epoch(2026, 10, 2)),
    subscription(8, "cus_g", epoch(2026, 9, 1), epoch(2026, 11, 1)),  # in November
    subscription(9, "cus_h", epoch(2026, 8, 1), status="past_due"),
]


def by_stripe(asked: Asked, here: Replica) -> Answer:
    """Newest first, pages of four, a cursor that is the last id."""
    rows = sorted(SUBSCRIPTIONS, key=lambda row: -row["created"])
    if after := asked.query.get("starting_after"):
        ids = [row["id"] for row in rows]
        rows = rows[ids.index(after) + 1 :]
    return Answer({"object": "list", "url": "/v1/subscriptions", "has_more": len(rows) > 4, "data": rows[:4]})


def by_mailchimp(asked: Asked, here: Replica) -> Answer:
    campaign = {
        "type": "regular",
        "send_time": "2026-10-20T14:30:00+00:00",
        "bounces": {"hard_bounces": 1, "soft_bounces": 1, "syntax_errors": 0},
        "opens": {"opens_total": 90, "unique_opens": 30, "open_rate": 0.3},
        "clicks": {"clicks_total": 20, "unique_clicks": 12, "unique_subscriber_clicks": 10},
        "unsubscribed": 2,
    }
    rows = [{**campaign, "id": f"c{number}", "emails_sent": 102} for number in range(101)]
    offset = int(asked.query["offset"])
    return Answer({"reports": rows[offset : offset + int(asked.query["count"])], "total_items": len(rows)})


def by_sendgrid(asked: Asked, here: Replica) -> Answer:
    def day(date: str, delivered: int, opens: int) -> dict[str, Any]:
        metrics = {"requests": delivered + 1, "delivered": delivered, "bounces": 1, "unique_opens": opens}
        metrics |= {"opens": opens * 3, "unique_clicks": 1, "clicks": 2, "unsubscribes": 0}
        return {"date": date, "stats": [{"metrics": metrics}]}

    return Answer([day("2026-10-30", 10, 12), day("2026-10-31", 30, 8), day("2026-11-01", 0, 3)])


def by_typeform(asked: Asked, here: Replica) -> Answer:
    def response(number: int, score: int) -> dict[str, Any]:
        return {
            "token": f"t{number}",
            "response_id": f"t{number}",
            "landed_at": "2026-10-20T10:00:00Z",
            "submitted_at": "2026-10-20T10:01:00Z",
            "answers": [
                {"field": {"id": "a", "type": "short_text"}, "type": "text", "text": "well"},
                {"field": {"id": "b", "type": "nps"}, "type": "number", "number": score},
            ],
        }

    pages = {None: [response(1, 10), response(2, 9)], "t2": [response(3, 3)], "t3": []}
    return Answer({"total_items": 3, "page_count": 2, "items": pages[asked.query.get("before")]})


def by_surveymonkey(asked: Asked, here: Replica) -> Answer:
    if asked.path.endswith("/details"):
        choices = [{"id": str(100 + score), "text": str(score), "position": score + 1} for score in range(11)]
        return Answer(
            {
                "id": "1234",
                "pages": [{"questions": [{"id": "8", "answers": {"choices": choices}}, {"id": "9"}]}],
            }
        )

    def response(id: str, score: int, status: str = "completed") -> dict[str, Any]:
        answered = {"id": "8", "answers": [{"choice_id": str(100 + score), "row_id": "1"}]}
        other = {"id": "9", "answers": [{"text": "well"}]}
        return {
            "id": id,
            "response_status": status,
            "date_created": "2026-10-20T10:00:00+00:00",
            "date_modified": "2026-10-21T10:00:00+00:00",
            "pages": [{"id": "1", "questions": [answered, other]}],
        }

    if asked.query.get("page") == "2":
        return Answer({"data": [response("3", 2)], "page": 2, "links": {"self": "x"}})
    first = [response("1", 10), response("2", 9), response("4", 0, "partial")]
    return Answer(
        {"data": first, "page": 1, "links": {"next": f"{here.base}{asked.path}?page=2&per_page=100"}}
    )


def by_delighted(asked: Asked, here: Replica) -> Answer:
    def response(number: int, score: int, kind: str = "nps") -> dict[str, Any]:
        at = epoch(2026, 10, 20)
        return {"id": str(number), "survey_type": kind, "score": score, "created_at": at, "updated_at": at}

    rows = [response(n, 10) for n in range(99)] + [response(99, 5, "csat"), response(100, 0)]
    page = int(asked.query["page"])
    return Answer(rows[(page - 1) * 100 : page * 100])


def by_zendesk(asked: Asked, here: Replica) -> Answer:
    words = ["good", "bad", "offered"] if "page[after]" not in asked.query else ["good", "unoffered", "good"]
    more = "page[after]" not in asked.query
    rows = [
        {"id": number + 10 * more, "score": word, "ticket_id": number, "created_at": "2026-10-20T10:00:00Z"}
        for number, word in enumerate(words)
    ]
    following = f"{here.base}{asked.path}?page[size]=100&page[after]=xyz"
    return Answer(
        {
            "satisfaction_ratings": rows,
            "meta": {"has_more": more, "after_cursor": "xyz"},
            "links": {"next": following if more else None},
        }
    )


TOLD: dict[str, tuple[Callable[[Asked, Replica], Answer], dict[str, tuple[float, int]], int]] = {
    "stripe-subscriptions": (
        by_stripe,
        {"stripe-customer-churn": (0.2, 5), "stripe-subscription-churn": (0.4, 5)},
        3,
    ),
    "mailchimp-campaigns": (
        by_mailchimp,
        {
            "mailchimp-open-rate": (0.3, 10_100),
            "mailchimp-click-rate": (0.1, 10_100),
            "mailchimp-unsubscribe-rate": (0.02, 10_100),
        },
        2,
    ),
    "sendgrid-stats": (by_sendgrid, {"sendgrid-open-rate": (0.5, 40), "sendgrid-click-rate": (0.05, 40)}, 1),
    "typeform-nps": (by_typeform, {"typeform-nps": (pytest.approx(100 / 3), 3)}, 3),
    "surveymonkey-nps": (by_surveymonkey, {"surveymonkey-nps": (pytest.approx(100 / 3), 3)}, 3),
    "delighted-nps": (by_delighted, {"delighted-nps": (98, 100)}, 2),
    "zendesk-satisfaction": (by_zendesk, {"zendesk-satisfaction": (0.75, 4)}, 2),
}


def install(tenant: Tenant, key: str, base: str, **more: Any) -> dict[str, Any]:
    """Install with the provider's host, and only that, replaced."""
    given = SOURCE_PRESETS[key].source(PARAMETERS.get(key, {}))["config"]
    local = {name: base + "/" + given[name].split("/", 3)[3] for name in ("url", "lookup") if name in given}
    body = {
        "name": key,
        "key": "feed",
        "secret": "k:s",
        "config": local,
        "parameters": PARAMETERS.get(key, {}),
        **more,
    }
    made = tenant.client.call("POST", f"/v1/source-presets/{key}/installations", body)
    assert made.status_code == 201, made.content
    with tenant.enter():  # as if it had been made then: the window of its first pull ends there
        set_due(workspace_id=tenant.workspace.id, kind=DUE_KIND, row_id=made.json()["id"], due_at=NOW)
    return dict(made.json())


@pytest.mark.parametrize("key", sorted(SOURCE_PRESETS))
def test_documented_answers_become_the_right_figures(tenant: Tenant, key: str) -> None:
    answers, figures, calls = TOLD[key]
    here: list[Replica] = []
    with replica(lambda asked: answers(asked, here[0])) as peer:
        here.append(peer)
        install(tenant, key, peer.base)
        pull(tenant, NOW)
        pull(tenant, datetime(2026, 11, 11, 18, tzinfo=UTC))  # what is read again is no second vote
    runs = tenant.client.call("GET", "/v1/sources/feed/runs").json()["results"]
    assert [(run["status"], run["error"]) for run in runs] == [("succeeded", "")] * 2
    assert [set(run["counts"]) & {"created", "corrected", "refused", "unfit"} for run in runs][-1] == set(), (
        runs
    )
    assert len(peer.asked) == 2 * calls
    assert all(asked.headers["Authorization"] in ("Bearer k:s", "Basic azpz") for asked in peer.asked)
    told = {kpi: points(tenant, kpi) for kpi in figures}
    assert told == {kpi: ("2026-10", *figure) for kpi, figure in figures.items()}


def points(tenant: Tenant, kpi: str) -> tuple[str, Any, Any]:
    told = tenant.client.call(
        "GET", f"/v1/kpis/{kpi}/points?from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z"
    ).json()
    (point,) = told["points"]
    return point["start"][:7], point["value"], point["n"]


# Each provider's own words for a key that is not good, and for too many calls.
REFUSALS = {
    "stripe-subscriptions": (
        {"error": {"message": "Invalid API Key provided", "type": "invalid_request_error"}},
        "Invalid",
    ),
    "mailchimp-campaigns": (
        {"type": "x", "title": "API Key Invalid", "status": 401, "detail": "Your API key may be"},
        "Your",
    ),
    "sendgrid-stats": (
        {"errors": [{"message": "authorization required", "field": None}]},
        "authorization required",
    ),
    "typeform-nps": (
        {"code": "AUTHENTICATION_FAILED", "description": "Authentication credentials not found"},
        "Auth",
    ),
    "surveymonkey-nps": (
        {"error": {"id": "1011", "message": "The authorization token was not provided."}},
        "The auth",
    ),
    "delighted-nps": ({"status": 401, "message": "Unauthorized"}, "Unauthorized"),
    "zendesk-satisfaction": ({"error": "Couldn't authenticate you"}, "Couldn't"),
}


@pytest.mark.parametrize("key", sorted(SOURCE_PRESETS))
def test_refusals_are_told_in_the_providers_words_and_waits_are_kept(key: str) -> None:
    body, said = REFUSALS[key]
    answers = [Answer(body, 401), Answer({}, 429, {"Retry-After": "93"}), Answer({}, 503)]
    config = SOURCE_PRESETS[key].source(PARAMETERS.get(key, {}))["config"]
    with replica(lambda asked: answers.pop(0)) as peer:
        local = {
            name: peer.base + "/" + config[name].split("/", 3)[3]
            for name in ("url", "lookup")
            if name in config
        }
        for permanent, retry_after, text in ((True, None, said), (False, "93", "429"), (False, None, "503")):
            with pytest.raises(PullFailed, match=text) as failure:
                fetched("http_json", {**config, **local}, "k:s")
            assert (failure.value.permanent, failure.value.retry_after) == (permanent, retry_after)


@pytest.mark.parametrize(
    ("key", "headers", "waits_s"),
    [
        ("sendgrid-stats", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{in_100}"}, (1, 101)),
        (
            "surveymonkey-nps",
            {
                "X-Ratelimit-App-Global-Minute-Remaining": "0",
                "X-Ratelimit-App-Global-Minute-Reset": "41",
                "X-Ratelimit-App-Global-Day-Remaining": "12",
                "X-Ratelimit-App-Global-Day-Reset": "50000",
            },
            (41, 41),
        ),
    ],
)
def test_waits_in_a_vendors_own_headers_are_kept(
    key: str, headers: dict[str, str], waits_s: tuple[int, int]
) -> None:
    in_100 = str(int(datetime.now(UTC).timestamp()) + 100)
    told = {name: value.replace("{in_100}", in_100) for name, value in headers.items()}
    config = SOURCE_PRESETS[key].source(PARAMETERS.get(key, {}))["config"]
    with replica(lambda asked: Answer({"errors": [{"message": "too many requests"}]}, 429, told)) as peer:
        local = {name: f"{peer.base}/x" for name in ("url", "lookup") if name in config}
        with pytest.raises(PullFailed, match="too many requests") as failure:
            fetched("http_json", {**config, **local}, "k")
    assert waits_s[0] <= int(failure.value.retry_after or 0) <= waits_s[1]


def test_half_of_the_subscriptions_is_no_churn() -> None:
    config = dict(SOURCE_PRESETS["stripe-subscriptions"].config)
    config["paging"] = {**config["paging"], "max_pages": 2}
    with replica(lambda asked: by_stripe(asked, peer)) as peer, pytest.raises(PullFailed, match="than the 2"):
        fetched("http_json", {**config, "url": f"{peer.base}/v1/subscriptions"}, "k")


def test_churn_by_month_of_a_window() -> None:
    window = Window(datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC))
    found = stripe.months(stripe.lives({"data": SUBSCRIPTIONS}, None, window), window)
    assert [
        (row["start"], row["end"], row["customers_at_start"], row["customers_lost"]) for row in found
    ] == [
        ("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", 4, 0),
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", 5, 1),
    ]


@pytest.mark.parametrize(
    ("details", "page"), [(None, {}), ({}, {}), ([], []), ({"pages": 1}, {}), ({"pages": []}, {"data": [1]})]
)
def test_shapes_refuse_what_is_not_theirs(details: Any, page: Any) -> None:
    with pytest.raises(PullFailed):
        surveymonkey.answers(page, details, WINDOW)


def test_presets_are_installed_with_their_parameters_alone_and_by_those_who_may(tenant: Tenant) -> None:
    path = "/v1/source-presets/surveymonkey-nps/installations"
    body = {"name": "x", "secret": "k"}

    def refused(**more: Any) -> set[str]:
        answer = tenant.client.call("POST", path, {**body, **more})
        assert answer.status_code == 400, answer.content
        return {issue["pointer"] for issue in answer.json()["errors"]}

    assert refused() == {"/parameters/survey", "/parameters/question"}
    full = {"survey": "1", "question": "2"}
    assert refused(parameters={**full, "x": "1"}) == {"/parameters/x"}
    assert refused(parameters={**full, "survey": "1/../2"}) == {"/parameters/survey"}
    assert refused(parameters=full, config={"url": "https://10.0.0.1/"}) == {"/config/url"}
    assert tenant.client.call("GET", "/v1/kpis").json()["results"] == []
    assert tenant.key("kpis:read").call("POST", path, {**body, "parameters": full}).status_code == 403
    assert tenant.key("maps:read").call("GET", "/v1/source-presets").status_code == 403
    assert tenant.client.call("POST", "/v1/source-presets/none/installations", body).status_code == 404
    listed = tenant.client.call("GET", "/v1/source-presets").json()["results"]
    assert {row["key"] for row in listed} == set(SOURCE_PRESETS)
    for row in listed:  # a definition to edit
        made = {**row["source"], "name": "by hand", "enabled": False}
        if not row["parameters"]:
            assert tenant.client.call("POST", "/v1/sources", made).status_code == 201
