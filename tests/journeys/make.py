"""Maps for the tests, made the way clients make them."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant

DOCUMENT: dict[str, Any] = {
    "name": "Renting a flat",
    "actor_kind": "tenant",
    "stages": [
        {
            "name": "Search",
            "key": "search",
            "touchpoints": [
                {
                    "name": "Reads adverts",
                    "key": "adverts",
                    "channels": ["web"],
                    "pains": [{"text": "Stale"}],
                },
                {"name": "Visits", "key": "visit"},
            ],
        },
        {"name": "Contract", "key": "contract", "touchpoints": [{"name": "Signs", "key": "sign"}]},
    ],
}


def make_map(tenant: Tenant, document: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return the shown map, its draft being `document`."""
    answer = tenant.client.call("POST", "/v1/journey-maps", {"document": document or DOCUMENT, **members})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def path(shown: dict[str, Any], *parts: str) -> str:
    return "/".join(["/v1/journey-maps", shown["id"], *parts])


def draft_of(tenant: Tenant, shown: dict[str, Any]) -> dict[str, Any]:
    answer = tenant.client.call("GET", path(shown, "draft"))
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def publish(tenant: Tenant, shown: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Publish the draft as it is and return the answer's body."""
    etag = draft_of(tenant, shown)["etag"]
    answer = tenant.client.call("POST", path(shown, "versions"), members, etag=etag)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def names(document: dict[str, Any]) -> list[list[str]]:
    """Return the names of each stage followed by those of its touchpoints."""
    return [
        [stage["name"], *(touchpoint["name"] for touchpoint in stage.get("touchpoints", ()))]
        for stage in document.get("stages", ())
    ]
