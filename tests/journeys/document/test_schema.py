"""The JSON Schema of the document: what OpenAPI shows, and what client generators make of it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from journeys.document.canonical import to_plain
from journeys.document.shape import FORMAT, Document
from journeys.document.validate import parse

from .strategies import documents

Json = dict[str, Any]


def components() -> Json:
    """Return the component schemas as drf-spectacular lays them out."""
    schema = Document.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    inner: Json = schema.pop("$defs")
    return {**inner, "Document": schema}


def objects() -> list[Any]:
    return [pytest.param(schema, id=name) for name, schema in components().items()]


def walk(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_requests_and_responses_have_one_schema() -> None:
    sent, served = (Document.model_json_schema(mode=mode) for mode in ("validation", "serialization"))
    assert sent == served


@pytest.mark.parametrize("schema", objects())
def test_every_object_is_closed_and_every_member_explained(schema: Json) -> None:
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["description"]
    assert [name for name, member in schema["properties"].items() if not member.get("description")] == []


@pytest.mark.parametrize("schema", objects())
def test_nothing_is_nullable_and_no_default_is_empty(schema: Json) -> None:
    for part in walk(schema):
        assert not {"anyOf", "oneOf", "allOf", "nullable", "title"} & part.keys() - {"properties"}
        assert part.get("type") != "null"
        assert part.get("default", "something")


@pytest.mark.parametrize("schema", objects())
def test_everything_is_bounded(schema: Json) -> None:
    for part in walk(schema):
        if part.get("type") == "string" and "format" not in part:
            assert {"maxLength", "enum"} & part.keys()
        if part.get("type") == "array":
            assert "maxItems" in part
        if part.get("type") == "number":
            assert {"minimum", "maximum"} <= part.keys()


def test_only_what_makes_a_thing_is_required() -> None:
    required = {name: schema.get("required", []) for name, schema in components().items()}
    assert required == {name: [] for name in required} | {
        "Cluster": ["key", "label"],
        "CustomLane": ["key", "label"],
        "Document": ["name"],
        "Item": ["text"],
        "Link": ["href"],
        "Note": ["text"],
        "Opportunity": ["text"],
        "Stage": ["name"],
        "Term": ["key", "label"],
        "Touchpoint": ["name"],
        "Transition": ["from", "to"],
        "VocabularyEntry": ["kind", "label", "key"],
    }


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the Document class of a Python client generated from the schema."""
    folder = tmp_path_factory.mktemp("client")
    ref = {"application/json": {"schema": {"$ref": "#/components/schemas/Document"}}}
    put = {
        "operationId": "draft_replace",
        "requestBody": {"required": True, "content": ref},
        "responses": {"200": {"description": "The draft.", "content": ref}},
    }
    openapi = {
        "openapi": "3.1.0",
        "info": {"title": "Maps", "version": "1"},
        "paths": {"/draft": {"put": put}},
        "components": {"schemas": components()},
    }
    (folder / "openapi.json").write_text(json.dumps(openapi))
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=folder / "openapi.json",
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / "generated_maps",
    )
    assert list(generate(config=config)) == []
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("generated_maps.models").Document
    finally:
        sys.path.remove(str(folder))


def test_a_generated_client_loses_nothing(generated: Any) -> None:
    raw = json.loads((Path(__file__).parent / "samples" / f"format-{FORMAT}.json").read_text())
    assert generated.from_dict(raw).to_dict() == raw


@given(document=documents())
def test_a_generated_client_sends_back_what_it_got(generated: Any, document: Document) -> None:
    assert generated.from_dict(to_plain(document)).to_dict() == to_plain(document)


def test_a_generated_client_makes_valid_documents(generated: Any) -> None:
    assert parse(generated(name="m").to_dict()) == Document(name="m")


def test_a_generated_client_stops_at_a_format_that_it_does_not_know(generated: Any) -> None:
    with pytest.raises(ValueError, match=str(FORMAT + 1)):
        generated.from_dict({"name": "m", "format": FORMAT + 1})
