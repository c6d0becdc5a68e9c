"""What docker-compose.yml and the Dockerfile claim, against the embedded servers and the commands of `up`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from config.celery import app as celery_app
from config.embedded import postgres, processes, valkey
from config.embedded.servers import ROLES_SQL
from tests.config.compose_file import SERVICES, command_of, read_compose, settings_of
from tests.config.running import ROOT


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


def test_services_and_images(compose: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images == dict.fromkeys(SERVICES, "living-maps") | {
        "postgres": "postgres:18",
        "valkey": "valkey/valkey:9",
    }
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert used == set(compose["volumes"])


def test_every_lasting_service_tells_its_health(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name != "migrate":
            assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name
            assert service["restart"] == "unless-stopped", name


def test_nothing_runs_as_root(compose: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    user = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)[-1]
    assert int(user) > 0
    assert f"--uid {user} " in dockerfile
    assert compose["services"]["postgres"]["user"] == "postgres"
    assert compose["services"]["valkey"]["user"] == "valkey"
    for name in SERVICES:
        service = compose["services"][name]
        assert "user" not in service
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_roles_are_those_of_the_embedded_servers(compose: dict[str, Any]) -> None:
    """One SQL file makes them, there and here; only migrations know the owner."""
    mounts = compose["services"]["postgres"]["volumes"]
    assert f"./{ROLES_SQL.relative_to(ROOT)}:/docker-entrypoint-initdb.d/roles.sql:ro" in mounts
    environment = settings_of(compose, "postgres")
    assert {"OWNER_PASSWORD", "APP_PASSWORD"} <= set(environment)
    for name in SERVICES:
        settings = settings_of(compose, name)
        assert settings["DATABASE_URL"] == "postgresql://app:pw-app_password@postgres:5432/living_maps"
        assert ("OWNER_DATABASE_URL" in settings) == (name == "migrate")
        assert "SUPERUSER" not in "".join(settings)


def test_servers_are_set_like_the_embedded_ones(compose: dict[str, Any]) -> None:
    arguments = settings_of(compose, "postgres")["POSTGRES_INITDB_ARGS"].split()
    assert arguments == postgres.INITDB_ARGS
    flags = [f"{name}={value}" for name, value in postgres.SETTINGS.items()]
    assert command_of(compose, "postgres") == ["postgres", *(part for flag in flags for part in ("-c", flag))]
    words = shlex.split(command_of(compose, "valkey")[-1])
    given = {word.removeprefix("--"): words[at + 1] for at, word in enumerate(words) if word.startswith("--")}
    told = {name: value.strip('"') for name, value in valkey.SETTINGS.items()}
    assert given == told | {"appendonly": "yes", "requirepass": "$VALKEY_PASSWORD"}


def test_commands_are_those_of_up(compose: dict[str, Any]) -> None:
    interpreter = "python"
    assert command_of(compose, "web") == [interpreter, *processes.web("0.0.0.0", 8000)[1:]]
    assert command_of(compose, "worker") == [interpreter, *processes.worker()[1:]]
    assert command_of(compose, "beat") == [interpreter, *processes.beat(Path("/tmp/beat-schedule"))[1:]]


def test_workers_take_every_queue_that_tasks_go_to() -> None:
    routed = {route["queue"] for route in celery_app.conf.task_routes.values()}
    assert routed | {celery_app.conf.task_default_queue} <= set(processes.QUEUES.split(","))


def test_the_image_copies_what_exists() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
