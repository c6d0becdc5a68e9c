"""Fixtures that several tests of this room share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.kpis.bundles import Elsewhere, elsewhere
from tests.kpis.mail import NPS, OPENS, make


@pytest.fixture(scope="session")
def other() -> Iterator[Elsewhere]:
    """Another server: migrated once, as that takes seconds; each test makes workspaces of its own there."""
    with elsewhere() as other:
        yield other


@pytest.fixture(scope="module")
def shared_kpi(shared_data: Path) -> Path:
    return shared_data / "kpi"


@pytest.fixture(scope="module")
def expected(shared_kpi: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_kpi / "expected.json").read_text(), parse_float=Decimal)
    return found


@pytest.fixture(scope="module")
def govuk(shared_kpi: Path) -> Callable[[str], list[dict]]:
    def load(name: str) -> list[dict]:
        text = (shared_kpi / "govuk-carers-allowance" / f"{name}.json").read_text()
        return list(json.loads(text, parse_float=Decimal)["data"])

    return load


@pytest.fixture
def mail(tenant: Tenant) -> dict[str, Any]:
    """An endpoint whose messages are deliveries and opens."""
    for kpi in (OPENS, NPS):
        assert tenant.client.call("POST", "/v1/kpis", kpi).status_code == 201
    return make(tenant)
