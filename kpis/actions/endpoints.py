"""Inbound endpoints: made, changed, archived; their secrets, tokens, and what their rules would read."""

from __future__ import annotations

import secrets as randomness
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from kpis.actions.asking import NotAskedNow
from kpis.actions.inbound_following import Asked, look_at_all, trail_of
from kpis.actions.readings_series import release_series
from kpis.actions.receiving import DUE_KIND
from kpis.actions.recording import preview
from kpis.connectors import PullFailed
from kpis.connectors.mapping import extract
from kpis.models.inbound import InboundEndpoint, InboundEvent, InboundRules
from service import signing
from service.credentials import issue_credential, revoke_credential, rotate_credential
from service.due import set_all_due
from service.errors import Conflict, Issue, ValidationProblem
from service.ids import new_id
from service.models import Credential
from service.preconditions import IfMatch
from service.providers.provider import Provider
from service.providers.table import PROVIDERS
from service.resources import add, archive, change, check_limit
from service.vault import seal

MAX_ENDPOINTS = 500
_SETTABLE = (
    "key", "attributes", "name", "provider", "envelope", "verification", "event", "fetch", "rules", "enabled",
)  # fmt: skip


class NoSecret(Conflict):
    code, title = "no_secret", "This provider signs nothing: the URL is the secret. Rotate its token."


@transaction.atomic
def create_endpoint(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime
) -> tuple[InboundEndpoint, str, str | None]:
    """Create an endpoint; return it with its ingress token and the secret that we made, both shown once.

    values: what the API takes; `secret` is the provider's own, `awaiting_secret` asks to hold messages until
    it is set. Providers that make their secret themselves are awaited without being asked.
    """
    rows = InboundEndpoint.objects.filter(workspace_id=workspace_id, archived_at=None)
    check_limit(rows, workspace_id=workspace_id, name="inbound_endpoints", default=MAX_ENDPOINTS)
    provider = PROVIDERS[values["provider"]]
    given, made = values.get("secret"), None
    if given is not None:
        _check_secret(provider, given)
    elif provider.minted and not values.get("awaiting_secret"):
        made = _new_secret(provider)
    secret = given or made
    row = add(
        InboundEndpoint(
            id=new_id(),
            workspace_id=workspace_id,
            secret=None if secret is None else seal(secret),
            created_at=at,
            updated_at=at,
            **_stored(values),
        )
    )
    _keep_rules(row, at)
    _, token = issue_credential(
        workspace_id=workspace_id, kind="ingress_token", name=row.name, scopes=[], target_id=row.id, at=at
    )
    return row, token, made


@transaction.atomic
def change_endpoint(
    *, endpoint: InboundEndpoint, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> InboundEndpoint:
    """Replace the settings; changed rules get the next version. Raises PreconditionFailed."""
    if values["provider"] != endpoint.provider:
        detail = "An endpoint keeps its provider, as its secret and its messages are of it. Make another one."
        raise ValidationProblem([Issue("/provider", "fixed", detail)])
    cleared: dict[str, Any] = {"key": None, "verification": {}, "event": {}, "fetch": None}
    stored = cleared | _stored(values)
    if stored["rules"] != endpoint.rules:
        stored["rules_version"] = endpoint.rules_version + 1
    changed = change(endpoint, stored, expected=expected, at=at)
    if "rules_version" in stored:
        _keep_rules(changed, at)
    return changed


@transaction.atomic
def archive_endpoint(*, endpoint: InboundEndpoint, expected: IfMatch, at: datetime) -> None:
    """Take the endpoint out of use; its token is revoked. Raises PreconditionFailed."""
    release_series(workspace_id=endpoint.workspace_id, feed_id=endpoint.id)
    archive(endpoint, expected=expected, at=at)
    for token in _tokens(endpoint):
        revoke_credential(workspace_id=endpoint.workspace_id, credential_id=token.id, at=at)


@transaction.atomic
def rotate_secret(
    *,
    endpoint: InboundEndpoint,
    given: str | None,
    overlap: timedelta,
    expected: IfMatch,
    at: datetime,
) -> tuple[InboundEndpoint, str | None]:
    """Give the endpoint another secret, its first one too; the former one verifies until the overlap ends.

    given: the provider's own; else we make one, which is returned. What was held is verified now.
    Raises NoSecret, ValidationProblem, PreconditionFailed.
    """
    provider = PROVIDERS[endpoint.provider]
    if provider.secretless:
        raise NoSecret
    if given is not None:
        _check_secret(provider, given)
    elif not provider.minted:
        detail = f"{provider.title} makes its secret itself; send it here."
        raise ValidationProblem([Issue("/secret", "required", detail)])
    made = _new_secret(provider) if given is None else None
    values: dict[str, Any] = {"secret": seal(given or made or "")}
    if endpoint.secret is not None:
        values |= {"previous_secret": bytes(endpoint.secret), "previous_expires_at": at + overlap}
    row = change(endpoint, values, expected=expected, at=at)
    held = InboundEvent.objects.filter(endpoint=endpoint, request__isnull=False)
    set_all_due(
        workspace_id=endpoint.workspace_id,
        kind=DUE_KIND,
        row_ids=held.values_list("id", flat=True),
        due_at=at,
    )
    return row, made


@transaction.atomic
def rotate_token(*, endpoint: InboundEndpoint, overlap: timedelta, expected: IfMatch, at: datetime) -> str:
    """Give the endpoint another URL, whose token is returned; the former one answers until the overlap ends.

    Raises PreconditionFailed, RotationInProgress.
    """
    change(endpoint, {"updated_at": at}, expected=expected, at=at)
    return rotate_credential(credential=_tokens(endpoint)[0], grace=overlap, at=at)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of the settings. A secret for what is fetched that is not named stays."""
    stored = {name: values[name] for name in _SETTABLE if name in values}
    if "fetch_secret" in values:
        secret = values["fetch_secret"]
        stored["fetch_secret"] = None if secret is None else seal(secret)
    return stored


def _keep_rules(endpoint: InboundEndpoint, at: datetime) -> None:
    """Remember what the rules of this version say: readings name it."""
    InboundRules.objects.create(
        workspace_id=endpoint.workspace_id,
        endpoint=endpoint,
        version=endpoint.rules_version,
        rules=endpoint.rules,
        created_at=at,
    )


def preview_rules(*, endpoint: InboundEndpoint, body: Any, at: datetime) -> dict[str, Any]:
    """Return what the rules would record from `body`, and from what it leads to, which is fetched now.

    Nothing is stored. Not in a transaction. Raises NotAskedNow.
    """
    shown = partial(preview, workspace_id=endpoint.workspace_id, at=at)
    found = extract(endpoint.rules, body, trail=trail_of(endpoint))
    if not found.leads:
        return shown(found)
    (came,) = look_at_all([Asked(endpoint, found.leads)], at=at)
    if isinstance(came, PullFailed):
        if came.held_until is not None:
            raise NotAskedNow(came, at)
        return shown(found, error=str(came))
    return shown(extract(endpoint.rules, body, trail=trail_of(endpoint, more=came)))


def _tokens(endpoint: InboundEndpoint) -> list[Credential]:
    rows = Credential.objects.filter(
        workspace_id=endpoint.workspace_id, kind="ingress_token", target_id=endpoint.id, revoked_at=None
    )
    return list(rows.order_by("created_at"))


def _new_secret(provider: Provider) -> str:
    """Return a secret as the provider takes it."""
    if provider.check is signing.check_secret:
        return signing.new_secret()
    word = randomness.token_urlsafe(32)
    return f"living-maps:{word}" if provider.key == "postmark" else word


def _check_secret(provider: Provider, secret: str) -> None:
    if provider.secretless:
        raise ValidationProblem([Issue("/secret", "not_taken", f"{provider.title} has no secret.")])
    try:
        provider.check(secret)
    except signing.InvalidSecret as error:
        raise ValidationProblem([Issue("/secret", "invalid_secret", str(error))]) from error
