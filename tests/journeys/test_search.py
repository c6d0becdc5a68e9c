"""GET /v1/search: what is found, in which order, with what around it; for whom; and with hostile words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path

DOCUMENT: dict[str, Any] = {
    "name": "Opening an account",
    "customer_goal": "Pay without cash",
    "description": "Seen in two branches.",
    "stages": [
        {
            "name": "Registration",
            "key": "registration",
            "touchpoints": [
                {
                    "name": "Fills in the form",
                    "key": "form",
                    "owner": "Onboarding team",
                    "channels": ["web", "kiosk"],
                    "pains": [{"text": "The form forgets what was typed <b>before</b>"}],
                    "lane_items": {"systems": [{"text": "Ledger"}]},
                },
                {"name": "Shows a passport", "description": "The form is stamped."},
            ],
        }
    ],
    "lanes": [{"key": "systems", "label": "Systems"}],
}


def found(tenant: Tenant, words: str, **query: Any) -> dict[str, Any]:
    answer = tenant.client.call("GET", "/v1/search?" + urlencode({"q": words, **query}))
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def names(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["kind"], item["name"]) for item in answer["items"]]


def test_names_weigh_more_than_what_stands_in_lanes_and_prose(tenant: Tenant) -> None:
    shown = make_map(tenant, DOCUMENT, key="accounts")
    answer = found(tenant, "form")
    assert names(answer) == [("touchpoint", "Fills in the form"), ("touchpoint", "Shows a passport")]
    assert answer["matches"] == 2
    first = answer["items"][0]
    assert first["journey_map"] == {"id": shown["id"], "key": "accounts", "name": "Opening an account"}
    assert [piece["text"] for piece in first["highlights"] if piece["hit"]] == ["form", "form"]
    text = "".join(piece["text"] for piece in first["highlights"])
    assert "before" in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("regis", [("stage", "Registration")]),  # words may go on
        ("FORM typed", [("touchpoint", "Fills in the form")]),  # all of them, in any case
        ("form cash", []),
        ("cash", [("journey_map", "Opening an account")]),
        ("branches", [("journey_map", "Opening an account")]),
        ("kiosk", [("touchpoint", "Fills in the form")]),
        ("onboarding", [("touchpoint", "Fills in the form")]),
        ("ledger", [("touchpoint", "Fills in the form")]),
        ("Ada", [("persona", "Ada")]),
        ("commuter", [("persona", "Ada")]),
        ("pains", []),  # a member's name is no word of the map
        ("???", []),
        ("'; DROP TABLE draft_body; -- & | ! :*", []),
        ("form' & 'x", []),
        ("\\", []),
    ],
)
def test_words(tenant: Tenant, words: str, expected: list[tuple[str, str]]) -> None:
    make_map(tenant, DOCUMENT)
    body = {"name": "Ada", "needs": ["A quick commuter train"]}
    assert tenant.client.call("POST", "/v1/personas", body).status_code == 201
    assert names(found(tenant, words)) == expected


def test_kinds_maps_and_limits(tenant: Tenant) -> None:
    make_map(tenant, DOCUMENT, key="one")
    make_map(tenant, {**DOCUMENT, "stages": []}, key="two")
    assert len(found(tenant, "account")["items"]) == 2
    assert names(found(tenant, "account", journey_map="two")) == [("journey_map", "Opening an account")]
    assert names(found(tenant, "form", kind="stage")) == []
    answer = found(tenant, "account", limit=1)
    assert (len(answer["items"]), answer["matches"]) == (1, 2)


def test_edits_and_archiving_are_found_at_once(tenant: Tenant) -> None:
    shown = make_map(tenant, DOCUMENT)
    draft = draft_of(tenant, shown)
    body = {"name": "Fills in the questionnaire"}
    element = draft["stages"][0]["touchpoints"][0]["id"]
    where = path(shown, "draft", "touchpoints", element)
    etag = tenant.client.call("GET", where)["ETag"]
    assert tenant.client.call("PATCH", where, body, etag=etag).status_code == 200
    assert names(found(tenant, "questionnaire")) == [("touchpoint", "Fills in the questionnaire")]
    etag = tenant.client.call("GET", path(shown))["ETag"]
    assert tenant.client.call("DELETE", path(shown), etag=etag).status_code == 204
    assert names(found(tenant, "questionnaire")) == []


def test_a_stranger_finds_nothing_and_a_map_must_be_ones_own(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant, DOCUMENT)
    assert found(stranger, "form")["items"] == []
    answer = stranger.client.call("GET", f"/v1/search?q=form&journey_map={shown['id']}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "query", ["", "q=", "q=" + "x" * 201, "q=a&kind=thing", "q=a&limit=0", "q=a%00b", "q=a&x=1"]
)
def test_bad_questions(tenant: Tenant, query: str) -> None:
    assert tenant.client.call("GET", f"/v1/search?{query}").status_code == 400


def test_texts_beyond_what_an_index_can_hold_are_saved_all_the_same(tenant: Tenant) -> None:
    items = [{"text": " ".join(f"w{line}x{word}" for word in range(200))} for line in range(100)]
    touchpoint = {"name": "Long", "pains": items, "thoughts": items, "quotes": items}
    make_map(tenant, {"name": "Long", "stages": [{"name": "s", "touchpoints": [touchpoint]}]})
    assert names(found(tenant, "w0x5")) == [("touchpoint", "Long")]
