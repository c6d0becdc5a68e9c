"""docker-compose.yml, Dockerfile and .dockerignore as docker would read them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.config.running import ROOT

SERVICES = ("migrate", "web", "worker", "beat")


def read_compose() -> dict[str, Any]:
    """Return the parsed file, merge keys resolved."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def env_file() -> dict[str, str]:
    """Return .env.example as an operator fills it in."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    keys = {
        "SECRET_KEY": "s" * 48,
        "VAULT_KEYS": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    }
    return {name: keys.get(name) or value or f"pw-{name.lower()}" for name, value in values.items()}


def interpolate(value: str, env: dict[str, str]) -> str:
    """Do what compose does to ${NAME}, ${NAME:-default}, ${NAME:?message} and $$."""

    def replace(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        found = env.get(match["name"], "")
        if match["operator"] == ":?":
            assert found, f"{match['name']} is required and .env.example does not name it"
        return found or (match["rest"] if match["operator"] == ":-" else "")

    return re.sub(
        r"(?P<dollar>\$\$)|\$\{(?P<name>\w+)(?:(?P<operator>:[-?])(?P<rest>[^}]*))?\}", replace, value
    )


def settings_of(compose: dict[str, Any], service: str) -> dict[str, str]:
    """Return a service's environment as its container sees it."""
    environment = compose["services"][service].get("environment", {})
    return {name: interpolate(str(value), env_file()) for name, value in environment.items()}


def image_command() -> list[str]:
    """Return the Dockerfile's CMD."""
    return list(yaml.safe_load(_instructions("CMD")[-1]))


def image_environment() -> dict[str, str]:
    """Return the Dockerfile's ENV, but for PATH: the packages are found where they are installed here."""
    pairs = dict(pair.split("=", 1) for pair in " ".join(_instructions("ENV")).split())
    return {name: value for name, value in pairs.items() if name != "PATH"}


def _instructions(word: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(rf"^{word} (.+)$", text, re.MULTILINE)


def command_of(compose: dict[str, Any], service: str) -> list[str]:
    command = compose["services"][service].get("command") or image_command()
    return [interpolate(str(part), env_file()) for part in command]


def copy_image(target: Path) -> None:
    """Copy what .dockerignore lets through. It has one form only: all is out but the named paths."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    assert set(lines) - {line for line in lines if line[0] == "!"} == {"*", "**/__pycache__"}
    for line in lines:
        if line[0] == "!":
            source, there = ROOT / line[1:], target / line[1:]
            there.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, there, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, there)
