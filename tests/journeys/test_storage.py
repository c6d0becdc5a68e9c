"""What is stored: bodies once, versions for ever, drafts without a trace; random documents come back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings

from journeys import queries
from journeys.document.bodies import Manifest, assemble, split
from journeys.document.shape import FORMAT
from journeys.document.validate import parse
from service.ids import new_id
from service.kept import Kept
from tests.conftest import Tenant
from tests.journeys.document.strategies import raw_documents
from tests.journeys.make import DOCUMENT, draft_of, make_map, path, publish

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def rows(sql: str, *params: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def renewed(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the document with other ids, as an id belongs to one map: equal ids stay equal."""
    fresh: dict[str, str] = {}
    text = _UUID.sub(lambda m: fresh.setdefault(m[0], str(new_id())), json.dumps(raw))
    return dict(json.loads(text))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw_documents())
def test_any_document_comes_back_from_draft_and_version(tenant: Tenant, raw: dict[str, Any]) -> None:
    """PUT(GET) changes nothing; a version is the draft that it was published from; both are canonical."""
    raw = renewed(raw) | {"personas": [p for p in raw.get("personas") or [] if p.get("name")]}
    raw = {name: value for name, value in raw.items() if name != "parent_touchpoint"}
    kept = {str(p.get(n)) for p in raw["personas"] for n in ("id", "key") if p.get(n)}
    raw = _without(raw, kept)
    shown = make_map(tenant, document=raw)
    where = path(shown, "draft")
    read = tenant.client.call("GET", where)
    again = tenant.client.call("PUT", where, read.content, etag=read["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (200, read.content, '"r1"')
    document = {name: value for name, value in read.json().items() if name != "etag"}
    canonical = assemble(split(parse(document)))
    assert read.content == b'{"etag":"\\"r1\\"",' + canonical[1:]
    published = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert published.status_code == 201, published.content
    version = tenant.client.call("GET", path(shown, "versions", "1"))
    assert version.content.startswith(b'{"document":' + canonical + b",")
    assert published.json()["digest"] == split(parse(document)).digest.hex()
    emptied = tenant.client.call("PUT", where, {"name": "x", "format": FORMAT}, etag="*")
    back = tenant.client.call("DELETE", where, etag=emptied["ETag"])
    assert back.json() | {"etag": ""} == document | {"etag": ""}


def _without(value: Any, personas: set[str]) -> Any:
    """Drop what the publish rules would refuse: other maps' elements, personas that are not there."""
    if isinstance(value, dict):
        found = {k: _without(v, personas) for k, v in value.items() if k != "continues"}
        return {k: v for k, v in found.items() if k != "persona" or v in personas}
    return [_without(item, personas) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("table", ["version", "body"])
def test_versions_and_bodies_take_no_change_from_anybody(tenant: Tenant, table: str) -> None:
    publish(tenant, make_map(tenant))
    column = {"version": "message = 'forged'", "body": "content = 'forged'"}[table]
    for statement in (f'UPDATE "{table}" SET {column}', f'DELETE FROM "{table}"', f'TRUNCATE "{table}"'):
        with pytest.raises(Exception, match="permission denied"), tenant.enter():
            rows(statement + " RETURNING 1" if not statement.startswith("TRUNC") else statement)
        refused = pytest.raises(Exception, match=r"insert-only|cannot truncate")
        with connections["owner"].cursor() as cursor, refused:
            cursor.execute(statement)


def test_one_edit_costs_one_body(tenant: Tenant) -> None:
    shown = make_map(tenant)
    publish(tenant, shown)
    with tenant.enter():
        [(before,)] = rows("SELECT count(*) FROM body")
    for number in range(3):
        tenant.client.call(
            "PATCH", path(shown, "draft", "touchpoints", "visit"), {"owner": str(number)}, etag="*"
        )
    publish(tenant, shown)
    with tenant.enter():
        assert rows("SELECT count(*) FROM body") == [(before + 1,)]
        assert rows("SELECT count(*) FROM draft_body WHERE body IS NULL") == [(0,)]
        assert rows("SELECT count(*) FROM version") == [(2,)]
        assert rows("SELECT count(*) FROM draft_body") == [(6,)]


def test_equal_content_is_stored_once_in_a_workspace_and_apart_from_others(
    tenant: Tenant, stranger: Tenant
) -> None:
    for who in (tenant, tenant, stranger):
        publish(who, make_map(who))
    for who in (tenant, stranger):
        with who.enter():
            [(stored,)] = rows("SELECT count(*) FROM body")
            # root, two stages, three touchpoints; the pain of one has an id of its own in each map
            assert stored == (7 if who is tenant else 6)


def test_what_was_never_published_leaves_no_trace(tenant: Tenant) -> None:
    shown = make_map(tenant)
    where = path(shown, "draft", "touchpoints", "visit")
    tenant.client.call("PATCH", where, {"description": "a slip of the tongue"}, etag="*")
    tenant.client.call("PATCH", where, {"description": None}, etag="*")
    publish(tenant, shown)
    with tenant.enter():
        for table in ("body", "draft_body"):
            assert rows(f"SELECT count(*) FROM {table} WHERE position('slip' IN content) > 0") == [(0,)]


def test_reads_cost_a_fixed_number_of_statements(tenant: Tenant) -> None:
    many = {
        "name": "large",
        "stages": [{"name": str(s), "touchpoints": [{"name": str(t)} for t in range(20)]} for s in range(10)],
    }
    counts = []
    for document in (DOCUMENT, many):
        shown = make_map(tenant, document=document)
        publish(tenant, shown)
        found = []
        for suffix in ("draft", "versions/1", "versions", "draft/stages", "draft/touchpoints"):
            executed: list[str] = []

            def count(run: Any, sql: str, *rest: Any, seen: list[str] = executed) -> Any:
                seen.append(sql)
                return run(sql, *rest)

            with connection.execute_wrapper(count):
                assert tenant.client.call("GET", path(shown, suffix)).status_code == 200
            found.append(len(executed))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 5


def test_a_draft_read_while_it_changes_is_never_kept_under_another_digest(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that holds an old row must not learn new bodies under the old digest."""
    shown = make_map(tenant)
    with tenant.enter():
        row = queries.journey_map(tenant.workspace.id, shown["id"])
        stale = queries.draft_of(row)
    tenant.client.call("PATCH", path(shown, "draft"), {"name": "Newer"}, etag="*")
    forgotten: Kept[Any, bytes] = Kept(10**6, len)
    monkeypatch.setattr(queries.content, "_kept", forgotten)
    with tenant.enter():
        content = queries.draft_bytes(stale)
    assert json.loads(content)["name"] == "Newer"
    assert stale.revision == 2
    manifest: Manifest = split(parse(content))
    assert (stale.digest, forgotten.get((tenant.workspace.id, manifest.digest))) == (manifest.digest, content)
    assert draft_of(tenant, shown)["etag"] == '"r2"'
