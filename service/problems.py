"""Every error as RFC 9457 problem+json: ours, the framework's, and Django's own pages."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg.errors import ForeignKeyViolation, IdleInTransactionSessionTimeout, TransactionTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from service import errors
from service.errors import Issue, Problem

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


def body_of(problem: Problem, request_id: str) -> dict[str, Any]:
    """Return the members of the problem document."""
    body: dict[str, Any] = {
        "type": f"{settings.PUBLIC_URL}/docs/errors#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.issues:
        body["errors"] = [{"pointer": i.pointer, "code": i.code, "detail": i.detail} for i in problem.issues]
    return body | problem.members


def response_of(problem: Problem, request: HttpRequest) -> HttpResponse:
    """Return the problem as a Django response, for what happens outside a view."""
    response = HttpResponse(
        json.dumps(body_of(problem, getattr(request, "request_id", ""))),
        status=problem.status,
        content_type=MEDIA_TYPE,
    )
    for name, value in problem.headers.items():
        response[name] = value
    return response


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The exception handler of REST framework: every refusal rolls the request's transaction back."""
    problem = as_problem(error)
    if problem is None:
        return None
    set_rollback()
    request = context["request"]
    response = Response(
        body_of(problem, getattr(request, "request_id", "")), status=problem.status, headers=problem.headers
    )
    response.content_type = MEDIA_TYPE
    return response


_BY_STATUS: dict[int, type[Problem]] = {
    cls.status: cls
    for cls in (
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.NotAcceptable,
        errors.UnsupportedMediaType,
        errors.TooManyRequests,
    )
}


def as_problem(error: Exception) -> Problem | None:
    """Return the problem that an exception means to a client, None for a defect of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return errors.ValidationProblem(issues_of(error.detail))
    if isinstance(error, exceptions.APIException) and error.status_code in _BY_STATUS:
        headers = {}
        if auth := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = auth
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        return _BY_STATUS[error.status_code](str(error.detail), headers=headers)
    if isinstance(error, Http404):
        return errors.NotFound()
    if isinstance(error, PermissionDenied):
        return errors.Forbidden()
    if isinstance(error, RequestDataTooBig):
        return errors.TooLarge(f"The limit is {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
    if isinstance(error, DisallowedHost):
        return errors.BadRequest("The Host header names no host of this service.")
    if isinstance(error, SuspiciousOperation):
        return errors.BadRequest()
    if isinstance(error, ObjectDoesNotExist) or isinstance(error.__cause__, ForeignKeyViolation):
        # It, or what it hangs on, was looked up in this transaction: a purge has deleted it since.
        # With its traceback: where no purge was under way, it is a defect of ours.
        log.warning("gone meanwhile: %s", error, exc_info=error)
        return errors.NotFound("What it belongs to was erased meanwhile.")
    if isinstance(error.__cause__, (IdleInTransactionSessionTimeout, TransactionTimeout)):
        # Django takes it for a defect of the database; it is our own bound, on a machine that is too busy.
        log.warning("a transaction took too long: %s", error)
        detail = "It took longer than a transaction may: ask for less at once, or later."
        return errors.Unavailable(detail, headers={"Retry-After": "30"})
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("database unavailable: %s", error)
        return errors.Unavailable("The database does not answer.", headers={"Retry-After": "5"})
    return None


def issues_of(detail: Any, pointer: str = "") -> Iterator[Issue]:
    """Flatten REST framework's nested error detail into issues with JSON Pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = pointer if name == "non_field_errors" else f"{pointer}/{escape(str(name))}"
            yield from issues_of(inner, here)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list))
            if inner or not nested:
                yield from issues_of(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield Issue(pointer, str(getattr(detail, "code", "invalid")), str(detail))


def escape(name: str) -> str:
    """Escape a member name for a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return response_of(as_problem(exception) or errors.BadRequest(), request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return response_of(errors.NotFound(), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return response_of(errors.Forbidden(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it for what fails outside of any view, while the exception is being handled."""
    return response_of(failure(request), request)


def failure(request: HttpRequest) -> Problem:
    """Log the exception that is being handled, under the request's id, and return what the client is told.

    The route stands for the path: paths of hooks and pages hold secrets, and a path may hold line breaks.
    """
    request_id = getattr(request, "request_id", "")
    log.exception("failed: %s /%s id=%s", request.method, route_of(request), request_id)
    return errors.ServerError("The failure was logged under this request id.")


def route_of(request: HttpRequest) -> str:
    """Return the pattern that the path matched."""
    return request.resolver_match.route if request.resolver_match else "unrouted"
