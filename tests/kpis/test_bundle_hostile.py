"""Bundles that are not what was written: refused with the line, and nothing of them is stored."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.bundles import Elsewhere, altered, exported, rich, rows, sent
from tests.kpis.live_maps import Place

Change = Callable[[list[Any]], None]


def of(section: str, change: Callable[[Any], None], which: int = 0) -> Change:
    """Change a row of a section."""

    def work(lines: list[Any]) -> None:
        change([line["row"] for line in lines if line["section"] == section][which])

    return work


def put(section: str, *path: Any, value: Any, which: int = 0) -> Change:
    """Set a member of a row of a section."""

    def change(row: Any) -> None:
        for step in path[:-1]:
            row = row[step]
        row[path[-1]] = value

    return of(section, change, which)


def dropped(section: str) -> Change:
    def work(lines: list[Any]) -> None:
        lines[:] = [line for line in lines if line["section"] != section]

    return work


def doubled(section: str) -> Change:
    def work(lines: list[Any]) -> None:
        index = next(i for i, line in enumerate(lines) if line["section"] == section)
        lines.insert(index, lines[index])

    return work


def unknown_section(lines: list[Any]) -> None:
    lines.insert(0, {"section": "api_keys", "row": {}})


def swapped(lines: list[Any]) -> None:
    lines[0], lines[-1] = lines[-1], lines[0]


NOWHERE = str(uuid.uuid4())
ALTERED: dict[str, tuple[Change, str]] = {
    "an unknown section": (unknown_section, "unknown_section"),
    "sections in another order": (swapped, "out_of_order"),
    "a body with another text": (put("bodies", "content", "name", value="Forged"), "digest_mismatch"),
    "a draft with another text": (put("drafts", "root", "name", value="Forged"), "digest_mismatch"),
    "a version with another digest": (put("versions", "digest", value="0" * 64), "digest_mismatch"),
    "a version of no body": (put("versions", "root", value="0" * 64), "unknown_reference"),
    "a version of no element": (put("versions", "elements", 0, 0, value=NOWHERE), "unknown_reference"),
    "no drafts": (dropped("drafts"), "incomplete"),
    "no versions": (dropped("versions"), "unknown_reference"),
    "no revisions": (dropped("kpi_revisions"), "unknown_reference"),
    "no terms": (dropped("binding_terms"), "incomplete"),
    "a map twice": (doubled("journey_maps"), "duplicate"),
    "a binding at no KPI": (put("bindings", "kpi_id", value=NOWHERE), "unknown_reference"),
    "a map above that is not there": (
        put("journey_maps", "parent_map_id", value=NOWHERE),
        "unknown_reference",
    ),
    "a collection of no map": (put("collections", "journey_maps", 0, value=NOWHERE), "incomplete"),
    "an unknown member": (put("personas", "admin", value=True), "invalid"),
    "a persona that is none": (put("personas", "content", value={"goals": 7}), "wrong_type"),
    "a vocabulary that is none": (put("vocabularies", "content", value={"label": ""}), "too_short"),
    "a key like an id": (put("personas", "key", value=NOWHERE), "invalid"),
    "an instant without an offset": (put("personas", "created_at", value="2026-01-01T00:00:00"), "invalid"),
    "recorded in the future": (
        put("readings", "recorded_at", value="2999-01-01T00:00:00+00:00"),
        "in_the_future",
    ),
    "a reading of no series": (put("readings", "series", value=99), "unknown_reference"),
    "a reading out of all years": (put("readings", "end_at", value="2999-01-01T00:00:00+00:00"), "invalid"),
    "a reading beyond all size": (put("readings", "numerator", value=10**15), "out_of_range"),
    "a source within": (
        put("sources", "config", "url", value="https://169.254.169.254/"),
        "blocked_address",
    ),
    "thresholds that are none": (put("rules", "rules", value={"warn": "high"}), "type"),
    "a definition that is none": (put("kpi_revisions", "definition", "kind", value="luck"), "unknown_kind"),
    "a view for a header": (put("views", "embed_origins", value=["https://x; script-src *"]), "invalid"),
    "a view that shows what it may not say": (put("views", "shows", value={"stages": None}), "invalid"),
    "a selector of no texts": (put("bindings", "selector", value={"segment": 7}), "invalid"),
}


def raw(bundle: bytes) -> dict[str, tuple[bytes, str, int]]:
    """Return {what: (bytes, code, line)} of bundles that were damaged on their way."""
    lines = bundle.splitlines(keepends=True)
    last = len(lines)
    header = json.loads(lines[0])
    strange = dict(header, row=dict(header["row"], format="tar"))
    later = dict(header, row=dict(header["row"], sections=[*header["row"]["sections"], "dreams"]))
    nul = lines[1].replace(b'"label', b'"label\\u0000', 1)
    long = b'{"section":"vocabularies","row":{"x":"' + b"x" * (17 * 1024 * 1024) + b'"}}\n'
    twice = b'{"section":"vocabularies","section":"personas","row":{}}\n'
    return {
        "nothing": (b"\n", "syntax", 1),
        "no trailer": (b"".join(lines[:-1]), "cut_off", last),
        "cut within a line": (
            bundle[: len(bundle) // 2],
            "cut_off",
            bundle[: len(bundle) // 2].count(b"\n") + 1,
        ),
        "a flipped letter": (
            bundle.replace(b"Fill", b"Bill").replace(b'"Both"', b'"Bath"', 1),
            "damaged",
            last,
        ),
        "a lost line": (b"".join([*lines[:-2], lines[-1]]), "incomplete", last - 1),
        "something after it": (bundle + b"{}\n", "after_the_end", last + 1),
        "another format": (json.dumps(strange).encode() + b"\n", "unknown_format", 1),
        "a later service's": (json.dumps(later).encode() + b"\n", "unknown_section", 1),
        "no header": (b"".join(lines[1:]), "header_expected", 1),
        "a NUL": (b"".join([lines[0], nul, *lines[2:]]), "nul_character", 2),
        "a raw NUL": (lines[0] + b'{"section":"personas\x00"}\n', "syntax", 2),
        "not UTF-8": (lines[0] + b'{"section":"\xff"}\n', "invalid_utf8", 2),
        "a long line": (lines[0] + long, "line_too_long", 2),
        "a deep line": (lines[0] + b"[" * 100000 + b"\n", "too_deep", 2),
        "a key twice": (lines[0] + twice, "duplicate_key", 2),
        "no JSON": (lines[0] + b"hello\n", "syntax", 2),
    }


def test_nothing_of_them_is_stored(tenant: Tenant, other: Elsewhere, tmp_path: Path) -> None:
    """All go to one workspace, which takes the good one in the end: it was empty still."""
    bundle = exported(rich(tenant).client)
    damaged = raw(bundle)
    forged = {what: (altered(bundle, change), code) for what, (change, code) in ALTERED.items()}
    where = "/v1/bundle/imports"
    calls = [("POST", where, each[0]) for each in (*damaged.values(), *forged.values())]
    calls += [("POST", where, altered(bundle, lambda lines: None)), ("POST", where, bundle)]
    own = other.workspace()
    *told, good, again = other.call(other.key(own), calls, tmp_path)
    found = dict(zip([*damaged, *forged], told, strict=True))
    wrong: dict[str, Any] = {}
    for what, (_, code, line) in damaged.items():
        status, body = found[what]
        if (status, body.get("line"), *_codes(body)) != (400, line, code):
            wrong[what] = status, body.get("line"), _codes(body), body["detail"][:200]
    for what, (_, code) in forged.items():
        status, body = found[what]
        if (status, body.get("code"), *_codes(body)[:1]) != (400, "invalid_bundle", code):
            wrong[what] = status, body.get("line"), _codes(body), body.get("detail", "")[:200]
    assert wrong == {}
    assert good[0] == 201, good
    assert good[1]["counts"]["journey_maps"] == len(rows(bundle, "journey_maps"))
    assert (again[0], again[1]["code"], again[1]["there"]["journey_map"]) == (409, "workspace_not_empty", 4)


def _codes(body: Any) -> list[str]:
    return [error["code"] for error in body.get("errors", [])]


def test_ids_of_another_workspace_are_taken(tenant: Tenant, stranger: Tenant) -> None:
    place = Place(tenant)
    answer = sent(stranger.client, exported(tenant.client))
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken"), answer.content
    assert answer.json()["ids"] == [str(place.map_id)]
    assert exported(stranger.client).count(b"\n") == 2


def test_a_bundle_has_a_size(tenant: Tenant, stranger: Tenant, settings: Any) -> None:
    bundle = exported(tenant.client)
    settings.BUNDLE_MAX_BYTES = len(bundle) - 1
    assert sent(stranger.client, bundle).status_code == 413
    settings.BUNDLE_MAX_BYTES = len(bundle)
    assert sent(stranger.client, bundle).status_code == 201


def test_limits_of_the_workspace_hold(tenant: Tenant, stranger: Tenant) -> None:
    body = {"key": "ann", "name": "Ann"}
    assert tenant.client.call("POST", "/v1/personas", body).status_code == 201
    bundle = altered(exported(tenant.client), put("personas", "id", value=str(uuid.uuid4())))
    Workspace.objects.filter(pk=stranger.workspace.id).update(limits={"personas": 0})
    answer = sent(stranger.client, bundle)
    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")
    Workspace.objects.filter(pk=stranger.workspace.id).update(limits={"personas": 1})
    assert sent(stranger.client, bundle).status_code == 201


def test_a_key_needs_the_scopes(tenant: Tenant) -> None:
    bundle = exported(tenant.client)
    reader = tenant.key("workspace:export", "workspace:admin")
    assert exported(reader) is not None
    assert sent(reader, bundle).status_code == 403
    writer = tenant.key("workspace:import", "workspace:admin")
    assert writer.call("GET", "/v1/bundle").status_code == 403
    assert sent(writer, bundle).status_code == 201


def test_a_repeat_with_its_key_is_answered_as_before(tenant: Tenant, stranger: Tenant) -> None:
    bundle = exported(tenant.client)
    first, second = (sent(stranger.client, bundle, key="once") for _ in range(2))
    assert (first.status_code, second.content) == (201, first.content)


def test_one_export_at_a_time(tenant: Tenant) -> None:
    under_way = tenant.client.call("GET", "/v1/bundle")
    try:
        refused = tenant.client.call("GET", "/v1/bundle")
        assert (refused.status_code, refused.json()["code"]) == (409, "export_under_way")
    finally:
        under_way.close()
    assert exported(tenant.client)


def test_a_bundle_seen_through_a_key_is_its_own_workspace(tenant: Tenant, stranger: Tenant) -> None:
    rich(tenant)
    assert exported(stranger.client).splitlines()[1:-1] == []
