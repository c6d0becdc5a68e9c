"""A map's own words are redacted: in all its versions, its draft, its name, and where copies say the same."""

from __future__ import annotations

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, path, publish
from tests.journeys.test_erasure import CANARY, answers, left, redact, text_of


def test_what_a_map_says_of_itself_is_gone_everywhere(tenant: Tenant) -> None:
    call = tenant.client.call
    raw = {
        "name": f"Map of {CANARY}",
        "scenario": f"{CANARY} moves out",
        "stages": [{"name": "S", "touchpoints": [{"name": "Calls", "key": "calls"}]}],
    }
    shown = make_map(tenant, raw)
    assert call("PATCH", path(shown), {"attributes": {"who": CANARY}}, etag="*").status_code == 200
    publish(tenant, shown, message=f"Map of {CANARY}, at last")
    call("PATCH", path(shown, "draft"), {"description": f"More of {CANARY}"}, etag="*")
    copied = call("POST", path(shown, "copies"), {"name": "Another", "from": "1"}).json()
    publish(tenant, copied)
    call("PATCH", path(copied, "draft"), {"description": "of its own"}, etag="*")
    assert call("POST", "/v1/templates", {"journey_map": shown["id"], "name": "T"}).status_code == 201
    assert CANARY in text_of(call("GET", f"/v1/search?q={CANARY.split()[0]}"))

    told = redact(tenant, shown, shown["id"])
    assert told.status_code == 201, told.content
    assert (told.json()["kind"], told.json()["item"]) == ("map", shown["id"])
    assert {one["journey_map"] for one in told.json()["versions"]} == {shown["id"], copied["id"]}
    assert set(told.json()["drafts"]) == {shown["id"], copied["id"]}
    assert left(tenant, CANARY) == set()
    for where, answer in answers(tenant, shown, 1):
        assert CANARY not in text_of(answer), where
    named = call("GET", path(shown)).json()
    assert (named["name"], named["attributes"]) == ("[redacted]", {})
    assert call("GET", path(copied)).json()["name"] == "Another"
    assert draft_of(tenant, copied)["description"] == "of its own"
    assert redact(tenant, shown, shown["id"]).json()["code"] == "already_redacted"
    assert redact(tenant, copied, shown["id"]).status_code == 404
    same = call("POST", path(shown, "versions"), {}, etag="*")
    assert same.json()["code"] == "nothing_to_publish", "only the description differed"
