"""The frame around every request: its id, the refusal of NUL, a log line, the last catch."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from service.errors import BadRequest, ServerError
from service.ids import new_id
from service.problems import as_problem, response_of
from service.telemetry import observe_request

log = logging.getLogger("service.request")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = {"/livez", "/readyz", "/metrics"}


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
        # psycopg refuses NUL in any text, so it is named here instead of failing there.
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return response_of(NulByte(), request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view let through: a known refusal, or a logged failure."""
        problem = as_problem(error)
        if problem is None:
            log.error("failed: %s %s", request.method, request.path, exc_info=error)
            problem = ServerError("The failure was logged under this request id.")
        return response_of(problem, request)

    def report(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = match.route if match else "unrouted"
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
