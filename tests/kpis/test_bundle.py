"""A workspace goes out as a file and comes in elsewhere: line for line the same, and the same on the map."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import view_of
from tests.kpis.live_maps import DOCUMENT, Place, stamp, week
from tests.service.databases import database, run

NDJSON = "application/x-ndjson"


def exported(client: ApiClient, query: str = "?readings=true") -> bytes:
    answer = client.call("GET", f"/v1/bundle{query}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def rows(bundle: bytes, section: str) -> list[Any]:
    found = [json.loads(line) for line in bundle.splitlines()]
    return [line["row"] for line in found if line["section"] == section]


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def test_it_is_exported(place: Place) -> None:
    bundle = exported(place.client)
    print(bundle.decode())
