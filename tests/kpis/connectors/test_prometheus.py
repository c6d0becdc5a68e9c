"""Against Debian's Prometheus, over data written for the test; skipped where it is not installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpis.connectors import CONNECTORS, Fetched, PullFailed, Window
from kpis.connectors.prometheus import _steps
from tests.kpis.connectors.replica import WINDOW, Answer, fetched, mapped, replica

SERVER = shutil.which("prometheus")
DAY = 86_400
FIRST = int(datetime(2026, 10, 5, tzinfo=UTC).timestamp())
needs_server = pytest.mark.skipif(SERVER is None or shutil.which("promtool") is None, reason="no prometheus")


def openmetrics() -> str:
    """Three days of a counter per path that grows by 10 and 20 an hour; one gauge that ends after a day."""
    lines = ["# TYPE visits counter"]
    for path, step in (("/", 10), ("/pay", 20)):
        lines += [
            f'visits_total{{path="{path}"}} {step * hour} {FIRST + hour * 3600}' for hour in range(3 * 24 + 1)
        ]
    lines.append("# TYPE waiting gauge")
    lines += [f"waiting {hour} {FIRST + hour * 3600}" for hour in range(25)]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert SERVER is not None
    home: Path = tmp_path_factory.mktemp("prometheus")
    (home / "data.txt").write_text(openmetrics())
    (home / "prometheus.yml").write_text("global: {}\n")
    blocks = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "data.txt", "data"]
    subprocess.run(blocks, cwd=home, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    options = [
        f"--web.listen-address=127.0.0.1:{port}",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
    ]
    options += ["--storage.tsdb.retention.time=10y", "--log.level=error"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([SERVER, *options], cwd=home, stdout=log, stderr=log)
        try:
            wait_for(f"{base}/-/ready", server)
            yield base
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        assert server.poll() is None
        assert time.monotonic() < until
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)


def window(days: int) -> Window:
    start = datetime.fromtimestamp(FIRST, UTC)
    return Window(start, start + timedelta(days=days))


@needs_server
def test_a_range_query_gives_a_figure_per_step_and_series(prometheus: str) -> None:
    config = {"url": prometheus, "query": "visits_total - visits_total offset 1d", "step": "P1D"}
    _, documents = fetched("prometheus", config, window=window(3))
    found = [(row["labels"]["path"], row["start"][:10], row["end"][:10], row["value"]) for row in documents]
    assert found == [
        ("/", "2026-10-05", "2026-10-06", "240"),
        ("/", "2026-10-06", "2026-10-07", "240"),
        ("/", "2026-10-07", "2026-10-08", "240"),
        ("/pay", "2026-10-05", "2026-10-06", "480"),
        ("/pay", "2026-10-06", "2026-10-07", "480"),
        ("/pay", "2026-10-07", "2026-10-08", "480"),
    ]
    mapping = {
        "kpi": "visits",
        "value": "$.value",
        "start": "$.start",
        "end": "$.end",
        "labels": {"path": {"path": "$.labels.path"}},
    }
    items = mapped([mapping], documents).items
    assert [(item["labels"], int(item["value"])) for item in items][3] == ({"path": "/pay"}, 480)
    assert items[0]["end"] - items[0]["start"] == timedelta(days=1)


@needs_server
def test_an_instant_query_and_a_scalar(prometheus: str) -> None:
    config = {"url": f"{prometheus}/", "query": "sum(visits_total)"}
    _, documents = fetched("prometheus", config, window=window(1))
    assert [(row["labels"], row["value"], row["at"]) for row in documents] == [
        ({}, "720", "2026-10-06T00:00:00+00:00")
    ]
    _, (scalar,) = fetched(
        "prometheus", {"url": prometheus, "query": "scalar(sum(visits_total))"}, window=window(1)
    )
    assert scalar["value"] == "720"


@needs_server
def test_what_is_not_there_is_no_reading_and_never_nought(prometheus: str) -> None:
    """A series that ended has no samples; 0/0 is null; a division by nought is no figure and named."""
    stale = {"url": prometheus, "query": "waiting", "step": "P1D"}
    assert [row["value"] for row in fetched("prometheus", stale, window=window(3))[1]] == ["24"]
    mapping = {"kpi": "w", "value": "$.value", "observed_at": "$.at"}
    nothing = {"url": prometheus, "query": "0 * visits_total / (0 * visits_total)"}
    found = mapped([mapping], fetched("prometheus", nothing, window=window(1))[1])
    assert (found.nulls, found.items) == (2, [])
    endless = {"url": prometheus, "query": "visits_total / (0 * visits_total)"}
    found = mapped([mapping], fetched("prometheus", endless, window=window(1))[1])
    assert (found.unfit, [issue.code for issue in found.issues]) == (2, ["unfit", "unfit"])


@needs_server
def test_errors_and_warnings_are_those_of_the_server(prometheus: str) -> None:
    with pytest.raises(PullFailed, match=r"answered 400\. It says: .*parse error") as failure:
        fetched("prometheus", {"url": prometheus, "query": "sum(("})
    assert failure.value.permanent
    many = {"url": prometheus, "query": "waiting", "step": "PT1S"}
    with pytest.raises(PullFailed, match="More than 11000 steps"):
        fetched("prometheus", many)
    told, _ = fetched("prometheus", {"url": prometheus, "query": "rate(waiting[3h])"}, window=window(1))
    assert all(note.code in {"info", "warning"} for note in told.notes)


def test_warnings_are_shown_with_the_figures() -> None:
    answer = {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {"a": "b"}, "value": [FIRST + 0.5, "1.5"]}]},
        "warnings": ["a store did not answer"],
        "infos": ["might not be a counter"],
    }
    with replica(lambda asked: Answer(answer)) as peer:
        told, documents = fetched("prometheus", {"url": peer.base, "query": "x"}, "s3cret")
    assert [(note.code, note.detail) for note in told.notes] == [
        ("warning", "a store did not answer"),
        ("info", "might not be a counter"),
    ]
    assert (documents[0]["value"], documents[0]["at"]) == ("1.5", "2026-10-05T00:00:00.500000+00:00")
    assert (peer.asked[0].method, peer.asked[0].path) == ("POST", "/api/v1/query")
    assert peer.asked[0].headers["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"status":"success"}', b'{"status":"success","data":{"resultType":"vector","result":[1]}}'],
)
def test_what_is_no_answer_of_prometheus_is_refused(body: bytes) -> None:
    with pytest.raises(PullFailed, match="no answer of Prometheus"):
        CONNECTORS["prometheus"].read({}, Fetched([body], WINDOW))


@pytest.mark.parametrize(
    ("start", "step_s", "first", "last"),
    [
        ("2026-10-05T00:00:00", DAY, "2026-10-06", "2026-10-12"),
        ("2026-10-05T00:00:01", DAY, "2026-10-07", "2026-10-12"),
        ("2026-09-28T00:00:00", 7 * DAY, "2026-10-05", "2026-10-12"),
    ],
)
def test_steps_are_whole_periods_inside_the_window(start: str, step_s: int, first: str, last: str) -> None:
    asked = Window(datetime.fromisoformat(start).replace(tzinfo=UTC), datetime(2026, 10, 12, 9, tzinfo=UTC))
    found: tuple[Any, ...] = _steps(asked, step_s)
    assert [one.strftime("%Y-%m-%d") for one in found] == [first, last]
