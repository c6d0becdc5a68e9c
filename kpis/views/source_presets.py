"""What providers' APIs say as KPIs, ready to be installed."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.actions import sources
from kpis.connectors.source_presets import SOURCE_PRESETS
from kpis.serializers.feed_rows import source_out
from kpis.serializers.feeds import SourceIn, SourceOut
from kpis.serializers.presets import checked_parameters
from kpis.serializers.source_presets import (
    SourceInstallationIn,
    SourcePresetsOut,
    source_preset_out,
)
from kpis.tasks import pull_sources
from kpis.views.presets import define_kpis
from kpis.views.sources import TAG
from service.errors import NotFound
from service.http import ApiView
from service.openapi import operation
from service.serializers import checked, merged
from service.wake import wake


class SourcePresetList(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation("listSourcePresets", "List what can be installed", answers=SourcePresetsOut, tag=TAG)
    def get(self, request: Request) -> HttpResponseBase:
        return Response({"results": [source_preset_out(preset) for preset in SOURCE_PRESETS.values()]})


class SourcePresetInstallation(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "installSourcePreset",
        "Create the KPIs of a preset that are not there yet, and a source that feeds them",
        body=SourceInstallationIn,
        created=SourceOut,
        tag=TAG,
    )
    def post(self, request: Request, key: str) -> HttpResponseBase:
        if (preset := SOURCE_PRESETS.get(key)) is None:
            raise NotFound(f"There is no preset {key[:64]!r}.")
        given = self.body(SourceInstallationIn)
        source = preset.source(checked_parameters(preset.parameters, given.pop("parameters")))
        source["config"] = merged(source["config"], given.pop("config"))
        values = checked(SourceIn, {**source, **given})
        define_kpis(preset.kpis, workspace_id=self.workspace_id, at=self.at)
        row = sources.create_source(workspace_id=self.workspace_id, values=values, at=self.at)
        wake(pull_sources)
        return self.shown(source_out(row, self.at, self.at), status=201, location=f"/v1/sources/{row.id}")
