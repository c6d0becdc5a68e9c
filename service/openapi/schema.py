"""Components: what a serializer or a pydantic shape says about itself.

`XIn` is a component of that name, closed as the server is closed (it refuses unknown names); `XOut` is the
component `X`. A pydantic shape is one component in both directions, as one definition validates and shows.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.pydantic import PydanticExtension
from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance
from rest_framework.serializers import BaseSerializer

from service.auth import KeyOrViewToken, required_scope
from service.fields import ShapeField
from service.serializers import FormsField, In

ECHO = {"readOnly": True, "description": "Shown by reads; accepted and ignored when it is sent back."}


class Schema(AutoSchema):
    """Operation ids are explicit; scopes stand in the security requirement."""

    def get_auth(self) -> list[dict[str, Any]]:
        scope = required_scope(self.view, self.method)
        ways: list[dict[str, Any]] = []
        for authenticator in self.view.get_authenticators():
            ways.append({"ApiKey": [scope] if scope else []})
            if isinstance(authenticator, KeyOrViewToken):
                ways.append({"ViewToken": []})
        return ways

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        # Asked as a response, the name gets no "Request": the two directions have names of their own.
        name = str(super()._get_serializer_name(serializer, "response", bypass_extensions))
        if direction == "response" and isinstance(serializer, In):
            return name.removesuffix("In")
        return name.removesuffix("Out")

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        form = force_instance(serializer)
        if isinstance(form, BaseSerializer) and not vars(type(form)).get("__doc__"):
            schema.pop("description", None)  # a base class speaks of something else
        if direction == "request" and isinstance(form, In):
            schema["additionalProperties"] = False
            schema |= form.constraints
            for name in sorted(form.echoes - set(form.fields)):
                schema["properties"][name] = dict(ECHO)
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction == "request" and schema is not None and not isinstance(field, BaseSerializer):
            schema |= getattr(field, "constraints", {})
            if schema.get("format") == "iana-zone":
                schema.pop("maxLength", None)  # a zone has no other length than its name
        return schema


class Shape(PydanticExtension):
    """Pydantic shapes: one component for both directions, and no silent clash of names."""

    target_class = "pydantic.BaseModel"
    match_subclasses = True
    priority = 1

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = self.target.model_json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        for name, part in schema.pop("$defs", {}).items():
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, part, name)
            if component in auto_schema.registry:
                if auto_schema.registry[component].schema != part:
                    warn(f"Two different components are called {name}.")
                continue
            auto_schema.registry.register(component)
        return schema


class ShapeInside(OpenApiSerializerFieldExtension):
    """A shape inside a serializer is its component."""

    target_class = ShapeField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return auto_schema.resolve_serializer(self.target.shape, direction).ref


class FormsInside(OpenApiSerializerFieldExtension):
    """A part of several forms is any of their components."""

    target_class = FormsField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"anyOf": [auto_schema.resolve_serializer(form, direction).ref for form in self.target.forms]}
