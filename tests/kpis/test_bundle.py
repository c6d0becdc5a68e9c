"""A workspace goes out as a file and comes in elsewhere: line for line the same, and the same on the map."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from kpis.queries.bundle import MODELS, SECTIONS
from tests.conftest import Tenant
from tests.kpis.bundles import Elsewhere, exported, lines_of, rich, rows, without_instant
from tests.kpis.live_maps import Place, now, stamp
from tests.service.databases import ROOT


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return rich(tenant)


def test_there_and_back(place: Place, other: Elsewhere, tmp_path: Path) -> None:
    """Out of here, into another server, out of there: the same lines; and maps show the same there."""
    then = stamp(now())
    bundle = exported(place.client)
    counts = {section: len(rows(bundle, section)) for section in lines_of(bundle)[0]["row"]["sections"]}
    assert [name for name, count in counts.items() if not count] == ["reviews", "merges", "feed_turns"]
    assert b"s3cret" not in bundle
    paths = [
        f"{place.path}/live?as_of={then}&known_at={then}",
        f"{place.path}/versions/1",
        f"{place.path}/versions/2",
        f"{place.path}/draft",
        f"{place.path}/children",
        f"{place.path}/bindings",
        "/v1/kpis/completion",
        f"/v1/kpis/completion/points?as_of={then}&known_at={then}",
        f"/v1/kpis/wrote/points?as_of={then}&known_at={then}",
        f"/v1/kpis/nps/points?from=2026-10-01T00:00:00Z&as_of={then}&known_at={then}",
        "/v1/templates/saved",
        "/v1/collections",
        "/v1/views",
        "/v1/improvements/fewer",
        f"/v1/improvements/fewer/effect?as_of={then}&known_at={then}",
    ]
    here = {path: place.call("GET", path) for path in paths}
    live = place.live()["live"]
    own = other.take(bundle)
    again = other.manage("export_workspace", own, "--readings")
    assert without_instant(again) == without_instant(bundle)
    more = [f"{place.path}/live", "/v1/sources", "/v1/inbound-endpoints", "/v1/workspace"]
    calls = [("GET", path, b"") for path in [*paths, *more]]
    # A source waits for its secret; what is bound learns of readings as it did.
    calls.append(("POST", "/v1/sources/sealed/runs", b""))
    told = other.call(other.key(own), calls, tmp_path)
    there = dict(zip([*paths, *more], told[:-1], strict=True))
    for path in paths:
        assert there[path] == [200, here[path]], path
    assert there[f"{place.path}/live"][1]["live"] == live
    sources = {row["key"]: row for row in there["/v1/sources"][1]["results"]}
    assert {key: (row["needs_secret"], row["enabled"]) for key, row in sources.items()} == {
        "sealed": (True, True),
        "open": (False, True),
    }
    assert sources["sealed"]["status"]["next_run_at"] is None
    assert sources["open"]["status"]["next_run_at"] is not None
    assert there["/v1/inbound-endpoints"][1]["results"][0]["awaiting_secret"] is True
    assert (told[-1][0], told[-1][1]["code"]) == (409, "secret_missing")


# Tables of which nothing is carried, or what is carried with others; the header of a bundle tells why.
NOT_AS_SUCH = {
    *("reading", "reading_key", "binding_state", "dirty_day", "rollup_day", "rollup_hour", "restatement"),
    *("event", "event_feed", "stored_answer", "rendition", "redaction", "purge"),
}
LEFT_HERE = {
    "feedback",
    "feedback_former",
    "feedback_settings",
    "feedback_tally",
    "finding",
    "finding_change",
    "source_backfill",
    "source_run",
    "source_stretch",
    "inbound_event",
    "inbound_run",
    "inbound_claim",
}


def test_every_table_is_carried_or_left_out_for_a_reason(tenant: Tenant) -> None:
    """Whoever makes a table decides what becomes of it when the workspace moves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace"
        )
        tables = {name for (name,) in cursor.fetchall()}
    emptied = {model._meta.db_table for model in MODELS}
    assert tables - emptied == NOT_AS_SUCH
    read = " ".join(section.select for section in SECTIONS)
    assert {table for table in emptied if not re.search(rf"(FROM|JOIN) {table}\b", read)} == LEFT_HERE


MANY = """
INSERT INTO version (id, workspace_id, journey_map_id, number, digest, format, root_body, persona_ids,
                     personas, elements, bodies, message, author_id, author_name, published_at)
SELECT gen_random_uuid(), workspace_id, journey_map_id, number + n, digest, format, root_body, persona_ids,
       personas, elements, bodies, repeat('m', 2000), author_id, author_name,
       published_at + n * interval '1 second'
FROM version, generate_series(1, 4000) n;
INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, numerator, denominator,
                     reason)
SELECT workspace_id, id, '2020-01-01'::timestamptz + n * interval '1 hour',
       '2020-01-01'::timestamptz + (n + 1) * interval '1 hour', '', now(), n, 100000, repeat('r', 500)
FROM series, generate_series(1, 40000) n
"""


def peak(tenant: Tenant) -> tuple[int, int]:
    """Return the bytes of an export, and the most memory (KiB) that its process ever had."""
    arguments = [sys.executable, "manage.py", "export_workspace", str(tenant.workspace.id), "--readings"]
    environment = dict(os.environ) | {"LIVING_MAPS_BOOTSTRAP": "0"}
    with subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        size = sum(map(len, iter(partial(process.stdout.read, 65536), b"")))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return size, used.ru_maxrss


def test_a_large_workspace_fits_in_memory(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("completion", period="week")
    place.rate("completion", 1, 82)
    small, before = peak(tenant)
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(MANY)
    large, after = peak(tenant)
    assert large - small > 40_000_000
    assert after - before < 16_000
