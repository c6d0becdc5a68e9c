"""Idempotency-Key: the answer of a POST, stored in the transaction of its effect.

A lock named by the key is tried first: a second request with the key while the first runs is told
409 with Retry-After. Then a stored answer is replayed, or refused with 422 when the request is
another one; else the work runs and its answer is kept. Nothing "in flight" is ever stored, so a
crash leaves nothing behind. Refusals are not stored: their transaction rolls back.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from rest_framework.request import Request

from service.credentials import Caller
from service.errors import BadRequest, Conflict, Gone, TooLarge, Unprocessable
from service.models import StoredAnswer, Workspace
from service.tenancy import advisory_lock, workspace_transaction
from service.vault import open_sealed, seal

_KEY = re.compile(r'"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')  # RFC 8941 string, or bare
_KEPT_HEADERS = ("Location", "ETag", "Content-Type", "Content-Location")
KEPT_FOR = timedelta(hours=24)


class InvalidKey(BadRequest):
    code, title = "invalid_key", "Idempotency-Key takes 1 to 255 printable ASCII characters."


class InFlight(Conflict):
    code, title = "idempotency_in_flight", "A request with this Idempotency-Key is being answered."


class KeyReused(Unprocessable):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request."


class AnswerErased(Gone):
    code, title = "answer_erased", "The request was answered; its answer was erased since."


class Replay(Exception):
    """Not a failure: the stored answer goes out instead of the work."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class Attempt:
    """One POST that carries a key. `begin()` raises Replay or a refusal; `keep()` stores the answer."""

    def __init__(self, request: Request, header: str) -> None:
        match = _KEY.fullmatch(header)
        if match is None:
            raise InvalidKey
        caller = cast(Caller, request.user)
        self.workspace_id = caller.workspace_id
        place = f"{caller.credential_id}\n{request.method}\n{request.path}\n{match[1] or match[2]}"
        self.scope = hashlib.sha256(place.encode()).digest()
        content = (request.content_type or "").encode() + b"\n" + request.META["QUERY_STRING"].encode()
        self.fingerprint = hashlib.sha256(content + b"\n" + _body(request)).digest()

    def begin(self, *, at: datetime) -> None:
        if not advisory_lock("idempotency", self.workspace_id, self.scope.hex(), wait=False):
            raise InFlight(headers={"Retry-After": "1"})
        kept = StoredAnswer.objects.filter(workspace_id=self.workspace_id, scope=self.scope).first()
        if kept is None:
            return
        if kept.created_at <= at - KEPT_FOR:
            StoredAnswer.objects.filter(workspace_id=self.workspace_id, scope=self.scope).delete()
            return
        if bytes(kept.fingerprint) != self.fingerprint:
            raise KeyReused
        if kept.status == AnswerErased.status:
            raise AnswerErased
        body = open_sealed(bytes(kept.body)).encode() if kept.sealed else bytes(kept.body)
        response = HttpResponse(body, status=kept.status)
        for name, value in kept.headers.items():
            response[name] = value
        response["Idempotency-Replayed"] = "true"
        raise Replay(response)

    def keep(self, response: HttpResponse, *, secret: bool, at: datetime) -> None:
        """Store a successful answer; a body that shows a secret is kept encrypted."""
        StoredAnswer.objects.create(
            workspace_id=self.workspace_id,
            scope=self.scope,
            fingerprint=self.fingerprint,
            status=response.status_code,
            headers={name: response[name] for name in _KEPT_HEADERS if response.has_header(name)},
            body=seal(response.content.decode()) if secret else response.content,
            sealed=secret,
            created_at=at,
        )


def _body(request: Request) -> bytes:
    """Return the whole body, to compare repeats with. Raises TooLarge for what can only be streamed."""
    try:
        return request._request.body
    except RequestDataTooBig:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        detail = f"With an Idempotency-Key a body has at most {limit} bytes: send this one without."
        raise TooLarge(detail) from None


def void_answers(*, workspace_id: uuid.UUID) -> None:
    """Erase all stored answers of a workspace: a repeat is told 410, and does the work no second time."""
    rows = StoredAnswer.objects.filter(workspace_id=workspace_id)
    rows.update(status=AnswerErased.status, headers={}, body=b"", sealed=False)


def forget_answers(*, at: datetime) -> int:
    """Delete the stored answers that no repeat can ask for any more; return how many."""
    deleted = 0
    for workspace_id in Workspace.objects.values_list("id", flat=True):
        with workspace_transaction(workspace_id):
            deleted += StoredAnswer.objects.filter(
                workspace_id=workspace_id, created_at__lt=at - KEPT_FOR
            ).delete()[0]
    return deleted
