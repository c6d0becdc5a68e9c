"""Token buckets in a real Valkey; without one everything is let pass, and counted."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from service import quota


@pytest.fixture(autouse=True)
def _asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "_silent_until", 0.0)
    monkeypatch.setattr(quota, "TIMEOUT_S", 60.0)  # a busy machine is no outage


def test_a_bucket_holds_its_burst_and_tells_when_there_is_more() -> None:
    name = uuid.uuid4()
    # One token in eleven days: nothing trickles in meanwhile.
    taken = [quota.wait_for("test", name, rate=1e-6, burst=3) for _ in range(5)]
    assert taken[:3] == [0, 0, 0]
    assert all(900_000 < wait <= 1_000_000 for wait in taken[3:])
    assert quota.wait_for("test", uuid.uuid4(), rate=1e-6, burst=3) == 0


def test_without_valkey_all_pass_and_it_is_asked_again_later(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    clock = [100.0]
    monkeypatch.setattr(quota.time, "monotonic", lambda: clock[0])
    before = _passed()
    assert [quota.wait_for("test", "x", rate=1, burst=1) for _ in range(3)] == [0, 0, 0]
    assert _passed() == before + 3
    assert quota._silent_until == clock[0] + quota.PAUSE_S
    clock[0] += quota.PAUSE_S
    assert quota.wait_for("test", "x", rate=1, burst=1) == 0
    assert quota._silent_until == clock[0] + quota.PAUSE_S


def _passed() -> float:
    return float(quota._unlimited.labels("test")._value.get())
