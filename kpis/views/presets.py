"""What providers' messages mean as KPIs, ready to be installed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.actions import definitions as actions
from kpis.actions import endpoints
from kpis.connectors.presets import PRESETS
from kpis.queries import definitions
from kpis.serializers.inbound import EndpointCreateIn, EndpointSecretOut
from kpis.serializers.kpis import KpiIn
from kpis.serializers.kpis_meaning import meaning, own_fields
from kpis.serializers.presets import InstallationIn, PresetsOut, checked_parameters, preset_out
from kpis.views.endpoints import TAG, EndpointView, hook_url
from service.errors import NotFound
from service.http import ApiView
from service.openapi import operation
from service.serializers import checked, merged
from service.workspaces import workspace_of


class PresetList(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation("listInboundPresets", "List what can be installed", answers=PresetsOut, tag=TAG)
    def get(self, request: Request) -> HttpResponseBase:
        return Response({"results": [preset_out(preset) for preset in PRESETS.values()]})


class PresetInstallation(EndpointView):
    scopes = {"POST": "kpis:write"}
    shows_secret = True

    @operation(
        "installInboundPreset",
        "Create the KPIs of a preset that are not there yet, and an endpoint that feeds them",
        body=InstallationIn,
        created=EndpointSecretOut,
        tag=TAG,
    )
    def post(self, request: Request, key: str) -> HttpResponseBase:
        if (preset := PRESETS.get(key)) is None:
            raise NotFound(f"There is no preset {key[:64]!r}.")
        asked = self.body(InstallationIn)
        made = preset.body(checked_parameters(preset.parameters, asked.pop("parameters")))
        if fetch := merged(made.get("fetch") or {}, asked.pop("fetch")):
            made["fetch"] = fetch
        given = {**made, **asked}
        define_kpis(preset.kpis, workspace_id=self.workspace_id, at=self.at)
        row, token, secret = endpoints.create_endpoint(
            workspace_id=self.workspace_id, values=checked(EndpointCreateIn, given), at=self.at
        )
        once = {"url": hook_url(token), "secret": secret}
        return self.shown({**self.out(row), **once}, status=201, location=f"/v1/inbound-endpoints/{row.id}")


def define_kpis(kpis: Sequence[Mapping[str, Any]], *, workspace_id: uuid.UUID, at: datetime) -> None:
    """Create those that are not there: a KPI that has the key already is the one that is meant."""
    there = definitions.accepting(workspace_id, [body["key"] for body in kpis])
    zone = workspace_of(workspace_id).zone
    for body in kpis:
        if body["key"] not in there:
            values = checked(KpiIn, body)
            meant, rules = meaning(values, workspace_id=workspace_id, zone=zone)
            fields = own_fields(values)
            actions.create_kpi(workspace_id=workspace_id, fields=fields, meant=meant, rules=rules, at=at)
