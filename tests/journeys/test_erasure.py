"""Redaction and purge: no byte is left, in any table or answer, and nobody else gets past the triggers."""

from __future__ import annotations

import json
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from journeys.actions import purge_map
from journeys.models import JourneyMap
from kpis.actions.snapshots import pin_snapshot
from kpis.models.audience import AudienceView
from kpis.queries.live_asked import Asked
from service.credentials import Caller
from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish
from tests.service.parallel import at_once

CANARY = "Zeugin Kümmelbraun"
ITEM, OTHER = "a", "b"


def document(ids: dict[str, str]) -> dict[str, Any]:
    return {
        "name": "Moving out",
        "personas": [{"id": ids["p"], "key": "kim", "name": "Kim", "goals": ["to leave"]}],
        "stages": [
            {
                "name": "Notice",
                "touchpoints": [
                    {
                        "name": "Calls",
                        "key": "calls",
                        "quotes": [
                            {
                                "id": ids[ITEM],
                                "text": f'"{CANARY}" says so',
                                "source": CANARY,
                                "persona": "kim",
                            },
                            {"id": ids[OTHER], "text": "stays"},
                        ],
                    }
                ],
            }
        ],
    }


@pytest.fixture
def ids() -> dict[str, str]:
    return {name: str(uuid.uuid4()) for name in (ITEM, OTHER, "p")}


def rows(sql: str, *params: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def redact(tenant: Tenant, shown: dict[str, Any], item: str, **members: Any) -> Any:
    body = {"journey_map": shown["id"], "item": item, "reason": "asked for", **members}
    return tenant.client.call("POST", "/v1/redactions", body)


def purge(tenant: Tenant, shown: dict[str, Any], **members: Any) -> Any:
    body = {"confirm": shown["name"], "reason": "asked for", **members}
    return tenant.client.call("POST", path(shown, "purges"), body)


def tables() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield every table of the database with its columns and their types, from the catalogue."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows(
        """
        SELECT c.oid::regclass::text, quote_ident(a.attname), a.atttypid::regtype::text
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
        """
    ):
        found.setdefault(table, []).append((column, kind))
    yield from found.items()


def left(tenant: Tenant, *canaries: str) -> set[tuple[str, str]]:
    """Return the (table, column) pairs that hold one of the texts: as text, in bytes, in JSON's spelling."""
    spelt = {form for text in canaries for form in (text, json.dumps(text)[1:-1])}
    found = set()
    with tenant.enter():
        for table, columns in tables():
            for column, kind in columns:
                if kind == "bytea":
                    held = any(
                        form.encode() in plain(value)
                        for (value,) in rows(f"SELECT {column} FROM {table}")
                        for form in spelt
                    )
                else:
                    where = " OR ".join([f"position(lower(%s) IN lower({column}::text)) > 0"] * len(spelt))
                    held = bool(rows(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", *spelt))
                if held:
                    found.add((table, column))
    return found


def plain(value: Any) -> bytes:
    """Return stored bytes, unpacked where they were packed."""
    content = bytes(value or b"")
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def answers(tenant: Tenant, shown: dict[str, Any], versions: int) -> Iterator[tuple[str, Any]]:
    """Yield the answers to every GET that a map's id leads to: the paths are those of the contract."""
    contract = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text())
    names = {"ref": shown["id"], "element": "calls"}
    for template, operations in contract["paths"].items():
        if "get" not in operations or not template.startswith("/v1/"):
            continue
        for version in range(1, versions + 1) if "{version}" in template else [0]:
            where = template
            for name, value in {**names, "version": str(version)}.items():
                where = where.replace(f"{{{name}}}", value)
            if "{" not in where and ("{ref}" not in template or "journey-maps/{ref}" in template):
                yield where, tenant.client.call("GET", where)
    for query in (
        "search?q=Zeugin",
        "search?q=says",
        *(
            f"journey-maps/{shown['id']}/export?format={form}"
            for form in ("json", "csv", "mermaid", "markdown", "svg", "html", "grid-csv", "cjml", "osmm")
        ),
        f"journey-maps/{shown['id']}/diff?from=1&to={versions}",
        f"journey-maps/{shown['id']}/live?as_of=2036-01-01T00:00:00Z",
    ):
        yield query, tenant.client.call("GET", f"/v1/{query}")


def text_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace")) + str(dict(answer.items()))


@pytest.fixture
def lived(tenant: Tenant, ids: dict[str, str]) -> dict[str, Any]:
    """A map with two versions, a copy, a template, a draft ahead, merges, reviews, pictures and answers."""
    call = tenant.client.call
    shown = call("POST", "/v1/journey-maps", {"document": document(ids)}, key="make").json()
    publish(tenant, shown, message="first")
    call("PATCH", path(shown, "draft", "touchpoints", "calls"), {"owner": "us"}, etag="*")
    assert call("POST", path(shown, "versions"), {}, etag="*", key="two").status_code == 201
    copied = call("POST", path(shown, "copies"), {"name": "Copy", "from": "2"})
    assert copied.status_code == 201, copied.content
    publish(tenant, copied.json())
    call("PATCH", path(shown, "draft", "touchpoints", "calls"), {"description": "ahead"}, etag="*")
    assert call("POST", "/v1/templates", {"journey_map": shown["id"], "name": "T"}).status_code == 201
    assert call("POST", "/v1/collections", {"name": "C", "journey_maps": [shown["id"]]}).status_code == 201
    moved = call("POST", path(shown, "draft", "touchpoints", "calls", "moves"), {}, etag="*", key="move")
    assert CANARY in text_of(moved)
    drawn = call("POST", path(shown, "renditions"), {"format": "png"})
    assert drawn.status_code == 202, drawn.content
    merged = call(
        "POST", path(shown, "merges"), {"document": draft_document(tenant, shown)}, etag="*", key="merge"
    )
    assert merged.status_code == 201, merged.content
    with tenant.enter():
        rows(
            "INSERT INTO event (id, workspace_id, type, data, occurred_at) "
            "VALUES (gen_random_uuid(), %s, 'x.quoted', %s, now())",
            tenant.workspace.id,
            json.dumps({"journey_map": shown["id"], "n": 3, "quoted": f'He: ""{CANARY}" says so"'}),
        )
    return {**shown, "copy": copied.json()["id"]}


def draft_document(tenant: Tenant, shown: dict[str, Any]) -> dict[str, Any]:
    found = draft_of(tenant, shown)
    found.pop("etag")
    found["description"] = "merged"
    return found


def test_a_redaction_leaves_no_byte_of_the_item(
    tenant: Tenant, lived: dict[str, Any], ids: dict[str, str]
) -> None:
    assert {table for table, _ in left(tenant, CANARY)} >= {"body", "draft_body", "event", "stored_answer"}
    assert "rendition" in {table for table, _ in left(tenant, lived["id"])}
    quoted = [where for where, answer in answers(tenant, lived, 2) if "mmelbraun" in text_of(answer)]
    assert {"search?q=Zeugin", f"/v1/journey-maps/{lived['id']}/versions/1"} <= set(quoted)
    before = {number: tenant.client.call("GET", path(lived, "versions", number)) for number in "12"}
    etag = draft_of(tenant, lived)["etag"]

    answer = redact(tenant, lived, ids[ITEM])
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert left(tenant, CANARY, "Kümmelbraun") == set()
    assert "rendition" not in {table for table, _ in left(tenant, lived["id"])}  # it is a picture of it
    for where, seen in answers(tenant, lived, 2):
        assert seen.status_code < 500, where
        assert "mmelbraun" not in text_of(seen), where

    changed = {(one["journey_map"], one["version"]): one for one in told["versions"]}
    assert set(changed) == {(lived["id"], 1), (lived["id"], 2), (lived["copy"], 1)}
    assert set(told["drafts"]) == {lived["id"], lived["copy"]}
    assert (told["kind"], told["item"], told["reason"]) == ("item", ids[ITEM], "asked for")
    for number, old in before.items():
        now = tenant.client.call("GET", path(lived, "versions", number), If_None_Match=old["ETag"])
        assert now.status_code == 200
        audit = changed[lived["id"], int(number)]
        assert (audit["old_digest"], audit["new_digest"]) == (
            old.json()["version"]["digest"],
            now.json()["version"]["digest"],
        )
        quotes = now.json()["document"]["stages"][0]["touchpoints"][0]["quotes"]
        assert quotes == [{"id": ids[ITEM], "text": "[redacted]"}, {"id": ids[OTHER], "text": "stays"}]
    assert tenant.client.call("PUT", path(lived, "draft"), {"name": "x"}, etag=etag).status_code == 412
    assert tenant.client.call("GET", f"/v1/redactions/{told['id']}").json() == told
    assert tenant.client.call("GET", "/v1/redactions").json()["results"] == [told]
    assert redact(tenant, lived, ids[ITEM]).json()["code"] == "already_redacted"


def test_what_is_redacted_goes_on_living(tenant: Tenant, lived: dict[str, Any], ids: dict[str, str]) -> None:
    """Digests are those of the bytes: what is restored or published next finds everything in order."""
    assert redact(tenant, lived, ids[ITEM]).status_code == 201
    call = tenant.client.call
    with tenant.enter():
        for digest, content in rows("SELECT digest, content FROM body"):
            assert rows("SELECT sha256(%s) = %s", bytes(content), bytes(digest)) == [(True,)]
        assert rows("SELECT count(*) FROM draft_body WHERE digest <> sha256(content)") == [(0,)]
    done = call("POST", path(lived, "restorations"), {"version": 2, "as": "draft"}, etag="*")
    assert done.status_code == 201, done.content
    same = call("POST", path(lived, "versions"), {}, etag="*")
    assert same.json()["code"] == "nothing_to_publish"
    etag = draft_of(tenant, lived)["etag"]
    sent = {name: value for name, value in draft_of(tenant, lived).items() if name != "etag"}
    assert call("PUT", path(lived, "draft"), sent, etag=etag)["ETag"] == etag
    again = call("POST", path(lived, "restorations"), {"version": 1, "as": "version"}, etag="*")
    assert again.status_code == 201, again.content
    assert "mmelbraun" not in text_of(call("GET", path(lived, "versions", "3")))


def test_events_keep_their_place_and_lose_their_words(
    tenant: Tenant, lived: dict[str, Any], ids: dict[str, str]
) -> None:
    before = tenant.client.call("GET", "/v1/events").json()["results"]
    redact(tenant, lived, ids[ITEM])
    after = {one["id"]: one for one in tenant.client.call("GET", "/v1/events").json()["results"]}
    assert [one["id"] for one in before] == list(after)[: len(before)]
    quoted = next(one for one in before if one["type"] == "x.quoted")
    assert after[quoted["id"]]["data"] == {"journey_map": lived["id"], "n": 3, "erased": True}
    others = [one for one in before if one is not quoted]
    assert [after[one["id"]] for one in others] == others
    told = [one for one in after.values() if one["type"] == "map.item_redacted"]
    assert {one["data"]["journey_map"] for one in told} == {lived["id"], lived["copy"]}


def test_a_repeat_of_an_erased_answer_does_the_work_no_second_time(
    tenant: Tenant, lived: dict[str, Any], ids: dict[str, str]
) -> None:
    redact(tenant, lived, ids[ITEM])
    repeat = tenant.client.call("POST", "/v1/journey-maps", {"document": document(ids)}, key="make")
    assert (repeat.status_code, repeat.json()["code"]) == (410, "answer_erased")
    assert len(tenant.client.call("GET", "/v1/journey-maps").json()["results"]) == 2


def test_a_persona_is_redacted_in_snapshots_and_library(tenant: Tenant) -> None:
    kept = tenant.client.call(
        "POST", "/v1/personas", {"name": CANARY, "key": "kim", "goals": [CANARY]}
    ).json()
    shown = make_map(tenant, {"name": "M", "personas": [{"id": kept["id"]}]})
    publish(tenant, shown)
    answer = redact(tenant, shown, kept["id"])
    assert (answer.status_code, answer.json()["kind"]) == (201, "persona")
    assert left(tenant, CANARY) == set()
    version = tenant.client.call("GET", path(shown, "versions", "1")).json()["document"]
    assert version["personas"] == [{"id": kept["id"], "key": "kim", "name": "[redacted]"}]
    assert tenant.client.call("GET", f"/v1/personas/{kept['id']}").json()["name"] == "[redacted]"
    assert redact(tenant, shown, kept["id"]).status_code == 409


def test_elements_clusters_and_what_quotes_them_lose_their_words(tenant: Tenant) -> None:
    call = tenant.client.call
    notes = [{"text": f"{CANARY} rang thrice"}]
    raw = {
        "name": "M",
        "clusters": [{"key": "calls", "label": f"Of {CANARY}", "notes": notes}],
        "stages": [{"name": "S", "touchpoints": [{"name": f"Calls {CANARY}", "owner": CANARY}]}],
    }
    shown = make_map(tenant, raw)
    publish(tenant, shown, message=f"Now with Calls {CANARY}!")
    copied = call("POST", path(shown, "copies"), {"name": "Copy", "from": "1"}).json()
    publish(tenant, copied, message="says nothing")
    twin = make_map(tenant, {"name": "Twin", "clusters": [{"key": "calls", "label": "no copy"}]})
    call("PATCH", path(shown, "draft"), {"scenario": "x"}, etag="*")
    review = {"verdict": "approve", "comment": f"{CANARY} rang thrice: right"}
    assert call("POST", path(shown, "draft", "reviews"), review, etag="*").status_code == 201
    before = call("GET", path(shown, "versions", "1"))["ETag"]

    element = draft_of(tenant, shown)["stages"][0]["touchpoints"][0]["id"]
    point = redact(tenant, shown, element).json()
    cluster = redact(tenant, shown, "calls").json()
    assert left(tenant, CANARY, "Kümmelbraun") == set()
    for told, kind, named in ((point, "touchpoint", element), (cluster, "cluster", "calls")):
        assert (told["kind"], told["item"]) == (kind, named)
        assert {one["journey_map"] for one in told["versions"]} == {shown["id"], copied["id"]}
    version = call("GET", path(shown, "versions", "1"), If_None_Match=before)
    assert version.json()["version"]["message"] == "[redacted]"
    assert version.json()["document"]["stages"][0]["touchpoints"][0]["name"] == "[redacted]"
    assert call("GET", path(copied, "versions", "1")).json()["version"]["message"] == "says nothing"
    assert call("GET", path(shown, "draft", "reviews")).json()["results"][0]["comment"] == "[redacted]"
    assert draft_of(tenant, twin)["clusters"] == [{"key": "calls", "label": "no copy"}]
    assert redact(tenant, shown, "mails").status_code == 404


def test_a_draft_alone_and_an_archived_map_are_redacted_too(tenant: Tenant, ids: dict[str, str]) -> None:
    shown = make_map(tenant, document(ids))
    assert tenant.client.call("DELETE", path(shown), etag="*").status_code == 204
    told = redact(tenant, shown, ids[ITEM]).json()
    assert (told["versions"], told["drafts"]) == ([], [shown["id"]])
    assert left(tenant, CANARY) == set()


def test_what_is_not_there_is_not_redacted(tenant: Tenant, ids: dict[str, str]) -> None:
    shown, other = make_map(tenant, document(ids)), make_map(tenant)
    assert redact(tenant, other, ids[ITEM]).status_code == 404
    assert redact(tenant, shown, str(uuid.uuid4())).status_code == 404
    assert redact(tenant, shown, "x").status_code == 404
    assert redact(tenant, shown, "").json()["errors"][0]["pointer"] == "/item"
    assert redact(tenant, shown, ids[ITEM], reason="").json()["errors"][0]["pointer"] == "/reason"


def test_a_purge_leaves_no_byte_of_the_map(tenant: Tenant, ids: dict[str, str]) -> None:
    call = tenant.client.call
    raw = json.loads(json.dumps(document(ids)).replace("Moving out", f"Map of {CANARY}"))
    shown = call("POST", "/v1/journey-maps", {"document": raw, "key": "canary-key"}, key="make").json()
    publish(tenant, shown, message=CANARY)
    other = make_map(tenant)
    publish(tenant, other)
    with tenant.enter():
        unlisted = rows("SELECT count(*) FROM body")
    element = draft_of(tenant, shown)["stages"][0]["touchpoints"][0]["id"]
    kpi = call("POST", "/v1/kpis", {"key": "k", "name": "K", "kind": "nps"})
    assert kpi.status_code == 201, kpi.content
    bound = call("POST", path(shown, "bindings"), {"kpi": "k", "element": element, "label": CANARY})
    assert bound.status_code == 201, bound.content
    view = call("POST", "/v1/views", {"journey_map": shown["id"], "name": CANARY, "key": "v"})
    assert view.status_code == 201, view.content
    token = call("POST", "/v1/views/v/tokens", {"name": CANARY}).json()
    assert call("POST", "/v1/views/v/snapshots", {"name": CANARY}).status_code == 201
    assert call(
        "PUT", path(shown, "versions", "1", "labels"), {"labels": [CANARY]}, etag="*"
    ).status_code in (200, 404)
    call("POST", path(shown, "draft", "reviews"), {"verdict": "approve", "comment": CANARY}, etag="*")
    assert call("POST", path(shown, "renditions"), {"format": "pdf"}).status_code == 202
    assert call("POST", "/v1/templates", {"journey_map": shown["id"], "name": CANARY}).status_code == 201
    call("POST", "/v1/collections", {"name": "C", "key": "c", "journey_maps": [shown["id"], other["id"]]})
    assert len({table for table, _ in left(tenant, CANARY)}) >= 10

    refused = purge(tenant, {**shown, "name": "wrong"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_confirmed")
    answer = purge(tenant, {**shown, "name": f"Map of {CANARY}"})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert left(tenant, CANARY, "canary-key", ids[ITEM]) == set()
    assert {table for table, _ in left(tenant, shown["id"])} == {"purge", "event"}
    assert (
        call("GET", path(shown)).status_code == call("GET", path(shown, "versions", "1")).status_code == 404
    )
    assert (
        tenant.client.__class__(token["secret"])
        .call("GET", f"/v1/views/{view.json()['id']}/live")
        .status_code
        == 401
    )
    assert call("GET", "/v1/collections/c").json()["journey_maps"] == [other["id"]]
    assert call("GET", path(other, "versions", "1")).status_code == 200
    assert call("GET", "/v1/kpis/k").status_code == 200
    assert (
        call("GET", f"/v1/purges/{told['id']}").json()
        == told
        == call("GET", "/v1/purges").json()["results"][0]
    )
    assert [one["version"] for one in told["versions"]] == [1]
    with tenant.enter():
        assert rows("SELECT count(*) FROM body") < unlisted
        assert rows(
            "SELECT count(*) FROM due WHERE workspace_id = %s AND kind = 'rendition'", tenant.workspace.id
        ) == [(0,)]
    last = call("GET", "/v1/events").json()["results"][-1]
    assert (last["type"], last["data"]) == ("map.purged", {"journey_map": shown["id"], "purge": told["id"]})


def test_bodies_that_a_copy_lists_outlive_a_purge(tenant: Tenant, lived: dict[str, Any]) -> None:
    assert tenant.client.call("DELETE", path(lived), etag="*").status_code == 204
    assert purge(tenant, lived).status_code == 201
    copied = tenant.client.call("GET", f"/v1/journey-maps/{lived['copy']}/versions/1")
    assert CANARY in text_of(copied)


def test_publishes_and_redactions_at_once_leave_nothing(tenant: Tenant, ids: dict[str, str]) -> None:
    shown = make_map(tenant, document(ids))
    publish(tenant, shown)

    def work(number: int) -> int:
        client = type(tenant.client)(tenant.secret)
        if number == 2:
            body = {"journey_map": shown["id"], "item": ids[ITEM], "reason": "r"}
            return int(client.call("POST", "/v1/redactions", body).status_code)
        where = path(shown, "draft", "touchpoints", "calls")
        codes = []
        for turn in range(3):
            codes.append(client.call("PATCH", where, {"owner": f"{number}.{turn}"}, etag="*").status_code)
            codes.append(client.call("POST", path(shown, "versions"), {}, etag="*").status_code)
            codes.append(
                client.call(
                    "POST", path(shown, "restorations"), {"version": 1, "as": "draft"}, etag="*"
                ).status_code
            )
        return max(code for code in codes if code != 409)

    assert at_once(4, work) == [201, 201, 201, 201]
    assert left(tenant, CANARY) == set()


def test_publishes_and_a_purge_at_once_end_in_nothing(tenant: Tenant, ids: dict[str, str]) -> None:
    shown = make_map(tenant, document(ids))
    publish(tenant, shown)

    def work(number: int) -> set[int]:
        client = type(tenant.client)(tenant.secret)
        if number == 1:
            body = {"confirm": "Moving out", "reason": "r"}
            return {client.call("POST", path(shown, "purges"), body).status_code}
        codes = set()
        for turn in range(4):
            where = path(shown, "draft", "touchpoints", "calls")
            codes.add(client.call("PATCH", where, {"owner": f"{number}.{turn}"}, etag="*").status_code)
            codes.add(client.call("POST", path(shown, "versions"), {}, etag="*").status_code)
        return codes

    first, purged, *others = at_once(4, work)
    assert purged == {201}
    assert set.union(first, *others) <= {200, 201, 404, 409, 412}
    assert {table for table, _ in left(tenant, shown["id"])} == {"purge", "event"}


def waiting() -> None:
    """Return once somebody waits for a lock of another transaction."""
    while not rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
        pass


def test_what_is_added_below_while_a_map_is_purged_goes_along(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    made = tenant.client.call("POST", "/v1/views", {"journey_map": shown["id"], "name": "V"}).json()
    with ThreadPoolExecutor(1) as threads:
        with tenant.enter():
            view = AudienceView.objects.get(id=made["id"])
            pin_snapshot(view=view, name="S", asked=Asked(), at=datetime.now(UTC))
            purging = threads.submit(in_thread, lambda: purge(tenant, shown).status_code)
            waiting()
        assert purging.result() == 201
    assert {table for table, _ in left(tenant, shown["id"])} == {"purge", "event"}


def test_what_is_added_below_after_a_map_was_purged_has_nothing_to_belong_to(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    call = tenant.client.call
    assert call("POST", "/v1/views", {"journey_map": shown["id"], "name": "V", "key": "v"}).status_code == 201
    adding = (
        lambda: call("POST", "/v1/views/v/snapshots", {"name": "S"}),
        lambda: call("POST", "/v1/views/v/tokens", {"name": "T"}),
        lambda: call("POST", "/v1/views", {"journey_map": shown["id"], "name": "W"}),
        lambda: call("PATCH", path(shown, "draft"), {"scenario": "x"}, etag="*"),
    )
    with ThreadPoolExecutor(len(adding)) as threads:
        with tenant.enter():
            row = JourneyMap.objects.get(id=shown["id"])
            who = Caller(uuid.uuid4(), tenant.workspace.id, "api_key", "x", frozenset(), None)
            purge_map(journey_map=row, confirm=row.name, reason="r", caller=who, at=datetime.now(UTC))
            answers = [threads.submit(in_thread, lambda add=add: add().status_code) for add in adding]
            waiting()
        assert {answer.result() for answer in answers} == {404}
    assert {table for table, _ in left(tenant, shown["id"])} == {"purge", "event"}


def in_thread(work: Callable[[], int]) -> int:
    try:
        return work()
    finally:
        connection.close()


def test_only_who_may_erases_and_only_their_own(
    tenant: Tenant, stranger: Tenant, lived: dict[str, Any], ids: dict[str, str]
) -> None:
    assert redact(stranger, lived, ids[ITEM]).status_code == 404
    assert purge(stranger, lived).status_code == 404
    writer = tenant.key("maps:read", "maps:write", "maps:publish")
    body = {"journey_map": lived["id"], "item": ids[ITEM], "reason": "r"}
    assert writer.call("POST", "/v1/redactions", body).status_code == 403
    assert writer.call("POST", path(lived, "purges"), {"confirm": "x", "reason": "r"}).status_code == 403
    told = redact(tenant, lived, ids[ITEM]).json()
    assert stranger.client.call("GET", f"/v1/redactions/{told['id']}").status_code == 404
    assert stranger.client.call("GET", "/v1/redactions").json()["results"] == []
    assert (
        writer.call("GET", "/v1/redactions").status_code
        == writer.call("GET", "/v1/purges").status_code
        == 403
    )


def test_the_app_role_gets_past_no_trigger(tenant: Tenant, stranger: Tenant, lived: dict[str, Any]) -> None:
    """Neither by setting the flag itself, nor by the owner's functions in another workspace."""
    for statement in (
        "DELETE FROM version",
        "UPDATE body SET content = ''",
        "DELETE FROM purge",
        "INSERT INTO purge SELECT * FROM purge",
    ):
        with tenant.enter():
            rows("SELECT set_config('app.erasing', 'yes', true)")
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                rows(statement)
    with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
        cursor.execute("SELECT set_config('app.erasing', 'yes', true)")
        with pytest.raises(Exception, match="insert-only"):
            cursor.execute("DELETE FROM version")
    for helper in ("erase_alone()", "sweep_bodies(NULL, NULL)", "purge_referring('version', 'true')"):
        with pytest.raises(Exception, match="permission denied for function"), tenant.enter():
            rows(f"SELECT {helper}")
    purges = "SELECT purge_map(gen_random_uuid(), %s, 'r', gen_random_uuid(), 'n', now())"
    with pytest.raises(Exception, match="has no map"), stranger.enter():
        rows(purges, lived["id"])
    with pytest.raises(Exception, match="has no workspace"), transaction.atomic():
        rows(purges, lived["id"])
    version = tenant.client.call("GET", path(lived, "versions", "1")).json()["version"]
    redacts = (
        "SELECT redact_versions(gen_random_uuid(), 'x', 'item', '{}', 'r', gen_random_uuid(), "
        "'n', now(), '{}', '{}', ARRAY[%s::uuid], ARRAY['x'::bytea], ARRAY[1], '{}', '{}', '{}', '{}')"
    )
    with stranger.enter():
        rows(redacts, version["id"])
    assert tenant.client.call("GET", path(lived, "versions", "1")).json()["version"] == version
    with tenant.enter():  # the flag ends with the function
        rows(purges, lived["id"])
        assert rows("SELECT current_setting('app.erasing', true)") == [("",)]


def test_no_foreign_key_takes_insert_only_rows_along(tenant: Tenant) -> None:
    """Its action would run as the owner: it must not do what nobody may."""
    found = rows(
        """
        SELECT conname FROM pg_constraint JOIN pg_trigger ON tgrelid = conrelid AND tgname = 'insert_only'
        WHERE contype = 'f' AND confdeltype <> 'a'
        """
    )
    assert found == []
