"""The operator's commands: the first workspace and key, new vault keys, a restored feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from service.events import emit
from service.models import Credential, StoredAnswer
from service.vault import SealBroken, new_key, open_sealed, seal
from tests.conftest import ApiClient, Tenant


def call(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_the_first_workspace_and_its_first_key(tenant: Tenant) -> None:
    made = json.loads(call("create_workspace", "Léa's team", "--zone", "Europe/Paris", "--json"))
    key = json.loads(call("create_api_key", "--workspace", made["workspace"], "--name", "first", "--json"))
    me = ApiClient(key["secret"]).call("GET", "/v1/me").json()
    assert (me["name"], me["scopes"]) == ("first", key["scopes"])
    assert {name: me["workspace"][name] for name in ("id", "name", "zone")} == {
        "id": made["workspace"],
        "name": "Léa's team",
        "zone": "Europe/Paris",
    }


def test_a_narrow_key_that_ends(tenant: Tenant) -> None:
    before = datetime.now(UTC)
    arguments = ("--workspace", str(tenant.workspace.id), "--name", "feed", "--days", "2")
    secret = call("create_api_key", *arguments, "--scope", "readings:write", "--scope", "maps:read")
    row = Credential.objects.get(workspace=tenant.workspace, name="feed")
    assert ApiClient(secret).call("GET", "/v1/me").json()["scopes"] == ["maps:read", "readings:write"]
    assert row.expires_at is not None
    assert timedelta(days=2) <= row.expires_at - before < timedelta(days=2, minutes=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("create_workspace", ""),
        ("create_workspace", "x" * 201),
        ("create_workspace", "x", "--zone", "Mars/Olympus"),
        ("create_api_key", "--workspace", "01a201e5-fb45-71c5-97f6-0f087c43b3a7", "--name", "x"),
        ("create_api_key", "--workspace", "mine", "--name", "x"),
        ("create_api_key", "--workspace", "OURS", "--name", "x" * 201),
        ("create_api_key", "--workspace", "OURS", "--name", "x", "--scope", "all"),
        ("create_api_key", "--workspace", "OURS", "--name", "x", "--days", "0"),
        ("create_api_key", "--workspace", "OURS", "--name", "x", "--days", "-1"),
    ],
)
def test_mistakes_are_told_not_made(tenant: Tenant, arguments: tuple[str, ...]) -> None:
    given = [str(tenant.workspace.id) if word == "OURS" else word for word in arguments]
    with pytest.raises(CommandError) as told:
        call(*given)
    assert str(told.value)
    assert Credential.objects.filter(workspace=tenant.workspace).count() == 1


def test_every_secret_moves_to_the_new_vault_key(settings: Any, tenant: Tenant) -> None:
    former, new = settings.VAULT_KEYS, new_key()
    endpoint = {
        "name": "Survey",
        "rules": [{"kpi": "nps", "value": "$.score", "observed_at": "$.at"}],
    }
    made = tenant.client.call("POST", "/v1/inbound-endpoints", endpoint, key="once")
    assert made.status_code == 201, made.content
    try:
        settings.VAULT_KEYS = [new, *former]
        assert int(call("rotate_secrets").split()[0]) >= 2
        settings.VAULT_KEYS = [new]
        again = tenant.client.call("POST", "/v1/inbound-endpoints", endpoint, key="once")
        assert (again.status_code, again.content) == (201, made.content)
        path = f"{made['Location']}/secret-rotations"
        assert tenant.client.call("POST", path, {}, etag=made["ETag"]).status_code == 201
    finally:
        settings.VAULT_KEYS = [*former, new]
        call("rotate_secrets")


def test_a_secret_whose_key_is_lost_is_named_and_nothing_is_half_done(settings: Any, tenant: Tenant) -> None:
    former, lost = settings.VAULT_KEYS, new_key()
    settings.VAULT_KEYS = [lost]
    broken = seal("body")
    settings.VAULT_KEYS = former
    with tenant.enter():
        row = StoredAnswer.objects.create(
            workspace=tenant.workspace,
            scope=b"s" * 32,
            fingerprint=b"f" * 32,
            status=201,
            headers={},
            body=broken,
            sealed=True,
            created_at=datetime.now(UTC),
        )
    try:
        with pytest.raises(CommandError, match=r"stored_answer .*body: A stored secret cannot be opened"):
            call("rotate_secrets")
        with tenant.enter(), pytest.raises(SealBroken):
            open_sealed(StoredAnswer.objects.get(pk=row.pk).body)
    finally:
        with tenant.enter():
            StoredAnswer.objects.filter(pk=row.pk).delete()


def test_after_a_restore_readers_are_told_to_begin_again(tenant: Tenant) -> None:
    with tenant.enter():
        emit(workspace_id=tenant.workspace.id, type="thing.happened", data={}, at=datetime.now(UTC))
    cursor = tenant.client.call("GET", "/v1/events").json()["cursor"]
    assert tenant.client.call("GET", f"/v1/events?after={cursor}").status_code == 200
    assert int(call("renew_event_feed").split()[0]) >= 1
    gone = tenant.client.call("GET", f"/v1/events?after={cursor}")
    assert (gone.status_code, gone.json()["code"]) == (410, "feed_restored")
    begun = tenant.client.call("GET", "/v1/events").json()
    assert [event["type"] for event in begun["results"]] == ["thing.happened"]
    assert tenant.client.call("GET", f"/v1/events?after={begun['cursor']}").json()["results"] == []
