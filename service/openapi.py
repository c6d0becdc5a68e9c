"""The contract: one decorator per operation, and the finishing of the document.

`operation(…)` declares id, bodies, headers and every refusal, so that views stay a dozen lines. The
generated document is committed as docs/openapi.json; a test holds it against the running service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from service.auth import required_scope
from service.serializers import ProblemOut

View = TypeVar("View", bound=Callable[..., Any])
PROBLEM = "application/problem+json"

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that you read; or `*`."
)
_IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters. A repeat within 24 hours gets the stored answer.",
)
_REFUSALS = {
    400: "Malformed or invalid; `errors` names every place and rule.",
    401: "No valid credential.",
    403: "The credential lacks the scope.",
    404: "Unknown, or another workspace's.",
    406: "No acceptable representation.",
    409: "The state does not allow it.",
    410: "Beyond what is kept.",
    412: "The ETag sent is not the current one.",
    413: "The body is too large.",
    415: "The content type is not understood.",
    422: "Understood, but refused by a rule.",
    428: "If-Match is required.",
    503: "The database does not answer.",
}


class Schema(AutoSchema):
    """Operation ids are explicit; the scope stands in the security requirement."""

    def get_auth(self) -> list[dict[str, Any]]:
        scope = required_scope(self.view, self.method)
        if not self.view.authentication_classes:
            return []
        return [{"ApiKey": [scope] if scope else []}]


@cache
def page_component(item: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the component of a page of `item`: all three members are always there."""
    name = item.__name__.removesuffix("Out")
    members = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True, help_text="URL of the next page."),
        "previous": serializers.CharField(allow_null=True, help_text="URL of the page before."),
        "__module__": item.__module__,
    }
    return type(f"{name}PageOut", (serializers.Serializer,), members)


def operation(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    body: Any = None,
    answers: Any = None,
    created: Any = None,
    many: bool = False,
    query: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
    responses: dict[Any, Any] | None = None,
    description: str = "",
) -> Callable[[View], View]:
    """Declare an operation. `answers` is the 200 body, `created` the 201 body, neither means 204.

    `many` makes `answers` a page. `responses` adds or replaces entries by (status, media type).
    """
    declared: dict[Any, Any] = {}
    if answers is not None:
        declared[200] = page_component(answers) if many else answers
    if created is not None:
        declared[201] = created
    if not declared and not responses:
        declared[204] = OpenApiResponse(description="Done.")
    declared |= responses or {}
    refusals = [400, 401, 403, 404, 406, 503]
    given = list(parameters)
    if IF_MATCH in given:
        refusals += [409, 412, 428]
    if body is not None:
        refusals += [409, 413, 415, 422]
    if created is not None:
        given.append(_IDEMPOTENCY)
        refusals += [409, 422]
    for status in sorted(set(refusals)):
        declared.setdefault((status, PROBLEM), OpenApiResponse(ProblemOut, _REFUSALS[status]))
    if query is not None:
        given.append(query)
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or summary + ".",
        tags=[tag],
        request=body,
        responses=declared,
        parameters=[*given, *_headers(declared, many)],
    )


def _headers(declared: dict[Any, Any], many: bool) -> list[OpenApiParameter]:
    ok = [key if isinstance(key, int) else key[0] for key in declared]
    headers = [
        OpenApiParameter("X-Request-Id", str, OpenApiParameter.HEADER, response=sorted({str(s) for s in ok}))
    ]
    if 201 in ok:
        headers.append(OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=["201"]))
    if many:
        headers.append(OpenApiParameter("Link", str, OpenApiParameter.HEADER, response=["200"]))
    return headers


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Close request objects, require every response member, and name the one security scheme."""
    components = result.setdefault("components", {})
    for name, schema in components.get("schemas", {}).items():
        if schema.get("type") != "object" or "properties" not in schema:
            continue
        if name.endswith("Request"):
            schema.setdefault("additionalProperties", False)
    components["securitySchemes"] = {
        "ApiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer lm_key_…`; scopes are listed with each operation.",
        }
    }
    return result
