"""One decorator per operation, so that views stay a dozen lines: id, bodies, query, and every refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut

View = TypeVar("View", bound=Callable[..., Any])

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "format": "entity-tag", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag that you read; or `*` for whatever it is now.",
    examples=[OpenApiExample("Whatever it is now", "*"), OpenApiExample("As read", '"r7"')],
)
REFUSALS = {
    400: "Malformed or invalid; `errors` names every place and rule.",
    401: "No valid credential.",
    403: "The credential lacks the scope.",
    404: "Unknown, deleted, or another workspace's.",
    406: "No acceptable representation.",
    409: "The state does not allow it.",
    410: "Beyond what is kept.",
    412: "The ETag sent is not the current one.",
    413: "The body is too large.",
    415: "The content type is not understood.",
    422: "Understood, but refused by a rule.",
    428: "If-Match is required.",
    429: "Too many requests: Retry-After says when to try again.",
    503: "The database does not answer.",
}


@cache
def page_component(item: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the component of a page of `item`: all three members are always there."""
    name = item.__name__.removesuffix("Out")
    members = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True, help_text="URL of the next page."),
        "previous": serializers.CharField(allow_null=True, help_text="URL of the page before."),
        "__module__": item.__module__,
        "__doc__": "One page of a list; there are no totals.",
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

    `body` is a serializer, a pydantic shape, or {media type: one of them} where there are several.
    `many` makes `answers` a page. `responses` adds or replaces entries by status or (status, media type).
    What follows from these (ETag, Location, Link, conditional reads, replays) is added by `document.finish`.
    """
    declared: dict[Any, Any] = {}
    if answers is not None:
        declared[200] = page_component(answers) if many else answers
    if created is not None:
        declared[201] = created
    if not declared and not responses:
        declared[204] = OpenApiResponse(description="Done.")
    declared |= responses or {}
    given = list(parameters)
    refused = {400, 401, 403, 404, 406, 503}
    if any(parameter.name == IF_MATCH.name for parameter in given):
        refused |= {409, 412, 428}
    if body is not None:
        refused |= {409, 413, 415, 422}
    if created is not None:
        refused |= {409, 422}
    for status in sorted(refused):
        declared.setdefault((status, MEDIA_TYPE), OpenApiResponse(ProblemOut, REFUSALS[status]))
    if query is not None:
        given.append(query)
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or summary + ".",
        tags=[tag],
        request=body,
        responses=declared,
        parameters=given,
    )
