"""Writers at the same time: of those that saw the same draft one wins, and nothing is done twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0) … work(count - 1)` in threads that start together; return what they returned."""
    ready, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        try:
            ready.wait()
            results[number] = work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_parallel_writers_exactly_one_wins(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for revision in range(1, 5):
        etag = f'"r{revision}"'
        answers = at_once(
            6,
            lambda n, etag=etag: tenant.client.call(
                "PUT", path(shown, "draft"), {"name": f"{etag} {n}"}, etag=etag
            ),
        )
        assert Counter(a.status_code for a in answers) == {200: 1, 412: 5}
        winner = next(a for a in answers if a.status_code == 200)
        assert draft_of(tenant, shown) == winner.json()
        assert winner["ETag"] == f'"r{revision + 1}"'


def test_editors_of_different_elements_are_in_nobodys_way(tenant: Tenant) -> None:
    touchpoints = [{"name": str(n), "key": f"t{n}"} for n in range(6)]
    shown = make_map(tenant, document={"name": "x", "stages": [{"name": "s", "touchpoints": touchpoints}]})
    etags = {
        t["key"]: t["etag"]
        for t in tenant.client.call("GET", path(shown, "draft/touchpoints")).json()["results"]
    }
    answers = at_once(
        6,
        lambda n: tenant.client.call(
            "PATCH", path(shown, "draft/touchpoints", f"t{n}"), {"owner": f"o{n}"}, etag=etags[f"t{n}"]
        ),
    )
    assert [a.status_code for a in answers] == [200] * 6
    assert len({a["Draft-ETag"] for a in answers}) == 6
    draft = draft_of(tenant, shown)
    assert [t["owner"] for t in draft["stages"][0]["touchpoints"]] == [f"o{n}" for n in range(6)]
    assert draft["etag"] == '"r7"'


def test_editors_of_one_element_are_told_apart(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft/touchpoints/visit")
    etag = tenant.client.call("GET", where)["ETag"]
    answers = at_once(5, lambda n: tenant.client.call("PATCH", where, {"owner": str(n)}, etag=etag))
    assert Counter(a.status_code for a in answers) == {200: 1, 412: 4}


def test_parallel_publishes_make_one_version(tenant: Tenant) -> None:
    shown = make_map(tenant)
    for number in range(1, 4):
        tenant.client.call("PATCH", path(shown, "draft"), {"name": f"n{number}"}, etag="*")
        etag = draft_of(tenant, shown)["etag"]
        answers = at_once(
            5, lambda n, etag=etag: tenant.client.call("POST", path(shown, "versions"), {}, etag=etag)
        )
        assert Counter(a.status_code for a in answers) == {201: 1, 409: 4}
        assert {a.json().get("code") for a in answers} == {None, "nothing_to_publish"}
    versions = tenant.client.call("GET", path(shown, "versions")).json()["results"]
    assert [v["number"] for v in versions] == [1, 2, 3]
    assert [v["published_at"] for v in versions] == sorted(v["published_at"] for v in versions)


def test_publishing_while_editing_publishes_what_was_seen(tenant: Tenant) -> None:
    shown = make_map(tenant)

    def work(number: int) -> Any:
        if number % 2:
            return tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
        return tenant.client.call("PATCH", path(shown, "draft"), {"name": f"n{number}"}, etag="*")

    answers = [answer for _ in range(3) for answer in at_once(6, work)]
    assert {a.status_code for a in answers} <= {200, 201, 409}
    published = [a.json() for a in answers if a.status_code == 201]
    assert sorted(v["number"] for v in published) == list(range(1, len(published) + 1))
    for version in published:
        read = tenant.client.call("GET", path(shown, "versions", version["id"])).json()
        assert read["version"]["digest"] == version["digest"]
        assert len(read["document"]["stages"]) == 2


def test_maps_that_share_new_bodies_are_published_at_the_same_time(tenant: Tenant) -> None:
    """Both insert the same bodies: one waits for the other, none fails, each body is there once."""
    stages = [{"name": f"s{n}", "touchpoints": [{"name": f"t{n}"}]} for n in range(20)]
    for turn in range(3):
        shared = {"name": f"shared {turn}", "description": str(turn), "stages": stages}
        maps = [make_map(tenant, document=shared) for _ in range(4)]
        answers = at_once(
            4, lambda n, maps=maps: tenant.client.call("POST", path(maps[n], "versions"), {}, etag="*")
        )
        assert [a.status_code for a in answers] == [201] * 4
        for shown in maps:
            read = tenant.client.call("GET", path(shown, "versions", "1")).json()["document"]
            assert [stage["name"] for stage in read["stages"]] == [f"s{n}" for n in range(20)]


def test_one_id_goes_to_one_of_two_maps(tenant: Tenant) -> None:
    ours = draft_of(tenant, make_map(tenant))
    publish(tenant, make_map(tenant))
    taken = {"name": "x", "stages": [{"name": "s", "id": ours["stages"][0]["id"].replace("0", "1")}]}
    maps = [make_map(tenant, document={"name": "x"}) for _ in range(4)]
    answers = at_once(4, lambda n: tenant.client.call("PUT", path(maps[n], "draft"), taken, etag="*"))
    assert Counter(a.status_code for a in answers) == {200: 1, 409: 3}


def test_an_archive_and_a_publish_do_not_both_win(tenant: Tenant) -> None:
    for _ in range(4):
        shown = make_map(tenant)

        def work(number: int, shown: dict[str, Any] = shown) -> Any:
            if number:
                return tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
            return tenant.client.call("DELETE", path(shown), etag="*")

        archived, published = at_once(2, work)
        assert archived.status_code == 204
        assert published.status_code in {201, 404}
        with tenant.enter(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM version WHERE journey_map_id = %s", [shown["id"]])
            assert cursor.fetchall() == [(1 if published.status_code == 201 else 0,)]


def test_no_update_is_lost_whatever_the_writers_use(tenant: Tenant) -> None:
    """PUT, patches, element edits, moves, reorderings and merges at once, each repeated on what it then sees.

    Every writer that was told of success finds its mark in the end.
    """
    touchpoints = [{"name": f"t{n}", "key": f"t{n}"} for n in range(4)]
    stages = [{"name": "a", "key": "a", "touchpoints": touchpoints}, {"name": "b", "key": "b"}]
    shown = make_map(tenant, document={"name": "x", "stages": stages})

    def put(turn: int) -> Any:
        draft = draft_of(tenant, shown)
        draft.setdefault("attributes", {})[f"put{turn}"] = "x"
        return tenant.client.call("PUT", path(shown, "draft"), draft, etag=draft["etag"])

    def merge_patch(turn: int) -> Any:
        etag = draft_of(tenant, shown)["etag"]
        return tenant.client.call(
            "PATCH", path(shown, "draft"), {"attributes": {f"merge{turn}": "x"}}, etag=etag
        )

    def json_patch(turn: int) -> Any:
        etag = draft_of(tenant, shown)["etag"]
        op = {"op": "add", "path": "/stages/-", "value": {"name": f"json{turn}"}}
        kind = "application/json-patch+json"
        return tenant.client.call("PATCH", path(shown, "draft"), [op], etag=etag, content_type=kind)

    def element(turn: int) -> Any:
        where = path(shown, "draft/touchpoints/t0")
        read = tenant.client.call("GET", where)
        attributes = {**read.json().get("attributes", {}), f"element{turn}": "x"}
        return tenant.client.call("PATCH", where, {"attributes": attributes}, etag=read["ETag"])

    def move(turn: int) -> Any:
        where = path(shown, "draft/touchpoints/t1")
        read = tenant.client.call("GET", where)
        target = "a" if turn % 2 else "b"
        return tenant.client.call("POST", f"{where}/moves", {"stage": target}, etag=read["ETag"])

    def reorder(turn: int) -> Any:
        draft = draft_of(tenant, shown)
        body = {"stages": [{"stage": s["id"]} for s in reversed(draft["stages"])]}
        return tenant.client.call("POST", path(shown, "draft/reorderings"), body, etag=draft["etag"])

    def merge(turn: int) -> Any:
        draft = draft_of(tenant, shown)
        document = {**draft, "lanes": [*draft.get("lanes", ()), {"key": f"merge{turn}", "label": "x"}]}
        body = {"document": document, "base": "draft"}
        return tenant.client.call("POST", path(shown, "merges"), body, etag=draft["etag"])

    writers = [put, merge_patch, json_patch, element, move, reorder, merge]
    won: dict[str, list[int]] = {writer.__name__: [] for writer in writers}

    def work(number: int) -> None:
        writer = writers[number]
        for turn in range(4):
            answer = writer(turn)
            assert answer.status_code in {200, 201, 412}, answer.content
            if answer.status_code != 412:
                won[writer.__name__].append(turn)

    at_once(len(writers), work)
    draft = draft_of(tenant, shown)
    attributes = draft.get("attributes", {})
    assert set(attributes) == {f"put{n}" for n in won["put"]} | {f"merge{n}" for n in won["merge_patch"]}
    added = {stage["name"] for stage in draft["stages"]} - {"a", "b"}
    assert added == {f"json{n}" for n in won["json_patch"]}
    found = {t["key"]: t for stage in draft["stages"] for t in stage.get("touchpoints", ())}
    assert set(found) == {"t0", "t1", "t2", "t3"}
    assert set(found["t0"].get("attributes", {})) == {f"element{n}" for n in won["element"]}
    assert {lane["key"] for lane in draft.get("lanes", ())} == {f"merge{n}" for n in won["merge"]}
    home = next(s["key"] for s in draft["stages"] for t in s.get("touchpoints", ()) if t["key"] == "t1")
    assert home == ("a" if not won["move"] or won["move"][-1] % 2 else "b")
    assert sum(map(len, won.values())) > len(writers)
