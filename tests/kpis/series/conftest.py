"""Real material that nobody here wrote; tests that need it skip where it is absent."""

import json
from pathlib import Path

import pytest

SHARED_KPI = Path(__file__).resolve().parents[4] / "shared" / "data" / "kpi"


@pytest.fixture(scope="session")
def shared_kpi():
    if not SHARED_KPI.is_dir():
        pytest.skip(f"{SHARED_KPI} is absent")
    return SHARED_KPI


@pytest.fixture(scope="session")
def expected(shared_kpi):
    return json.loads((shared_kpi / "expected.json").read_text(), parse_float=str)
