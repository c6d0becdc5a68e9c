"""Providers, a row each. A new one is a row in its file."""

from __future__ import annotations

from service.providers.provider import Provider
from service.providers.rows import mail, own, surveys, systems

ROWS: tuple[Provider, ...] = (*own.ROWS, *mail.ROWS, *surveys.ROWS, *systems.ROWS)
