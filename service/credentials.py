"""Secrets that are only recognised: made once, shown once, stored as SHA-256.

A secret reads `lm_<kind>_<prefix>_<random>`; the prefix names the row in logs and lists, the random
part has 256 bits, so a fast hash is enough. A rotation keeps the former secret for a grace period.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from service.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from service.models import Credential
from service.sql import execute, fetch

_MARK = {"api_key": "key", "view_token": "view", "ingress_token": "hook"}
MAX_GRACE = timedelta(days=7)


class RotationInProgress(Conflict):
    code, title = "rotation_in_progress", "A rotation is under way: at most two secrets answer."


class ScopeBeyondOwn(Forbidden):
    """A key cannot hand out, or get hold of, more than it holds itself."""

    code, title = "scope_beyond_own", "Your key lacks a scope that this key holds or would hold."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the credential behind a request, as authentication found it."""

    credential_id: uuid.UUID
    workspace_id: uuid.UUID
    kind: str
    name: str
    scopes: frozenset[str]
    target_id: uuid.UUID | None

    is_authenticated = True

    def check_holds(self, scopes: Iterable[str]) -> None:
        """Raise ScopeBeyondOwn unless the caller holds all of `scopes`."""
        if beyond := sorted(set(scopes) - self.scopes):
            raise ScopeBeyondOwn(f"Your key lacks {', '.join(beyond)} itself.")


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _new_secret(kind: str) -> tuple[str, str]:
    prefix = secrets.token_hex(4)
    return prefix, f"lm_{_MARK[kind]}_{prefix}_{secrets.token_urlsafe(32)}"


@transaction.atomic
def issue_credential(
    *,
    workspace_id: uuid.UUID,
    kind: str,
    name: str,
    scopes: Iterable[str],
    at: datetime,
    target_id: uuid.UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[Credential, str]:
    """Store a new credential and return it with its secret, which is never readable again."""
    prefix, secret = _new_secret(kind)
    row = Credential.objects.create(
        workspace_id=workspace_id,
        kind=kind,
        name=name,
        prefix=prefix,
        secret_hash=hash_secret(secret),
        scopes=sorted(set(scopes)),
        target_id=target_id,
        expires_at=expires_at,
        created_at=at,
    )
    return row, secret


@transaction.atomic
def rotate_credential(*, credential: Credential, grace: timedelta, at: datetime) -> str:
    """Give the credential a new secret; the former one answers until `at + grace`. At most two are live."""
    if credential.previous_expires_at and credential.previous_expires_at > at:
        raise RotationInProgress(f"Until {credential.previous_expires_at.isoformat()} two secrets answer.")
    prefix, secret = _new_secret(credential.kind)
    changed = Credential.objects.filter(pk=credential.pk, row_version=credential.row_version).update(
        prefix=prefix,
        secret_hash=hash_secret(secret),
        previous_hash=credential.secret_hash,
        previous_expires_at=at + min(grace, MAX_GRACE),
        row_version=F("row_version") + 1,
    )
    if not changed:
        raise PreconditionFailed("The credential changed meanwhile.")
    return secret


@transaction.atomic
def revoke_credential(*, workspace_id: uuid.UUID, credential_id: uuid.UUID, at: datetime) -> None:
    """Make the credential useless from now on."""
    changed = Credential.objects.filter(pk=credential_id, workspace_id=workspace_id, revoked_at=None).update(
        revoked_at=at, row_version=F("row_version") + 1
    )
    if not changed:
        raise NotFound


_FIND = """
SELECT id, workspace_id, kind, name, scopes, target_id,
       set_config('app.workspace', workspace_id::text, true) || set_config('app.credential', id::text, true),
       last_used_at IS NULL OR last_used_at < %(at)s - interval '1 minute'
FROM credential
WHERE (secret_hash = %(hash)s OR (previous_hash = %(hash)s AND previous_expires_at > %(at)s))
  AND kind = ANY(%(kinds)s::text[])
  AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(at)s)
"""
# SKIP LOCKED: a hundred parallel requests of one key must not queue for the minute's one update.
_TOUCH = """
UPDATE credential SET last_used_at = %(at)s
WHERE id = (SELECT id FROM credential WHERE id = %(id)s FOR UPDATE SKIP LOCKED)
"""


def enter_by_secret(secret: str, *, kinds: Iterable[str], at: datetime) -> Caller | None:
    """Find the live credential of `secret` and bind the transaction to its workspace and to itself, in one
    statement."""
    values: dict[str, Any] = {"hash": hash_secret(secret), "at": at, "kinds": "{" + ",".join(kinds) + "}"}
    for row_id, workspace_id, kind, name, scopes, target_id, _, untouched in fetch(_FIND, values):
        if untouched:
            execute(_TOUCH, {"at": at, "id": row_id})
        return Caller(row_id, workspace_id, kind, name, frozenset(scopes), target_id)
    return None
