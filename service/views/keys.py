"""API keys."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from service import keys
from service.credentials import rotate_credential
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.presenters import api_key_out
from service.serializers import ApiKeyIn, ApiKeyOut, ApiKeySecretOut, PageQuery, RotationIn, checked, merged


class ApiKeyList(ApiView):
    scopes = {"GET": "keys:admin", "POST": "keys:admin"}
    queries = {"GET": PageQuery}
    shows_secret = True

    @operation("listApiKeys", "List API keys", answers=ApiKeyOut, many=True, tag="API keys", query=PageQuery)
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(keys.api_keys(self.workspace_id), filters={}, **self.page_params)
        return answer(request, page, api_key_out)

    @operation(
        "createApiKey",
        "Make an API key; its secret is shown once",
        body=ApiKeyIn,
        created=ApiKeySecretOut,
        tag="API keys",
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(ApiKeyIn)
        self.caller.check_holds(values["scopes"])
        row, secret = keys.create_api_key(workspace_id=self.workspace_id, values=values, at=self.at)
        return self.shown(
            {**api_key_out(row), "secret": secret}, status=201, location=f"/v1/api-keys/{row.id}"
        )


class ApiKeyDetail(ApiView):
    scopes = {"GET": "keys:admin", "PATCH": "keys:admin", "DELETE": "keys:admin"}

    @operation("getApiKey", "Read an API key", answers=ApiKeyOut, tag="API keys")
    def get(self, request: Request, key_id: uuid.UUID) -> HttpResponseBase:
        return self.shown(api_key_out(keys.api_key(self.workspace_id, key_id)), volatile=True)

    @operation(
        "updateApiKey",
        "Change an API key",
        body=ApiKeyIn,
        answers=ApiKeyOut,
        tag="API keys",
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, key_id: uuid.UUID) -> HttpResponseBase:
        row = keys.api_key(self.workspace_id, key_id)
        expected = self.if_match()
        given = {"name": row.name, "scopes": row.scopes}
        if row.expires_at:
            given["expires_at"] = row.expires_at.isoformat()
        values = {"expires_at": None} | checked(ApiKeyIn, merged(given, request.data))
        self.caller.check_holds(values["scopes"])
        changed = keys.change_api_key(
            workspace_id=self.workspace_id, key_id=key_id, values=values, expected=expected
        )
        return self.shown(api_key_out(changed))

    @operation("revokeApiKey", "Revoke an API key", tag="API keys", parameters=[IF_MATCH])
    def delete(self, request: Request, key_id: uuid.UUID) -> HttpResponseBase:
        keys.api_key(self.workspace_id, key_id)
        keys.revoke_api_key(
            workspace_id=self.workspace_id, key_id=key_id, expected=self.if_match(), at=self.at
        )
        return HttpResponse(status=204)


class ApiKeyRotation(ApiView):
    scopes = {"POST": "keys:admin"}
    shows_secret = True

    @operation(
        "rotateApiKey",
        "Give the key a new secret; the former one answers for a while",
        body=RotationIn,
        created=ApiKeySecretOut,
        tag="API keys",
    )
    def post(self, request: Request, key_id: uuid.UUID) -> HttpResponseBase:
        row = keys.api_key(self.workspace_id, key_id)
        self.caller.check_holds(row.scopes)
        grace = timedelta(seconds=self.body(RotationIn)["grace_seconds"])
        secret = rotate_credential(credential=row, grace=grace, at=self.at)
        row = keys.api_key(self.workspace_id, key_id)
        return self.shown(
            {**api_key_out(row), "secret": secret}, status=201, location=f"/v1/api-keys/{row.id}"
        )
