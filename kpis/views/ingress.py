"""`/hooks/{token}`: size → token → proof → rows → 202. A plain view: raw bytes are read once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from kpis.actions import receiving
from kpis.serializers.ingress import PROBE, RECEIVE
from kpis.tasks import process_inbound
from service.auth import well_formed
from service.credentials import enter_by_secret
from service.errors import NotFound, TooLarge, TooManyRequests, UnsupportedMediaType
from service.providers.exchange import Exchange
from service.quota import wait_for
from service.signing import InvalidSignature
from service.wake import wake

MAX_BODY = 1024 * 1024


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Ingress(View):
    http_method_names = ["get", "head", "post", "options"]
    openapi = {"get": PROBE, "post": RECEIVE}

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Answer those who look before they send: Mandrill, Mailchimp, SurveyMonkey."""
        with transaction.atomic():
            receiving.open_endpoint(self._enter(token, datetime.now(UTC)))
        return JsonResponse({"listening": True})

    def options(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        """Answer the validation handshake of CloudEvents' webhooks too: any origin may send."""
        response = super().options(request, *args, **kwargs)
        if origin := request.headers.get("WebHook-Request-Origin"):
            with transaction.atomic():
                self._enter(kwargs["token"], datetime.now(UTC))
            response["WebHook-Allowed-Origin"] = origin
            response["WebHook-Allowed-Rate"] = "*"
        return response

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        at = datetime.now(UTC)
        exchange = Exchange(
            self._body(request),
            {name.lower(): value for name, value in request.headers.items()},
            "POST",
            # Not the request's own host: behind a proxy that is not what the sender called.
            settings.PUBLIC_URL + request.get_full_path(),
        )
        reason = ""
        with transaction.atomic():
            endpoint_id = self._enter(token, at)
            self._pace(endpoint_id)
            try:
                received = receiving.receive(endpoint_id=endpoint_id, exchange=exchange, at=at)
            except InvalidSignature as refusal:
                reason = refusal.reason
                receiving.note_rejection(endpoint_id=endpoint_id, reason=reason, at=at)
            else:
                wake(process_inbound)
        if reason:
            raise InvalidSignature(reason)
        answer = {
            "accepted": True,
            "duplicate": received.duplicates == received.messages,
            "messages": received.messages,
            "duplicates": received.duplicates,
            "held": received.held,
        }
        return JsonResponse(answer, status=202)

    def _enter(self, token: str, at: datetime) -> uuid.UUID:
        """Bind the transaction to the token's workspace; return the endpoint's id. Raises NotFound."""
        caller = enter_by_secret(token, kinds=("ingress_token",), at=at) if well_formed(token) else None
        if caller is None or caller.target_id is None:
            raise NotFound("There is no such endpoint.")
        return caller.target_id

    def _pace(self, endpoint_id: uuid.UUID) -> None:
        """Before anything is verified or stored. Raises TooManyRequests: senders try again."""
        rate, burst = settings.INGRESS_RATE, settings.INGRESS_BURST
        if wait := wait_for("ingress", endpoint_id, rate=rate, burst=burst):
            detail = f"This endpoint takes {rate} requests a second, {burst} at once."
            raise TooManyRequests(detail, headers={"Retry-After": str(wait)})

    def _body(self, request: HttpRequest) -> bytes:
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise UnsupportedMediaType("Send the body without Content-Encoding.")
        body = request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge(f"The limit is {MAX_BODY} bytes.")
        return body
