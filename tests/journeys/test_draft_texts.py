"""The draft edited as text: what the text says is done, what it cannot say stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path
from tests.service.parallel import at_once

CSV, MERMAID = "text/csv", "text/vnd.mermaid"
RICH: dict[str, Any] = {
    "name": "Renting a flat",
    "scenario": "In spring",
    "attributes": {"team": "Homes"},
    "personas": [{"name": "Ada", "goals": ["A flat"]}, {"name": "Bob"}],
    "lanes": [{"key": "systems", "label": "Systems"}],
    "stages": [
        {
            "name": "Search",
            "customer_goal": "Find one",
            "touchpoints": [
                {
                    "name": "Reads adverts",
                    "key": "adverts",
                    "channels": ["web"],
                    "pains": [{"text": "Stale", "evidence": "observed"}],
                    "lane_items": {"systems": [{"text": "Portal"}]},
                    "emotions": [
                        {"scale": "smaply", "value": 1, "label": "hopeful"},
                        {"scale": "smaply", "value": -2},
                    ],
                },
                {"name": "Visits", "key": "visit", "emotions": [{"scale": "mermaid", "value": 2}]},
            ],
        },
        {"name": "Contract", "touchpoints": [{"name": "Signs", "key": "sign", "owner": "Legal"}]},
    ],
    "transitions": [{"from": "visit", "to": "adverts", "likelihood": 0.4}],
}


def text_of(tenant: Tenant, shown: dict[str, Any], kind: str) -> tuple[str, str]:
    """Return (text, ETag) of the draft."""
    answer = tenant.client.call("GET", path(shown, "draft"), Accept=kind)
    assert answer["Content-Type"] == f"{kind}; charset=utf-8"
    return answer.content.decode(), answer["ETag"]


def write(tenant: Tenant, shown: dict[str, Any], text: str, kind: str, query: str = "", **sent: Any) -> Any:
    where = path(shown, f"draft?{query}")
    etag = sent.pop("etag", "*")
    return tenant.client.call("PUT", where, text.encode(), content_type=kind, etag=etag, **sent)


@pytest.mark.parametrize("kind", [CSV, MERMAID])
def test_what_is_read_can_be_sent_back(tenant: Tenant, kind: str) -> None:
    shown = make_map(tenant, RICH)
    before = draft_of(tenant, shown)
    text, etag = text_of(tenant, shown, kind)
    answer = write(tenant, shown, text, kind, etag=etag)
    assert answer.status_code == 200, answer.content
    assert answer.json() == before
    assert answer["ETag"] == etag == before["etag"]


def test_mermaid_changes_what_it_says_alone(tenant: Tenant) -> None:
    shown = make_map(tenant, RICH)
    before = draft_of(tenant, shown)
    text, etag = text_of(tenant, shown, MERMAID)
    text = text.replace("Visits: 2", "Visits: 4: Bob").replace("Reads adverts", "Browses adverts")
    after = write(tenant, shown, text, MERMAID, etag=etag).json()
    adverts, visits = after["stages"][0]["touchpoints"]
    assert adverts == {**before["stages"][0]["touchpoints"][0], "name": "Browses adverts"}
    [felt] = visits["emotions"]
    assert (felt["value"], felt["persona"]) == (4, before["personas"][1]["id"])
    assert visits["id"] == before["stages"][0]["touchpoints"][1]["id"]
    for name in ("scenario", "attributes", "personas", "lanes", "transitions"):
        assert after[name] == before[name]
    assert after["stages"][0]["customer_goal"] == "Find one"
    assert write(tenant, shown, text, MERMAID, etag=etag).status_code == 412


def test_what_would_be_erased_is_named_first(tenant: Tenant) -> None:
    shown = make_map(tenant, RICH)
    text, _ = text_of(tenant, shown, MERMAID)
    shorter = "".join(line for line in text.splitlines(keepends=True) if "Signs" not in line)
    refused = write(tenant, shown, shorter, MERMAID)
    assert (refused.status_code, refused.json()["code"]) == (409, "would_erase")
    assert write(tenant, shown, shorter, MERMAID, "on_missing=remove").status_code == 200
    assert names(draft_of(tenant, shown)) == [["Search", "Reads adverts", "Visits"], ["Contract"]]


def test_a_touchpoint_moves_to_another_stage(tenant: Tenant) -> None:
    shown = make_map(tenant, RICH)
    before = draft_of(tenant, shown)
    text, _ = text_of(tenant, shown, MERMAID)
    line = next(line for line in text.splitlines(keepends=True) if "Visits" in line)
    after = write(tenant, shown, text.replace(line, "") + line, MERMAID).json()
    assert names(after) == [["Search", "Reads adverts"], ["Contract", "Signs", "Visits"]]
    assert after["stages"][1]["touchpoints"][1] == before["stages"][0]["touchpoints"][1]
    assert after["transitions"] == before["transitions"]


def test_refusals(tenant: Tenant, stranger: Tenant) -> None:
    shown = make_map(tenant, RICH)
    broken = write(tenant, shown, "journey\nBroken\n", MERMAID)
    assert (broken.status_code, broken.json()["errors"][0]["detail"][:7]) == (400, "line 2:")
    assert write(tenant, shown, "stage\n\x00,", CSV).status_code == 400
    assert write(tenant, shown, "journey", "text/plain").status_code == 415
    assert write(tenant, shown, "journey", MERMAID, etag=None).status_code == 428
    assert write(stranger, shown, "journey", MERMAID).status_code == 404
    narrow = tenant.key("maps:read")
    assert narrow.call("PUT", path(shown, "draft"), b"journey", content_type=MERMAID).status_code == 403
    assert narrow.call("GET", path(shown, "draft?format=mermaid")).content.startswith(b"journey")
    assert write(tenant, shown, "%" * (4 * 1024 * 1024 + 1), MERMAID).status_code == 413


def test_of_two_writers_one_wins(tenant: Tenant) -> None:
    shown = make_map(tenant, RICH)
    text, etag = text_of(tenant, shown, MERMAID)

    def work(number: int) -> int:
        named = text.replace("Signs", f"Signs {number}")
        return int(write(tenant, shown, named, MERMAID, etag=etag).status_code)

    assert sorted(at_once(3, work)) == [200, 412, 412]


@pytest.mark.parametrize("kind", [CSV, MERMAID])
def test_cut_and_garbled_texts_are_answered(tenant: Tenant, kind: str) -> None:
    shown = make_map(tenant, RICH)
    text, _ = text_of(tenant, shown, kind)
    middle = len(text) // 2
    for noise in (
        "",
        "\0",
        '"',
        "\n\n",
        ":::;;;",
        ",,,,",
        "\ud800",
        "\u202e<script>",
        "=1+1",
        "%%{",
        "accDescr {",
    ):
        for garbled in (text[:middle] + noise, text[:middle] + noise + text[middle:], noise + text):
            raw = garbled.encode("utf-8", "surrogatepass")
            answer = tenant.client.call("PUT", path(shown, "draft"), raw, content_type=kind, etag="*")
            assert answer.status_code in (200, 400, 409), answer.content
