"""The frame of our views: one transaction a request, strict query and body, replays, conditional answers.

Order of checks: size → credential → scope → method (405) → query (400) → idempotency → route/404 →
precondition present (428) → body (415, 400) → current state (412, 409).
"""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from service.credentials import Caller
from service.errors import Issue, TooLarge, ValidationProblem
from service.idempotency import Attempt, Replay
from service.parsers import MergePatchParser
from service.preconditions import IfMatch, not_modified
from service.serializers import In, Query, checked, unasked
from service.tenancy import workspace_transaction

PRIVATE = "private, no-cache"
# What never changes, but may be erased: a copy is used for as long as our own are kept (service/kept.py),
# then asked about again, which costs a 304.
FINAL = "private, max-age=600"
VARY = ("Accept", "Authorization")
# Bytes of a refused body that are read past, and how many of them at once.
THROWN_AWAY, _CHUNK = 64 * 1024 * 1024, 64 * 1024


class ApiView(APIView):
    """A resource. `scopes` names the scope per method, `query` the query parameters per method."""

    scopes: ClassVar[dict[str, str]] = {}
    queries: ClassVar[dict[str, type[Query]]] = {}
    keeps_answers = True  # of POST, by their Idempotency-Key
    shows_secret = False  # the answer of POST carries a secret: its stored copy is encrypted

    _attempt: Attempt | None = None

    @cached_property
    def at(self) -> datetime:
        """The instant of this request, read once."""
        return datetime.now(UTC)

    @property
    def caller(self) -> Caller:
        return self.request.user  # type: ignore[return-value]

    @property
    def workspace_id(self) -> uuid.UUID:
        return self.caller.workspace_id

    @cached_property
    def params(self) -> dict[str, Any]:
        """The validated query parameters."""
        return self._checked_query(self.request)

    @property
    def page_params(self) -> dict[str, Any]:
        """The parameters that `page_of` takes."""
        return {"cursor": self.params.get("cursor"), "page_size": self.params["page_size"]}

    def body(self, serializer: type[In]) -> dict[str, Any]:
        """The validated JSON body. Raises ValidationProblem with every issue."""
        return checked(serializer, self.request.data, context={"view": self, "request": self.request})

    def if_match(self) -> IfMatch:
        """The mandatory precondition of a change. Raises PreconditionRequired (428)."""
        return IfMatch(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._refuse_size(request)
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            self.http_method_not_allowed(request)
        _ = self.params
        header = request.headers.get("Idempotency-Key")
        if request.method == "POST" and header is not None:
            attempt = Attempt(request, header)
            if self.keeps_answers:
                attempt.begin(at=self.at)
                self._attempt = attempt

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        if isinstance(exc, Replay):
            return exc.response
        return super().handle_exception(exc)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        if "Cache-Control" not in final:
            final["Cache-Control"] = "no-store" if self.shows_secret else PRIVATE
        patch_vary_headers(final, VARY)
        if self._attempt and isinstance(final, HttpResponse) and final.status_code < 300:
            answer = final.render() if isinstance(final, Response) else final
            self._attempt.keep(answer, secret=self.shows_secret, at=self.at)
        if isinstance(final, HttpResponse) and final.status_code == 415:
            self._name_accepted(final)
        return final

    def _refuse_size(self, request: Request) -> None:
        """Refuse what is told to be too large before anything of it is kept; parsers count what comes.

        Many clients look for an answer when they have sent everything and not before: they would see a broken
        connection. So what is not beyond all measure is read and thrown away.
        """
        told = request.META.get("CONTENT_LENGTH") or ""
        if told.isdecimal() and int(told) > (limit := max(parser.limit for parser in self.get_parsers())):
            if int(told) <= THROWN_AWAY:
                while request._request.read(_CHUNK):
                    pass
            raise TooLarge(f"The limit is {limit} bytes.")

    def _name_accepted(self, response: HttpResponse) -> None:
        types = ", ".join(parser.media_type for parser in self.get_parsers())
        response["Accept-Patch" if self.request.method == "PATCH" else "Accept-Post"] = types

    def get_parsers(self) -> list[Any]:
        """PATCH takes patches only; everything else takes what the view names (JSON)."""
        method = getattr(self.request, "method", "") if hasattr(self, "request") else ""
        if method == "PATCH" and self.parser_classes == ApiView.parser_classes:
            return [MergePatchParser()]
        return super().get_parsers()

    def _checked_query(self, request: Request) -> dict[str, Any]:
        declared = self.queries.get("GET" if request.method == "HEAD" else request.method or "", Query)
        if not request.GET:
            return dict(unasked(declared))
        repeated = [name for name in request.GET if len(request.GET.getlist(name)) > 1]
        if repeated:
            raise ValidationProblem([Issue(f"/{n}", "repeated", "Send it once.") for n in repeated])
        return checked(declared, request.GET.dict())

    # Answers ------------------------------------------------------------------------------------

    def shown(
        self, data: dict[str, Any], *, status: int = 200, location: str | None = None, volatile: bool = False
    ) -> HttpResponseBase:
        """Answer with one resource; its `etag` member goes into the header, a known one gives 304.

        `volatile`: it shows what changes without a new version (when it last ran, was last used), so that
        its ETag guards changes but says nothing of a copy: never 304.
        """
        etag = data.get("etag")
        reads = self.request.method in {"GET", "HEAD"}
        if etag and reads and not_modified(self.request, etag) and not volatile:
            response: HttpResponseBase = HttpResponse(status=304)
        else:
            response = Response(data, status=status)
        if etag:
            response["ETag"] = etag
        if location:
            response["Location"] = location
        if status == 202:
            response["Retry-After"] = "1"
        return response


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class WaitingView(ApiView):
    """Asks others and waits for them: no transaction is open meanwhile, and no connection is held up by one.

    It changes nothing, so a repeat does no harm and an Idempotency-Key has nothing to guard.
    """

    keeps_answers = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().initial(request, *args, **kwargs)

    def transaction(self) -> AbstractContextManager[None]:
        """Open a transaction that sees the caller's workspace."""
        return workspace_transaction(self.workspace_id)
