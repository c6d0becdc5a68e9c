"""Shape: what all models of the document have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, model_validator


@dataclass(frozen=True, slots=True)
class Since:
    """Says in a field's annotation which document format brought the field: `Annotated[Text, Since(2)]`."""

    format: int


def _tidy(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Make a model's JSON Schema plain enough for generated clients.

    A field that may be absent is simply not required: no `anyOf` with null, no null or empty default,
    no title that repeats the name. Clients may still send null, which `x-null-is-absence` says; they are
    never sent one.
    """
    schema.pop("title", None)
    schema["x-null-is-absence"] = True
    for prop in cast(dict[str, dict[str, Any]], schema.get("properties", {})).values():
        prop.pop("title", None)
        if not isinstance(prop.get("default"), str | int) or not prop["default"]:
            prop.pop("default", None)
        kinds = [kind for kind in prop.get("anyOf", ()) if kind != {"type": "null"}]
        if len(kinds) == 1:
            del prop["anyOf"]
            prop.update({**kinds[0], **prop})


class Shape(BaseModel):
    """A frozen value: strict types, no unknown members, null read as absence."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra=_tidy)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absence(cls, raw: object) -> object:
        if not isinstance(raw, dict) or None not in raw.values():
            return raw
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {name: value for name, value in raw.items() if value is not None or name not in known}
