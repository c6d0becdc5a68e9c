"""What every configurable resource shares, asked of personas: keys, limits, guards, archive, in parallel."""

from __future__ import annotations

from collections import Counter

from service.models import Workspace
from tests.conftest import ApiClient, Tenant
from tests.service.parallel import at_once

PERSONAS = "/v1/personas"


def test_of_many_with_one_key_one_gets_it(tenant: Tenant) -> None:
    def post(number: int) -> tuple[int, str]:
        body = {"key": "ada", "name": f"Ada {number}"}
        answer = ApiClient(tenant.secret).call("POST", PERSONAS, body)
        return answer.status_code, answer.json().get("code", "")

    answers = Counter(at_once(8, post))
    assert answers == {(201, ""): 1, (409, "key_taken"): 7}


def test_limits_hold_in_parallel(tenant: Tenant) -> None:
    Workspace.objects.filter(pk=tenant.workspace.pk).update(limits={"personas": 3})
    statuses = at_once(
        8, lambda n: ApiClient(tenant.secret).call("POST", PERSONAS, {"name": f"P {n}"}).status_code
    )
    assert Counter(statuses) == {201: 3, 409: 5}
    assert len(tenant.client.call("GET", PERSONAS).json()["results"]) == 3


def test_of_many_changes_of_one_version_one_wins(tenant: Tenant) -> None:
    made = tenant.client.call("POST", PERSONAS, {"key": "ada", "name": "Ada"}).json()

    def patch(number: int) -> tuple[int, str]:
        answer = ApiClient(tenant.secret).call(
            "PATCH", f"{PERSONAS}/ada", {"name": f"Ada {number}"}, etag=made["etag"]
        )
        return answer.status_code, answer["ETag"]

    answers = at_once(6, patch)
    assert Counter(status for status, _ in answers) == {200: 1, 412: 5}
    (current,) = {etag for _, etag in answers}
    shown = tenant.client.call("GET", f"{PERSONAS}/ada")
    assert (shown["ETag"], shown.json()["etag"]) == (current, current)


def test_an_archived_key_is_free_again(tenant: Tenant) -> None:
    first = tenant.client.call("POST", PERSONAS, {"key": "ada", "name": "Ada"}).json()
    assert tenant.client.call("DELETE", f"{PERSONAS}/ada", etag=first["etag"]).status_code == 204
    assert tenant.client.call("GET", f"{PERSONAS}/ada").status_code == 404
    assert (
        tenant.client.call("PATCH", f"{PERSONAS}/{first['id']}", {"name": "x"}, etag="*").status_code == 404
    )
    second = tenant.client.call("POST", PERSONAS, {"key": "ada", "name": "Ada"})
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


def test_a_patch_that_changes_nothing_keeps_the_version(tenant: Tenant) -> None:
    made = tenant.client.call("POST", PERSONAS, {"key": "ada", "name": "Ada"}).json()
    same = tenant.client.call("PATCH", f"{PERSONAS}/ada", {"name": "Ada"}, etag=made["etag"])
    assert (same.status_code, same["ETag"]) == (200, made["etag"])
    back = tenant.client.call("PATCH", f"{PERSONAS}/ada", same.json(), etag=same["ETag"])
    assert (back.status_code, back["ETag"]) == (200, made["etag"])
