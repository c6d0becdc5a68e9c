"""From requests to messages: ids, types, times, batches, forms, CloudEvents; bytes stay as they were sent."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadRequest, Problem, TooLarge, UnsupportedMediaType
from service.providers.exchange import ACCEPTED, Exchange, Verdict
from service.providers.messages import Message, Reading, instant_of, is_place, split
from service.providers.table import PROVIDERS, messages_of

FORM = {"content-type": "application/x-www-form-urlencoded"}


def read(
    provider: str,
    body: Any,
    headers: dict[str, str] | None = None,
    verdict: Verdict = ACCEPTED,
    envelope: str = "plain",
) -> list[Message]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return messages_of(PROVIDERS[provider], envelope, None, Exchange(raw, headers or {}), verdict)


@pytest.mark.parametrize(
    ("provider", "body", "headers", "id", "type", "at"),
    [
        ("stripe", {"id": "evt_1", "type": "a.b", "created": 1461095246}, {}, "evt_1", "a.b", 1461095246),
        (
            "mailgun",
            {"event-data": {"id": "Ase7i2zsRYeDXztHGENqRA", "event": "opened", "timestamp": 1521472262.908}},
            {},
            "Ase7i2zsRYeDXztHGENqRA",
            "opened",
            1521472262.908,
        ),
        (
            "typeform",
            {
                "event_id": "01H",
                "event_type": "form_response",
                "form_response": {"submitted_at": "2018-01-18T18:17:02Z"},
            },
            {},
            "01H",
            "form_response",
            1516299422,
        ),
        (
            "surveymonkey",
            {
                "event_id": "9",
                "event_type": "response_completed",
                "event_datetime": "2016-04-19T19:47:26+00:00",
            },
            {"content-type": "application/vnd.surveymonkey.response_completed.v1+json"},
            "9",
            "response_completed",
            1461095246,
        ),
        (
            "segment",
            {
                "messageId": "m",
                "type": "track",
                "event": "Signed Up",
                "timestamp": "2016-04-19T19:47:26.000Z",
            },
            {},
            "m",
            "Signed Up",
            1461095246,
        ),
        (
            "hubspot",
            {"eventId": 1, "subscriptionId": 2, "occurredAt": 1461095246000, "subscriptionType": "x"},
            {},
            "1:2:1461095246000",
            "x",
            1461095246,
        ),
        ("github", {"a": 1}, {"x-github-delivery": "d", "x-github-event": "push"}, "d", "push", None),
    ],
)
def test_where_a_provider_says_what_its_message_is(
    provider: str, body: Any, headers: dict[str, str], id: str, type: str, at: float | None
) -> None:
    (message,) = read(provider, body, headers)
    told = None if at is None else datetime.fromtimestamp(at, UTC)
    assert (message.id, message.type, message.occurred_at) == (id, type, told)
    assert message.body == json.dumps(body).encode()


def test_a_batch_is_split_and_its_digits_are_kept() -> None:
    body = b'[{"sg_event_id":"a","event":"open","x":1.10},\n {"sg_event_id":"b", "event":"click"}]'
    found = read("sendgrid", body)
    assert [(one.id, one.type, one.body) for one in found] == [
        ("a", "open", b'{"sg_event_id":"a","event":"open","x":1.10}'),
        ("b", "click", b'{"sg_event_id":"b", "event":"click"}'),
    ]


def test_the_published_events_of_sendgrid_and_postmark(shared_data: Path) -> None:
    for provider in ("sendgrid", "postmark"):
        material = json.loads((shared_data / f"webhooks/esp-events/{provider}.json").read_text())
        seen = set()
        for event in material["events"]:
            told, expected = event["payload"], event["expected"]
            batch = told if isinstance(told, list) else [told]
            found = read(provider, told)
            assert len(found) == len(batch)
            for one in found:
                if provider == "sendgrid" and "event_id" in expected:
                    assert one.id == expected["event_id"], event["test"]
                if "timestamp" in expected:
                    at = datetime.fromisoformat(expected["timestamp"])
                    if "-04:00" in json.dumps(told):  # there the file has the clock of the payload's zone
                        at += timedelta(hours=4)
                    assert one.occurred_at is not None
                    assert abs((one.occurred_at - at).total_seconds()) < 0.001, event["test"]
                seen.add(one.id)
        assert len(seen) == sum(
            len(event["payload"]) if isinstance(event["payload"], list) else 1 for event in material["events"]
        )


def test_forms() -> None:
    events = [{"event": "open", "_id": "m1", "ts": 7}, {"event": "click", "_id": "m1", "ts": 7}]
    found = read("mandrill", urlencode({"mandrill_events": json.dumps(events)}).encode(), FORM)
    assert [one.id for one in found] == ["open::m1:7", "click::m1:7"]
    fields = {
        "type": "subscribe",
        "fired_at": "2009-03-26 21:35:57",
        "data[id]": "8a",
        "data[merges][A]": "é",
    }
    (one,) = read("mailchimp", urlencode(fields).encode(), FORM)
    assert json.loads(one.body)["data"] == {"id": "8a", "merges": {"A": "é"}}
    assert (one.id, one.occurred_at) == (
        "subscribe:2009-03-26 21:35:57:8a",
        datetime(2009, 3, 26, 21, 35, 57, tzinfo=UTC),
    )
    (one,) = read("github", urlencode({"payload": '{"a": 1.0}'}).encode(), FORM)
    assert one.body == b'{"a": 1.0}'


@pytest.mark.parametrize(
    ("provider", "body", "headers", "error"),
    [
        ("stripe", b"a=1", FORM, UnsupportedMediaType),
        ("stripe", b"<a/>", {"content-type": "application/xml"}, UnsupportedMediaType),
        ("stripe", b"{", {}, BadRequest),
        ("stripe", b"", {}, BadRequest),
        ("mandrill", b"other=1", FORM, BadRequest),
        ("mandrill", b"mandrill_events=%FF", FORM, BadRequest),
        ("mandrill", b"mandrill_events={", FORM, BadRequest),
        ("url", b"a=1&a[b]=2", FORM, BadRequest),
        ("url", b"a=1&a=2", FORM, BadRequest),
        ("url", b"&".join(b"a%d=1" % n for n in range(1001)), FORM, BadRequest),
        ("sendgrid", b"[" + b"1," * 5000 + b"1]", {}, TooLarge),
    ],
)
def test_what_cannot_be_read(
    provider: str, body: bytes, headers: dict[str, str], error: type[Problem]
) -> None:
    with pytest.raises(error):
        read(provider, body, headers)


@given(st.sampled_from(sorted(PROVIDERS)), st.binary(max_size=200), st.booleans(), st.booleans())
def test_whatever_comes_is_read_or_refused(provider: str, body: bytes, form: bool, cloud: bool) -> None:
    with contextlib.suppress(BadRequest, TooLarge, UnsupportedMediaType):
        read(provider, body, FORM if form else None, envelope="cloudevents" if cloud else "plain")


def test_without_an_id_the_bytes_name_a_message_and_the_place_one_of_a_batch() -> None:
    (one,), (again,) = read("url", {"a": 1}), read("url", {"a": 1})
    assert one.id == again.id
    first, second = read("sendgrid", [{"event": "x"}, {"event": "x"}])
    assert first.id != second.id
    assert [first.id, second.id] == [
        message.id for message in read("sendgrid", [{"event": "x"}, {"event": "x"}])
    ]
    (long,) = read("stripe", {"id": "x" * 300})
    assert len(long.id) == 64


def test_an_id_that_is_signed_outweighs_what_the_body_says() -> None:
    (one,) = read("standard_webhooks", {"id": "body"}, verdict=Verdict(message_id="signed"))
    assert one.id == "signed"


EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "2020-01-01T00:00:00Z"}


def test_the_three_modes_of_cloudevents_read_alike() -> None:
    told = {**EVENT, "data": {"n": 1}}
    structured = read(
        "url", told, {"content-type": "application/cloudevents+json; charset=utf-8"}, envelope="cloudevents"
    )
    batch = read(
        "url", [told], {"content-type": "application/cloudevents-batch+json"}, envelope="cloudevents"
    )
    headers = {f"ce-{name}": value for name, value in EVENT.items()} | {"content-type": "application/json"}
    headers["ce-subject"] = "a%20%C3%A9"
    binary = read("url", {"n": 1}, headers, envelope="cloudevents")
    for (one,) in (structured, batch, binary):
        assert (one.id, one.type, one.occurred_at) == ("/s:1", "t", datetime(2020, 1, 1, tzinfo=UTC))
        assert json.loads(one.body)["data"] == {"n": 1}
    assert json.loads(binary[0].body)["subject"] == "a é"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"a": 1}, {}),
        ({**EVENT, "specversion": "0.3"}, {"content-type": "application/cloudevents+json"}),
        ([{**EVENT, "id": 1}], {"content-type": "application/cloudevents-batch+json"}),
        ({}, {f"ce-{name}": "%FF" for name in EVENT}),
        ({}, {f"ce-{name}": value for name, value in EVENT.items()} | {"ce-data": "x"}),
    ],
)
def test_what_is_no_cloudevent_is_refused(body: Any, headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        read("url", body, headers, envelope="cloudevents")


def test_binary_data_that_is_no_json_is_kept_as_base64() -> None:
    headers = {f"ce-{name}": value for name, value in EVENT.items()} | {"content-type": "text/csv"}
    (one,) = read("url", b"a,b", headers, envelope="cloudevents")
    assert json.loads(one.body)["data_base64"] == "YSxi"


def test_in_binary_mode_a_signed_id_names_the_event() -> None:
    headers = {f"ce-{name}": value for name, value in EVENT.items()}
    (one,) = read("standard_webhooks", {}, headers, Verdict(message_id="msg_1"), "cloudevents")
    assert one.id == "msg_1"


def test_places() -> None:
    body = {"a/b": {"~": [{"x": 5}]}, "deep": True}
    message = split(
        Exchange(json.dumps(body).encode(), {}), Reading(id=("/a~1b/~0/0/x", "/deep", "/none/x")), ACCEPTED
    )
    assert message[0].id == "5:True:"
    assert [is_place(text) for text in ("/a", "/", "header:X-A", "", "a", "/~2", "header:")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("told", [None, True, "soon", "", "9" * 15, float("1e300"), [], "2020-13-01", -1e20])
def test_what_is_no_instant(told: Any) -> None:
    assert instant_of(told) is None
