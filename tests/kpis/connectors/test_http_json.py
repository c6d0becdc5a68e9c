"""Pages, follow-ups and waits of `http_json`, against a server that counts what it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kpis.connectors import CONNECTORS, PullFailed
from kpis.connectors.calls import filled
from service.errors import ValidationProblem
from service.serializers import checked
from tests.kpis.connectors.replica import WINDOW, Answer, Asked, Replica, fetched, replica


def page_of(asked: Asked, name: str, first: int = 1) -> int:
    return int(asked.query.get(name, first))


def pages_by(way: str, here: list[Replica]) -> Any:
    """Three pages of two items, told as servers of this way tell it."""

    def answers(asked: Asked) -> Answer:
        number = page_of(asked, "at", 0 if way == "offset" else 1)
        number = number // 2 + 1 if way == "offset" else number
        items = [{"v": number * 10 + one} for one in (1, 2)] if number <= 3 else []
        more = number < 3
        url = f"{here[0].base}/list?at={number + 1}"
        return Answer(
            {"items": items, "next": url if more else None, "cursor": str(number + 1), "more": more},
            headers={"Link": f'<{url}>; rel="next", <{url}>; rel=last'} if more else {},
        )

    return answers


@pytest.mark.parametrize(
    ("paging", "calls"),
    [
        ({"by": "link"}, 3),
        ({"by": "next", "cursor": "$.next"}, 3),
        ({"by": "cursor", "cursor": "$.cursor", "parameter": "at", "more": "$.more"}, 3),
        ({"by": "page", "parameter": "at", "items": "$.items[*]"}, 4),
        ({"by": "page", "parameter": "at", "items": "$.items[*]", "more": "$.more"}, 3),
        ({"by": "offset", "parameter": "at", "items": "$.items[*]", "size": 2}, 4),
    ],
)
def test_every_way_of_paging_reads_all_pages_in_order(paging: dict[str, Any], calls: int) -> None:
    here: list[Replica] = []
    with replica(pages_by(paging["by"], here)) as peer:
        here.append(peer)
        _, documents = fetched("http_json", {"url": f"{peer.base}/list", "paging": paging}, "s3cret")
    assert [item["v"] for page in documents for item in page["items"]] == [11, 12, 21, 22, 31, 32]
    assert len(peer.asked) == calls
    assert {asked.headers["Authorization"] for asked in peer.asked} == {"Bearer s3cret"}


def test_pages_are_bounded_and_more_of_them_are_told() -> None:
    def answers(asked: Asked) -> Answer:
        return Answer({"items": [1], "cursor": str(page_of(asked, "c", 0) + 1)})

    paging = {"by": "cursor", "cursor": "$.cursor", "parameter": "c", "max_pages": 5}
    with replica(answers) as peer:
        found, documents = fetched("http_json", {"url": peer.base, "paging": paging})
    assert (len(documents), len(peer.asked)) == (5, 5)
    assert [note.code for note in found.notes] == ["more_pages"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("https://elsewhere.example/list", "only its own host"),
        ("{base}/list?at=1", "lead back"),
        ("http://[", "no URL"),
    ],
)
def test_pages_lead_neither_in_a_circle_nor_to_others(place: str, said: str) -> None:
    here: list[Replica] = []
    with replica(lambda asked: Answer({"next": place.format(base=here[0].base)})) as peer:
        here.append(peer)
        config = {"url": f"{peer.base}/list?at=1", "paging": {"by": "next", "cursor": "$.next"}}
        with pytest.raises(PullFailed, match=said):
            fetched("http_json", config, "s3cret")
    assert len(peer.asked) == 1


def reports(asked: Asked) -> Answer:
    if asked.path == "/reports":
        return Answer(
            {
                "reports": [
                    {"id": "a/1", "self": "/reports/a%2F1/clicks"},
                    {"id": 2, "self": "/reports/2/clicks"},
                ]
            }
        )
    return Answer({"clicks": {"/reports/a%2F1/clicks": 5, "/reports/2/clicks": 7}[asked.path]})


@pytest.mark.parametrize("by", ["id", "url"])
def test_each_item_is_followed_by_its_id_or_its_place(by: str) -> None:
    with replica(reports) as peer:
        rule = {"items": "$.reports[*]", "path": "$.self"}
        if by == "id":
            rule = {**rule, "path": "$.id", "url": peer.base + "/reports/{}/clicks"}
        _, documents = fetched("http_json", {"url": f"{peer.base}/reports", "follow": rule})
    assert [(one["item"]["id"], one["followed"]["clicks"]) for one in documents] == [("a/1", 5), (2, 7)]


def test_follow_ups_are_bounded_and_stay_on_the_host() -> None:
    def answers(asked: Asked) -> Answer:
        return Answer([{"id": number} for number in range(9)] if asked.path == "/list" else {})

    with replica(answers) as peer:
        rule = {"items": "$[*]", "path": "$.id", "url": peer.base + "/{}", "max_items": 3}
        found, documents = fetched("http_json", {"url": f"{peer.base}/list", "follow": rule})
        assert (len(documents), [note.code for note in found.notes]) == (3, ["more_items"])
        rule["url"] = "https://elsewhere.example/{}"
        with pytest.raises(PullFailed, match="only its own host"):
            fetched("http_json", {"url": f"{peer.base}/list", "follow": rule}, "s3cret")


def test_an_item_that_leads_nowhere_is_told_and_one_that_fails_fails_the_pull() -> None:
    def answers(asked: Asked) -> Answer:
        if asked.path == "/list":
            return Answer([{"id": "a"}, {"id": None}, {}, {"id": "b"}])
        return Answer({"error": {"message": "gone"}}, 404 if asked.path == "/b" and fails else 200)

    fails = False
    with replica(answers) as peer:
        rule = {"items": "$[*]", "path": "$.id", "url": peer.base + "/{}"}
        found, documents = fetched("http_json", {"url": f"{peer.base}/list", "follow": rule})
        assert [one["item"]["id"] for one in documents] == ["a", "b"]
        assert [(note.pointer, note.code) for note in found.notes] == [
            ("/follow/1", "leads_nowhere"),
            ("/follow/2", "leads_nowhere"),
        ]
        fails = True
        with pytest.raises(PullFailed, match=r"answered 404\. It says: gone") as failure:
            fetched("http_json", {"url": f"{peer.base}/list", "follow": rule})
        assert failure.value.permanent


def test_a_short_wait_is_waited_and_a_long_one_ends_the_pull() -> None:
    waits = ["0", "3600", "3600"]

    def answers(asked: Asked) -> Answer:
        if page_of(asked, "p") == 2 and waits:
            return Answer({"message": "slow down"}, 429, {"Retry-After": waits.pop(0)})
        return Answer({"items": [1] if page_of(asked, "p") < 3 else []})

    config = {"paging": {"by": "page", "parameter": "p", "items": "$.items[*]"}}
    with replica(answers) as peer:
        found, documents = fetched("http_json", {"url": peer.base, **config})
        assert (len(documents), found.onward and found.onward.pages) == (1, 1)
        there = replace(WINDOW, onward=found.onward)
        with pytest.raises(PullFailed, match=r"429\. It says: slow down") as failure:
            fetched("http_json", {"url": peer.base, **config}, window=there)
        assert (failure.value.permanent, failure.value.retry_after) == (False, "3600")
        waits.append("0")
        _, documents = fetched("http_json", {"url": peer.base, **config})
    assert len(documents) == 3


def test_a_second_wait_is_not_waited_and_what_is_echoed_of_the_secret_is_not_told() -> None:
    def answers(asked: Asked) -> Answer:
        return Answer({"message": f"no {asked.headers['Authorization']}"}, 429, {"Retry-After": "0"})

    with replica(answers) as peer, pytest.raises(PullFailed) as failure:
        fetched("http_json", {"url": peer.base}, "s3cret-key")
    assert str(failure.value) == "The source answered 429. It says: no Bearer …"


def test_a_url_names_the_time_that_is_asked_about() -> None:
    assert filled("https://a.example/?since={start}&to={end_date}&t={start_epoch}", WINDOW) == (
        "https://a.example/?since=2026-10-01T00:00:00Z&to=2026-11-01&t=1790812800"
    )
    with replica(lambda asked: Answer({})) as peer:
        fetched("http_json", {"url": peer.base + "/?since={start}"})
    assert peer.asked[0].query == {"since": "2026-10-01T00:00:00Z"}


def test_basic_authentication() -> None:
    with replica(lambda asked: Answer({})) as peer:
        fetched("http_json", {"url": peer.base, "basic_auth": True}, "key:")
    assert peer.asked[0].headers["Authorization"] == "Basic a2V5Og=="


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({"url": "https://a.example/{month}"}, "/url"),
        ({"paging": {"by": "telepathy"}}, "/paging/by"),
        ({"paging": {"by": "cursor", "cursor": "$.c"}}, "/paging/parameter"),
        ({"paging": {"by": "offset", "parameter": "o", "items": "$.i"}}, "/paging/size"),
        ({"paging": {"by": "link", "max_pages": 10_001}}, "/paging/max_pages"),
        ({"paging": {"by": "next", "cursor": "next"}}, "/paging/cursor"),
        ({"follow": {"items": "$[*]", "url": "https://{}/x"}}, "/follow/url"),
        ({"follow": {"items": "$[*]", "url": "https://a.example/x"}}, "/follow/url"),
        ({"follow": {"url": "https://a.example/{}"}}, "/follow/items"),
        ({"lookback": "P1M"}, "/lookback"),
        ({"shape": "round"}, "/shape"),
        ({"shape": "stripe_subscriptions", "follow": {"items": "$"}}, "/follow"),
    ],
)
def test_what_cannot_be_asked_is_refused_when_it_is_entered(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationProblem) as problem:
        checked(CONNECTORS["http_json"].config, {"url": "https://a.example/", **config})
    assert pointer in [issue.pointer for issue in problem.value.issues]
