"""Presets of providers whose messages carry an id alone, come as a form, or tell one side of a rate."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from kpis.actions.inbound import process_due_events
from kpis.actions.receiving import DUE_KIND
from service.models import Due
from tests.conftest import ApiClient, Tenant
from tests.kpis.connectors.replica import Answer, Asked, Replica, replica
from tests.kpis.test_inbound import process
from tests.kpis.test_presets import events, figures, install, post
from tests.service.providers.signers import b64, mac, mandrill

FORM = "application/x-www-form-urlencoded"
APP = "client_id&client_secret"


def test_mandrills_documented_events(tenant: Tenant) -> None:
    made = install(tenant, "mandrill-mail", secret="mandrill-key")

    def told(event: str, message: str, ts: int, **more: Any) -> dict[str, Any]:
        msg = {"_id": message, "email": f"{message}@example.com", "ts": ts, "state": "sent", "subject": "Hi"}
        return {"event": event, "_id": message, "ts": ts, "msg": msg, **more}

    sent = 1791190800  # 2026-10-05
    batch = [told("open", "m1", sent + 60, ip="127.0.0.1"), told("open", "m1", sent + 40 * 86_400)]
    batch += [told("send", f"m{number}", sent + number) for number in (1, 2)]
    batch += [told("hard_bounce", "m3", sent), told("unsub", "m2", sent + 90), told("click", "m1", sent + 70)]
    text = json.dumps(batch).encode()
    headers = mandrill(text, "mandrill-key", made["url"])
    answer = ApiClient().call(
        "POST",
        "/hooks/" + made["url"].rsplit("/", 1)[1],
        urlencode({"mandrill_events": text.decode()}).encode(),
        content_type=FORM,
        X_Mandrill_Signature=headers["x-mandrill-signature"],
    )
    assert answer.status_code == 202, answer.content
    process()
    shown = {key: figures(tenant, f"mail-{key}-rate") for key in ("open", "click", "bounce", "unsubscribe")}
    half = [("2026-10", 0.5, 2)]
    assert shown == {
        "open": half,
        "click": half,
        "unsubscribe": half,
        "bounce": [("2026-10", pytest.approx(1 / 3), 3)],
    }


def test_mailchimps_documented_form(tenant: Tenant) -> None:
    made = install(tenant, "mailchimp-audience")
    for type_, person, at in (
        ("subscribe", "8a25", "2026-10-05 21:35:57"),
        ("unsubscribe", "8a25", "2026-10-06 21:40:57"),
        ("subscribe", "8a25", "2026-11-01 08:00:00"),
        ("upemail", "9b36", "2026-11-01 08:00:00"),
    ):
        fields = {"type": type_, "fired_at": at, "data[id]": person, "data[list_id]": "a6b5"}
        for _ in range(2):
            path = "/hooks/" + made["url"].rsplit("/", 1)[1]
            answer = ApiClient().call("POST", path, urlencode(fields).encode(), content_type=FORM)
            assert answer.status_code == 202, answer.content
    process()
    assert figures(tenant, "audience-joined") == [("2026-10", 1, 1), ("2026-11", 1, 1)]
    assert figures(tenant, "audience-left")[0] == ("2026-10", 1, 1)


def test_segments_documented_calls(tenant: Tenant) -> None:
    made = install(tenant, "segment-tracks")
    for number, (type_, event) in enumerate(
        [("track", "Order Completed"), ("track", "Order Completed"), ("track", "Signed Up"), ("page", None)]
    ):
        call = {"type": type_, "event": event, "messageId": f"s{number}", "userId": "u1"}
        body = json.dumps(call | {"timestamp": "2026-10-05T21:35:57.000Z", "properties": {"x": 1}}).encode()
        for _ in range(2):
            post(made, body, X_Signature=mac(made["secret"], body, "sha1").hex())
    process()
    told = tenant.client.call("GET", "/v1/kpis/tracked-events/points?labels=%7B%22event%22:%22*%22%7D").json()
    assert [(one["value"], one["n"]) for one in told["points"] if one["n"]] == [(3, 3)]
    assert sorted(row["state"] for row in events(tenant)) == ["ignored", *["processed"] * 3]


def test_hubspots_documented_batch(tenant: Tenant) -> None:
    made = install(tenant, "hubspot-deals", secret="client-secret")
    october, now = 1791190800000, int(time.time() * 1000)

    def told(number: int, deal: int, type_: str, at: int, **more: Any) -> dict[str, Any]:
        told = {"eventId": number, "subscriptionId": 25, "portalId": 62515, "occurredAt": at}
        return told | {"subscriptionType": f"deal.{type_}", "attemptNumber": 0, "objectId": deal, **more}

    won = {"propertyName": "dealstage", "propertyValue": "closedwon"}
    batch = [told(1, 123, "creation", october), told(2, 124, "creation", october)]
    batch += [told(3, 123, "propertyChange", october + 30 * 86_400_000, **won)]
    batch += [told(4, 124, "propertyChange", october, propertyName="amount", propertyValue="5")]
    for attempt in range(2):
        body = json.dumps([one | {"attemptNumber": attempt} for one in batch]).encode()
        content = b"POST" + made["url"].encode() + body + str(now).encode()
        signature = b64(mac("client-secret", content, "sha256"))
        post(made, body, X_HubSpot_Signature_v3=signature, X_HubSpot_Request_Timestamp=str(now))
    process()
    assert figures(tenant, "deals-won") == [("2026-10", 0.5, 2)]


class SurveyMonkey:
    """Answers GET /v3/surveys/{id}/responses/{id}/details as documented."""

    def __init__(self) -> None:
        self.scores: dict[str, str | None] = {}
        self.status = "completed"
        self.refuses: Answer | None = None

    def __call__(self, asked: Asked) -> Answer:
        if self.refuses is not None:
            return self.refuses
        *_, survey, _, response, _ = asked.path.split("/")
        score = self.scores[response]
        weight = {} if score is None else {"choice_metadata": {"weight": score}}
        scale = {"id": "8", "answers": [{"choice_id": "110", "row_id": "1", **weight}]}
        return Answer(
            {
                "id": response,
                "survey_id": survey,
                "collector_id": "50253586",
                "response_status": self.status,
                "date_created": "2026-10-05T10:00:00+00:00",
                "date_modified": "2026-11-02T10:00:00+00:00",
                "pages": [
                    {"id": "1", "questions": [{"id": "9", "answers": [{"text": "well"}]}]},
                    {"id": "2", "questions": [scale]},
                ],
            }
        )


@pytest.fixture
def vendor() -> Iterator[tuple[SurveyMonkey, Replica]]:
    vendor = SurveyMonkey()
    with replica(vendor) as running:
        yield vendor, running


def by_surveymonkey(endpoint: dict[str, Any], id: str, response: str, type_: str, at: str) -> None:
    body = json.dumps(
        {
            "name": "Living map",
            "filter_type": "survey",
            "filter_id": "1234",
            "event_type": type_,
            "event_id": id,
            "event_datetime": at,
            "object_type": "response",
            "object_id": response,
            "resources": {"survey_id": "1234", "collector_id": "50253586", "recipient_id": "0"},
        }
    ).encode()
    kind = f"application/vnd.surveymonkey.{type_}.v1+json"
    path = "/hooks/" + endpoint["url"].rsplit("/", 1)[1]
    answer = ApiClient().call("POST", path, body, content_type=kind, Sm_Signature=b64(mac(APP, body, "sha1")))
    assert answer.status_code == 202, answer.content


def test_surveymonkey_tells_an_id_and_is_asked_for_the_answer(
    tenant: Tenant, vendor: tuple[SurveyMonkey, Replica]
) -> None:
    Due.objects.filter(kind=DUE_KIND).delete()  # what others left is none of what is counted here
    they, running = vendor
    made = install(
        tenant,
        "surveymonkey-nps",
        secret=APP,
        fetch={"url": f"{running.base}/"},
        fetch_secret="access-token",
        parameters={"survey": "1234", "question": "8"},
    )
    assert (made["fetch_secret_set"], "access-token" in str(made)) == (True, False)
    they.scores = {"r1": "10", "r2": "0", "r3": None}
    for number, response in enumerate(they.scores):
        by_surveymonkey(made, f"e{number}", response, "response_completed", "2026-10-05T10:05:00+00:00")
    by_surveymonkey(made, "e7", "r7", "response_created", "2026-10-05T10:00:00+00:00")
    process()
    assert figures(tenant, "nps") == [("2026-10", 0, 2)]
    states = {row["message_id"]: row["state"] for row in events(tenant)}
    assert states == {"e0": "processed", "e1": "processed", "e2": "ignored", "e7": "ignored"}
    assert set(running.paths) == {f"/v3/surveys/1234/responses/r{n}/details" for n in (1, 2, 3)}
    assert {one.headers["Authorization"] for one in running.asked} == {"Bearer access-token"}
    # Their answer is edited: a correction in the month of the response, not a second vote.
    they.scores["r2"] = "9"
    by_surveymonkey(made, "e8", "r2", "response_updated", "2026-11-02T10:00:00+00:00")
    process()
    assert figures(tenant, "nps") == [("2026-10", 100, 2)]
    # One response answers no more, the other one is deleted, before an older message of it comes.
    they.scores["r2"] = None
    by_surveymonkey(made, "e9", "r2", "response_updated", "2026-11-03T10:00:00+00:00")
    asked = len(running.asked)
    process()
    assert (figures(tenant, "nps"), len(running.asked)) == ([("2026-10", 100, 1)], asked + 1)
    by_surveymonkey(made, "e10", "r1", "response_deleted", "2026-11-04T10:00:00+00:00")
    process()
    by_surveymonkey(made, "e11", "r1", "response_updated", "2026-11-02T10:00:00+00:00")
    process()
    assert [figure for figure in figures(tenant, "nps") if figure[2]] == []
    assert {row["state"] for row in events(tenant) if row["message_id"] in ("e9", "e10")} == {"processed"}


def test_surveymonkeys_limits_are_kept(tenant: Tenant, vendor: tuple[SurveyMonkey, Replica]) -> None:
    Due.objects.filter(kind=DUE_KIND).delete()
    they, running = vendor
    made = install(
        tenant,
        "surveymonkey-nps",
        secret=APP,
        fetch={"url": f"{running.base}/"},
        parameters={"survey": "1", "question": "8"},
    )
    error = {"id": "1040", "name": "Rate limit reached", "message": "Too many requests were made."}
    they.refuses = Answer({"error": error}, 429, {"Retry-After": "600"})
    they.scores = {"r1": "10"}
    by_surveymonkey(made, "e1", "r1", "response_completed", "2026-10-05T10:05:00+00:00")
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert process_due_events(at=at) == 1
    (row,) = events(tenant)
    assert (row["state"], row["error"]) == (
        "failed",
        "The source answered 429. It says: Too many requests were made.",
    )
    assert process_due_events(at=at + timedelta(seconds=500)) == 0
    they.refuses = None
    assert process_due_events(at=at + timedelta(seconds=700)) == 1
    assert figures(tenant, "nps") == [("2026-10", 100, 1)]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"parameters": {"survey": "1"}}, "/parameters/question"),
        ({"parameters": {"survey": "1", "question": "2", "form": "3"}}, "/parameters/form"),
        ({"parameters": {"survey": "../..", "question": "2"}}, "/parameters/survey"),
        (
            {"parameters": {"survey": "1", "question": "2"}, "fetch": {"url": "https://10.0.0.1/"}},
            "/fetch/url",
        ),
    ],
)
def test_what_cannot_be_installed(tenant: Tenant, values: dict[str, Any], pointer: str) -> None:
    path = "/v1/inbound-presets/surveymonkey-nps/installations"
    answer = tenant.client.call("POST", path, {"name": "x", **values})
    assert answer.status_code == 400, answer.content
    assert [issue["pointer"] for issue in answer.json()["errors"]] == [pointer]
