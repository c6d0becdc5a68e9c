"""Fixtures of the embedded servers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.data import DataDirectory


@pytest.fixture
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the suite's own servers."""
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data(nothing_given: None) -> Iterator[DataDirectory]:
    """A prepared data directory that any account may pass."""
    base = Path(tempfile.mkdtemp(prefix="living-maps-test-"))
    base.chmod(0o711)
    directory = DataDirectory(base / "data")
    directory.prepare()
    yield directory
    directory.erase()
    shutil.rmtree(base)
