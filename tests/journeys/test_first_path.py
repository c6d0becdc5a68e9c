"""From nothing to a published version, over HTTP."""

from __future__ import annotations

import json

from tests.conftest import Tenant

MAPS = "/v1/journey-maps"


def test_create_draft_publish_read(tenant: Tenant, stranger: Tenant) -> None:
    made = tenant.client.call("POST", MAPS, {"key": "m", "name": "First"})
    assert made.status_code == 201, made.content
    stage = tenant.client.call("POST", f"{MAPS}/m/draft/stages", {"key": "s", "name": "Stage"})
    assert stage.status_code == 201, stage.content
    point = tenant.client.call(
        "POST", f"{MAPS}/m/draft/touchpoints", {"stage": "s", "key": "t", "name": "Touch"}
    )
    assert point.status_code == 201, point.content
    draft = tenant.client.call("GET", f"{MAPS}/m/draft")
    again = tenant.client.call("PUT", f"{MAPS}/m/draft", draft.content, etag=draft["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (200, draft.content, draft["ETag"])
    published = tenant.client.call("POST", f"{MAPS}/m/versions", {"message": "one"}, etag=draft["ETag"])
    assert published.status_code == 201, published.content
    read = tenant.client.call("GET", f"{MAPS}/m/versions/1")
    shown = json.loads(draft.content)
    del shown["etag"]
    assert json.loads(read.content)["document"] == shown
    for path in ("", "/draft", "/versions", "/versions/1", "/draft/stages", "/draft/touchpoints/t"):
        assert stranger.client.call("GET", f"{MAPS}/m{path}").status_code == 404
