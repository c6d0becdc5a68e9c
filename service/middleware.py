"""The frame around every request: its id, the refusal of NUL, a log line, the last catch."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from service.errors import BadRequest, LengthRequired, MethodNotAllowed, Problem, UriTooLong
from service.ids import new_id
from service.problems import as_problem, failure, response_of, route_of
from service.telemetry import observe_request

log = logging.getLogger("service.request")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = {"/livez", "/readyz", "/metrics"}
MAX_LINE = 8190


class NulByte(BadRequest):
    code, title = "nul_byte", "NUL has no place in a URL."


class RequestFrame:
    """Outermost middleware. `request.request_id` is the client's X-Request-Id when well formed, else ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())  # type: ignore[attr-defined]
        response = self.respond(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        self.report(request, response, time.perf_counter() - started)
        return response

    def respond(self, request: HttpRequest) -> HttpResponse:
        if refusal := _unreadable(request):
            return response_of(refusal, request)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            # Plain views answer so by themselves, without a body.
            return response_of(MethodNotAllowed(headers={"Allow": response["Allow"]}), request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view let through: a known refusal, or a logged failure."""
        return response_of(as_problem(error) or failure(request), request)

    def report(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        route = route_of(request)
        observe_request(
            route=route, method=request.method or "", status=response.status_code, seconds=seconds
        )
        if request.path not in _QUIET:
            log.info(
                "%s /%s %s %.1f ms id=%s",
                request.method,
                route,
                response.status_code,
                seconds * 1000,
                request.request_id,  # type: ignore[attr-defined]
            )


def _unreadable(request: HttpRequest) -> Problem | None:
    """Return why no view may see the request, None when they may."""
    query = request.META.get("QUERY_STRING", "")
    # psycopg refuses NUL in any text, so it is named here instead of failing there.
    if "\x00" in request.path or "%00" in query:
        return NulByte()
    if len(request.path) + len(query) > MAX_LINE:
        return UriTooLong(f"The limit is {MAX_LINE} characters.")
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        # Django would read such a body as an empty one: a patch that changes nothing, a signature that fails.
        return LengthRequired("Send the body with Content-Length, not in chunks.")
    return None
