"""Every refusal of the service, drawn and then written.

Problem                      status  code
├── BadRequest                  400  bad_request
│   └── ValidationProblem       400  validation_error     all issues, each with a JSON Pointer
├── Unauthenticated             401  unauthenticated
├── Forbidden                   403  insufficient_scope
├── NotFound                    404  not_found            unknown, deleted, or another workspace's
├── MethodNotAllowed            405  method_not_allowed
├── NotAcceptable               406  not_acceptable
├── Conflict                    409  conflict             right request, wrong state
├── Gone                        410  gone                 beyond a horizon that the detail names
├── LengthRequired              411  length_required      a chunked body, which WSGI does not pass on
├── PreconditionFailed          412  precondition_failed  the ETag sent is not the current one
├── TooLarge                    413  too_large
├── UriTooLong                  414  uri_too_long
├── UnsupportedMediaType        415  unsupported_media_type
├── Unprocessable               422  unprocessable        reused idempotency key, refused publish
├── PreconditionRequired        428  precondition_required
├── TooManyRequests             429  quota_exceeded
├── ServerError                 500  server_error
└── Unavailable                 503  unavailable

A room subclasses one of these beside the function that raises it. Pure: the HTTP layer
(`service/problems.py`) turns them into RFC 9457 bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with the input: where (JSON Pointer, "" = the whole), which rule, in words."""

    pointer: str
    code: str
    detail: str

    def under(self, prefix: str) -> Issue:
        """Return the same issue seen from an enclosing document."""
        return Issue(prefix + self.pointer, self.code, self.detail)


class Problem(Exception):
    """A refusal that the client is told of. `headers` travel with the response.

    `members` are further members of its body (RFC 9457 §3.2), for what an issue cannot hold.
    """

    status = 500
    code = "server_error"
    title = "The service failed."

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        issues: Iterable[Issue] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.detail = detail
        self.code = code or type(self).code
        self.issues = tuple(issues)
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        super().__init__(detail or self.title)


class BadRequest(Problem):
    status, code, title = 400, "bad_request", "The request cannot be read."


class ValidationProblem(BadRequest):
    """The input breaks rules; `issues` names all of them at once."""

    code, title = "validation_error", "Invalid input."

    def __init__(self, issues: Iterable[Issue], detail: str = "", **kwargs: str | None) -> None:
        found = tuple(issues)
        super().__init__(
            detail or "; ".join(f"{i.pointer or '/'}: {i.detail}" for i in found[:3]),
            code=kwargs.get("code"),
            issues=found,
        )


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "A valid credential is required."


class Forbidden(Problem):
    status, code, title = 403, "insufficient_scope", "The credential does not allow this."


class NotFound(Problem):
    status, code, title = 404, "not_found", "There is no such thing here."


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "This resource does not know the method."


class NotAcceptable(Problem):
    status, code, title = 406, "not_acceptable", "No acceptable representation."


class Conflict(Problem):
    status, code, title = 409, "conflict", "The state does not allow this."


class Gone(Problem):
    status, code, title = 410, "gone", "This is no longer kept."


class LengthRequired(Problem):
    status, code, title = 411, "length_required", "Content-Length is required."


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition_failed", "The resource changed since it was read."


class TooLarge(Problem):
    status, code, title = 413, "too_large", "The body is too large."


class UriTooLong(Problem):
    status, code, title = 414, "uri_too_long", "The address is too long."


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported_media_type", "This content type is not understood here."


class Unprocessable(Problem):
    status, code, title = 422, "unprocessable", "Understood, but refused by a rule."


class PreconditionRequired(Problem):
    status, code, title = 428, "precondition_required", "If-Match is required."


class TooManyRequests(Problem):
    status, code, title = 429, "quota_exceeded", "Too many requests."


class ServerError(Problem):
    pass


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "The service cannot answer now."
