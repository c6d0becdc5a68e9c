"""Idempotency-Key: one effect and one answer, in parallel, after a refusal, after a crash, for a day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from service.idempotency import forget_answers
from service.models import StoredAnswer
from tests.conftest import ApiClient, Tenant
from tests.service.parallel import at_once

KEYS = "/v1/api-keys"
BODY = {"name": "once", "scopes": ["maps:read"]}


def names(tenant: Tenant) -> list[str]:
    return [row["name"] for row in tenant.client.call("GET", f"{KEYS}?page_size=100").json()["results"]]


def test_fifty_at_once_have_one_effect(tenant: Tenant) -> None:
    def post(number: int) -> tuple[int, str, bytes, bool]:
        answer = ApiClient(tenant.secret).call("POST", KEYS, BODY, key="fifty")
        told = answer.headers.get("Retry-After") == "1" and answer.json()["code"] == "idempotency_in_flight"
        return answer.status_code, answer.headers.get("Idempotency-Replayed", ""), answer.content, told

    answers = at_once(50, post)
    assert names(tenant) == ["all", "once"]
    kinds = Counter((status, replayed) for status, replayed, *_ in answers)
    assert kinds.pop((201, "")) == 1
    assert set(kinds) <= {(201, "true"), (409, "")}
    assert len({content for status, _, content, _ in answers if status == 201}) == 1
    assert all(told for status, *_, told in answers if status == 409)
    late = tenant.client.call("POST", KEYS, BODY, key="fifty")
    assert (late.status_code, late["Idempotency-Replayed"], late["Location"][:13]) == (
        201,
        "true",
        "/v1/api-keys/",
    )


def test_a_refusal_is_not_stored(tenant: Tenant) -> None:
    assert tenant.client.call("POST", KEYS, {"name": "once"}, key="k").status_code == 400
    assert tenant.client.call("POST", KEYS, BODY, key="k").status_code == 201


def test_a_stored_answer_hides_its_secret_and_stays_unread_elsewhere(
    tenant: Tenant, stranger: Tenant
) -> None:
    secret = tenant.client.call("POST", KEYS, BODY, key="k").json()["secret"]
    with tenant.enter():
        (kept,) = StoredAnswer.objects.all()
        assert kept.sealed
        assert secret.encode() not in bytes(kept.body)
    # The same key of another workspace, or of another credential, is another key.
    assert "Idempotency-Replayed" not in stranger.client.call("POST", KEYS, BODY, key="k").headers
    other = tenant.key("keys:admin", "maps:read").call("POST", KEYS, BODY, key="k")
    assert "Idempotency-Replayed" not in other.headers
    again = tenant.client.call("POST", KEYS, BODY, key="k")
    assert (again["Cache-Control"], again.json()["secret"]) == ("no-store", secret)


def test_the_same_key_on_another_path_or_query_is_not_the_same_request(tenant: Tenant) -> None:
    made = tenant.client.call("POST", KEYS, BODY, key="k")
    rotated = tenant.client.call(
        "POST", f"{made['Location']}/rotations", BODY | {"grace_seconds": 0}, key="k"
    )
    assert rotated.status_code == 400
    assert tenant.client.call("POST", KEYS, {**BODY, "name": "other"}, key="k").status_code == 422


def test_quoted_and_bare_keys_are_one_and_malformed_ones_are_refused(tenant: Tenant) -> None:
    tenant.client.call("POST", KEYS, BODY, key='"k"')
    assert tenant.client.call("POST", KEYS, BODY, key="k")["Idempotency-Replayed"] == "true"
    for bad in ("", " ", "a b", "é", "k" * 256):
        answer = tenant.client.call("POST", KEYS, BODY, Idempotency_Key=bad)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_key"), bad


def test_an_answer_is_forgotten_after_a_day(tenant: Tenant) -> None:
    tenant.client.call("POST", KEYS, BODY, key="k")
    now = datetime.now(UTC)
    forget_answers(at=now + timedelta(hours=23))
    assert tenant.client.call("POST", KEYS, BODY, key="k")["Idempotency-Replayed"] == "true"
    assert forget_answers(at=now + timedelta(hours=25)) >= 1
    assert "Idempotency-Replayed" not in tenant.client.call("POST", KEYS, BODY, key="k").headers


def test_a_method_that_is_not_there_takes_no_key(tenant: Tenant) -> None:
    assert tenant.client.call("POST", "/v1/me", {}, key="k").status_code == 405
    with tenant.enter():
        assert not StoredAnswer.objects.exists()
