"""Maps in from other tools: looked at first, then put into drafts."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from journeys import actions
from journeys.formats.registry import JSON, readable
from journeys.serializers.imports import (
    Asked,
    ImportIn,
    ImportQuery,
    asked_of,
    targets_of,
)
from journeys.serializers.imports_out import ImportOut, import_out
from journeys.views.exports import TAG
from service.http import ApiView
from service.openapi import operation
from service.parsers import LargeJsonParser, raw_parsers

_MEDIA = dict.fromkeys(media for each in readable() for media in (each.media_type, *each.also_types))
MEDIA_TYPES = [media for media in (*_MEDIA, "text/plain", "application/octet-stream") if media != JSON]
_IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "format": "entity-tag", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
    OpenApiParameter.HEADER,
    required=False,
    description="With `into`, required unless it is a dry run: the ETag of that map's draft, or `*`.",
)


class ImportList(ApiView):
    scopes = {"POST": "maps:write"}
    queries = {"POST": ImportQuery}
    parser_classes = [LargeJsonParser, *raw_parsers(MEDIA_TYPES)]

    @operation(
        "importJourneyMaps",
        "Import maps from another tool",
        body={JSON: ImportIn, **dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY)},
        answers=ImportOut,
        tag=TAG,
        query=ImportQuery,
        parameters=[_IF_MATCH],
        responses={201: OpenApiResponse(ImportOut, "At least one map was made.")},
        description="The body is the content itself in its media type, or JSON that holds it. `dry_run=true` "
        "tells of each map how it is read, what is invalid or lossy and where, what was guessed; with "
        "`into`, what it is matched with and what would change. Then the same request without it puts the "
        "maps into drafts, all or none. Elements that are matched keep their ids, so what is bound to them "
        "stays bound; what the format cannot say stays as it is in the draft. The same content twice "
        "changes nothing.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        asked = asked_of(request, self.params)
        dry_run = self.params["dry_run"]
        work = partial(self.imported, request, asked, dry_run=dry_run)
        done = actions.rehearse(work) if dry_run else work()
        if not dry_run and not asked.skips and any(each.status == "refused" for each in done):
            raise actions.refusal_of(done)
        made = [each.journey_map for each in done if each.status == "created" and each.journey_map]
        created = bool(made) and not dry_run
        return self.shown(
            import_out(asked.order.form.name, done, dry_run=dry_run),
            status=201 if created else 200,
            location=f"/v1/journey-maps/{made[0].pk}" if created else None,
        )

    def imported(self, request: Request, asked: Asked, *, dry_run: bool) -> list[actions.Imported]:
        found = actions.read_maps(asked.order)
        targets = targets_of(asked, found, self.workspace_id, request, dry_run=dry_run)
        return actions.import_maps(
            workspace_id=self.workspace_id,
            order=asked.order,
            maps=list(zip(found, targets, strict=True)),
            at=self.at,
        )
