"""Rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, get_resolver

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ["service", "journeys", "kpis", "config"]  # from the ground up
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "misc"}


def test_no_foreign_key_points_up() -> None:
    """import-linter sees imports; a string in a ForeignKey would pass it by."""
    upward = [
        f"{model._meta.label} → {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model._meta.app_label in ROOMS
        and ROOMS.index(field.related_model._meta.app_label) > ROOMS.index(model._meta.app_label)
    ]
    assert upward == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert named & FORBIDDEN_NAMES == set()


def test_no_model_overrides_save_or_orders_by_default() -> None:
    ours = [model for model in apps.get_models() if model._meta.app_label in ROOMS]
    assert [model for model in ours if "save" in vars(model) or model._meta.ordering] == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_no_lock_names_a_registry_and_no_file_a_machine() -> None:
    for path in tracked():
        if path.suffix in {".lock", ".in"}:
            assert "://" not in path.read_text(encoding="utf-8"), path
    assert not [path for path in tracked() if path.name in {"uv.lock", "poetry.lock", "pylock.toml"}]


def test_nothing_is_left_for_later() -> None:
    marker = re.compile(r"\b(TODO|FIXME|XXX)\b")
    code = [path for path in tracked() if path.suffix == ".py" and path != Path(__file__)]
    assert [path for path in code if path.exists() and marker.search(path.read_text(encoding="utf-8"))] == []


def patterns(resolver: object, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:  # type: ignore[attr-defined]
        path = prefix + str(entry.pattern)
        found += [(path, entry)] if isinstance(entry, URLPattern) else patterns(entry, path)
    return found


def test_every_method_of_every_api_view_names_its_scope() -> None:
    """A method without a scope is open to every key; only /v1/me is meant to be."""
    missing = []
    for path, entry in patterns(get_resolver()):
        view = getattr(entry.callback, "view_class", getattr(entry.callback, "cls", None))
        if not path.startswith("v1/") or path == "v1/me":
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            if hasattr(view, method) and method.upper() not in view.scopes:
                missing.append(f"{method.upper()} {path}")
    assert missing == []
