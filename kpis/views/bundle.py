"""The workspace as one file: streamed out of one snapshot, and into an empty workspace."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from kpis.actions.bundle import import_workspace
from kpis.queries.bundle import SECTIONS, export_workspace
from kpis.serializers.bundle import BundleImportOut, BundleQuery, checks, import_out, settings_of
from service.bundle.lines import Reader
from service.http import ApiView
from service.openapi import operation
from service.parsers import NDJSON, NdjsonParser
from service.renderers import NdjsonRenderer

TAG = "Bundles"


class Bundle(ApiView):
    scopes = {"GET": "workspace:export"}
    queries = {"GET": BundleQuery}
    renderer_classes = [NdjsonRenderer]

    @operation(
        "exportBundle",
        "Export the workspace",
        tag=TAG,
        query=BundleQuery,
        responses={
            (200, NDJSON): OpenApiResponse(
                OpenApiTypes.BINARY, "A header, one row a line by section, a trailer with counts and SHA-256."
            )
        },
        description="Personas, vocabularies, maps, drafts, all versions with their digests, KPIs with all "
        "revisions and thresholds, bindings, sources, inbound endpoints, views and snapshots, as of one "
        "instant; with `readings=true` series and readings, corrected and retracted ones too. The header "
        "names under `not_included` what is left out, and why: no secret is in it. A file without its "
        "trailer was cut off. One export of a workspace at a time: else 409 `export_under_way`.",
    )
    def get(self, request: Request) -> HttpResponseBase:
        export = export_workspace(workspace_id=self.workspace_id, readings=self.params["readings"])
        response = StreamingHttpResponse(export, content_type=NDJSON)
        name = f"workspace-{self.at:%Y-%m-%d}.ndjson"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


class BundleImports(ApiView):
    scopes = {"POST": "workspace:import"}
    parser_classes = [NdjsonParser]

    @operation(
        "importBundle",
        "Fill an empty workspace from a bundle",
        body={NDJSON: OpenApiTypes.BINARY},
        created=BundleImportOut,
        tag=TAG,
        description="All or nothing. Ids, numbers, authors, instants and digests are those of the bundle; "
        "every digest is worked out anew and compared. 400 `invalid_bundle` names the `line`. 409 "
        "`workspace_not_empty` where anything is there already; 409 `identity_taken` where ids belong to "
        "another workspace of this service. Sources that had a secret are not pulled before theirs is set; "
        "endpoints hold their messages until then, under a new URL. What maps show is worked out anew. "
        "A body of up to 4 MiB may carry an Idempotency-Key; a repeat without one finds a workspace that "
        "is not empty.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        reader = Reader(
            _stream(request), [each.name for each in SECTIONS], size_max=settings.BUNDLE_MAX_BYTES
        )
        done = import_workspace(
            workspace_id=self.workspace_id,
            reader=reader,
            settings=settings_of(reader),
            checks=checks(),
            at=self.at,
        )
        return self.shown(import_out(done), status=201, location="/v1/workspace")


def _stream(request: Request) -> Any:
    """Return what lines are read from; a request without a body has none."""
    return request.data if hasattr(request.data, "read") else io.BytesIO()
