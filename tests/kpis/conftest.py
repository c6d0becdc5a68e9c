"""Fixtures that several tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kpis.bundles import Elsewhere, elsewhere


@pytest.fixture(scope="session")
def other() -> Iterator[Elsewhere]:
    """Another server: migrated once, as that takes seconds; each test makes workspaces of its own there."""
    with elsewhere() as other:
        yield other
