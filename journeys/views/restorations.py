"""A former version again, as the draft or as the next version."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.restorations import DRAFT, RestorationIn, RestorationOut, restoration_out
from journeys.serializers.versions import PublishQuery, published_out
from journeys.views.versions import TAG
from service.auth import require_scope
from service.http import ApiView
from service.openapi import IF_MATCH, operation


class RestorationList(ApiView):
    """A room above that has more to say of a publish takes `post` and `publish` over."""

    scopes = {"POST": "maps:write"}
    queries = {"POST": PublishQuery}

    @operation(
        "restoreVersion",
        "Restore a version",
        body=RestorationIn,
        created=RestorationOut,
        tag=TAG,
        query=PublishQuery,
        parameters=[IF_MATCH],
        responses={200: OpenApiResponse(RestorationOut, "What a restoration would do; nothing was stored.")},
        description="If-Match names the draft, which it replaces. As a version it is published at once, with "
        "the personas that it had; 409 `nothing_to_publish` where it is what was published last.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        row = queries.open_map(self.workspace_id, ref)
        wanted = {"expected": self.if_match(), **self.body(RestorationIn)}
        as_draft = wanted.pop("as") == DRAFT
        if not as_draft:
            require_scope(self.caller, "maps:publish")
        wanted["version"] = queries.version_of(row, str(wanted["version"]))
        dry_run = self.params["dry_run"]
        work = partial(self.draft if as_draft else self.publish, row, wanted, dry_run=dry_run)
        if dry_run:
            return self.shown(actions.rehearse(partial(self.restored, row, wanted, work)))
        body = self.restored(row, wanted, work)
        number = body["version"]["number"] if body["version"] else None
        where = f"versions/{number}" if number else "draft"
        return self.shown(body, status=201, location=f"/v1/journey-maps/{row.id}/{where}")

    def restored(self, row: Any, wanted: dict[str, Any], work: Any) -> dict[str, Any]:
        number = wanted["version"].number
        shown = work()
        return restoration_out(number, queries.draft_of(row), shown)

    def draft(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> None:
        wanted = {name: wanted[name] for name in ("version", "message", "expected")}
        actions.restore_draft(journey_map=row, caller=self.caller, at=self.at, **wanted)

    def publish(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Publish (a dry run is taken back by the caller) and return what is shown of the version."""
        restored = actions.restore_version(journey_map=row, caller=self.caller, at=self.at, **wanted)
        return published_out(restored, dry_run=dry_run)
