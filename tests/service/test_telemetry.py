"""Metrics: one process, several processes that come and go, and figures read at the scrape."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service import telemetry

ROOT = Path(__file__).resolve().parents[2]

# A process of the deployment: counts `argv[2]` requests, then says so and waits to be ended.
WORKER = """
import sys
from service.telemetry import observe_request
for _ in range(int(sys.argv[1])):
    observe_request(route="v1/kpis", method="GET", status=200, seconds=0.004)
print("counted", flush=True)
sys.stdin.read()
"""
FORKING = """
import os, sys
from service.telemetry import counter, exposition
pulls = counter("pulls", "Pulls.", ["outcome"])
pulls.labels("ok").inc()
for _ in range(3):
    if (child := os.fork()) == 0:
        pulls.labels("ok").inc(10)
        os._exit(0)
    os.waitpid(child, 0)
pulls.labels("ok").inc(100)
sys.stdout.write(exposition([]).decode())
"""
SCRAPE = "import sys; from service.telemetry import exposition; sys.stdout.write(exposition([]).decode())"


def _python(code: str, directory: Path | str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=directory or None,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _output(code: str, directory: Path | str) -> str:
    process = _python(code, directory)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return told


def _sample(text: str, name: str, **labels: str) -> float | None:
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def test_a_request_is_counted_and_timed_under_its_route() -> None:
    labels = {"route": "v1/test-telemetry", "method": "GET"}
    name = "livingmaps_http_requests_total"
    before = _sample(telemetry.exposition([]).decode(), name, **labels, status="200") or 0
    telemetry.observe_request(route=labels["route"], method="GET", status=200, seconds=0.03)
    telemetry.observe_request(route=labels["route"], method="BREW" * 100, status=405, seconds=0.03)
    text = telemetry.exposition([]).decode()
    assert _sample(text, name, **labels, status="200") == before + 1
    assert _sample(text, name, route=labels["route"], method="OTHER", status="405") == before + 1
    buckets = "livingmaps_http_request_seconds_bucket"
    assert _sample(text, buckets, **labels, le="0.025") == before
    assert _sample(text, buckets, **labels, le="0.05") == before + 1
    assert "BREW" not in text


def test_measurements_are_told_as_gauges_and_escaped() -> None:
    rows = [
        ("livingmaps_due_oldest_seconds", {"kind": "pull"}, 12.5),
        ("livingmaps_due_rows", {"kind": "pull"}, 3.0),
        ("livingmaps_due_oldest_seconds", {"kind": 'a"b\n'}, 0.0),
    ]
    text = telemetry.exposition(iter(rows)).decode()
    assert _sample(text, "livingmaps_due_oldest_seconds", kind="pull") == 12.5
    assert _sample(text, "livingmaps_due_oldest_seconds", kind='a"b\n') == 0.0
    assert text.count("# TYPE livingmaps_due_oldest_seconds gauge") == 1


def test_a_scrape_that_cannot_read_fails_before_it_answers() -> None:
    def measure() -> Iterator[tuple[str, dict[str, str], float]]:
        yield "livingmaps_due_rows", {}, 1.0
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        telemetry.exposition(measure())


def test_processes_add_up_and_slots_are_used_again(
    tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    for count in ("3", "4"):
        running.append(_python(WORKER, tmp_path, count))
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "counted\n"
    name, labels = "livingmaps_http_requests_total", {"route": "v1/kpis", "method": "GET", "status": "200"}
    assert _sample(_output(SCRAPE, tmp_path), name, **labels) == 7

    # One dies without a word. Its counts stay, and whoever comes next goes on in its files.
    running[0].send_signal(signal.SIGKILL)
    running[0].wait()
    for _ in range(5):
        later = _python(WORKER, tmp_path, "10")
        later.communicate(timeout=30)
    assert _sample(_output(SCRAPE, tmp_path), name, **labels) == 57
    slots = {re.sub(r"\D", "", path.name) for path in tmp_path.glob("*.db")}
    assert len(slots) <= 3


def test_forked_children_count_apart_from_their_parent(tmp_path: Path) -> None:
    text = _output(FORKING, tmp_path)
    assert _sample(text, "livingmaps_pulls_total", outcome="ok") == 131
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_without_a_directory_a_process_counts_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = _output(FORKING, "")
    assert _sample(text, "livingmaps_pulls_total", outcome="ok") == 101
    assert list(tmp_path.iterdir()) == []
