"""Readers of the environment that fail loudly, naming the variable and what it wants."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the content of the file that `NAME_FILE` names, or the default."""
    if (path := os.environ.get(f"{name}_FILE")) and name not in os.environ:
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE); `python3 manage.py up` does it for you.")
    return value


def flag(name: str, default: bool) -> bool:
    """Return True for 1/true/yes, False for 0/false/no; anything else is refused."""
    raw = os.environ.get(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes"}:
        return True
    if raw in {"0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, true, yes, 0, false, no; got {raw!r}.")


def number(name: str, default: int) -> int:
    """Return a whole number."""
    raw = os.environ.get(name, str(default))
    if not raw.lstrip("-").isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number; got {raw!r}.")
    return int(raw)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def postgres(name: str, url: str) -> dict[str, object]:
    """Return Django's database settings for `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/") or not parts.username:
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/database.")
    return {
        "ENGINE": "service.database",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
    }
