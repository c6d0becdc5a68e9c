"""The commands that manage.py takes before Django, and the door to Django's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from config.embedded.checks import test
from config.embedded.data import DataDirectory, default_place
from config.embedded.refusal import Refusal

COMMANDS = {"test": test}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of ours; a refusal is a sentence on stderr and its status."""
    try:
        return COMMANDS[command](arguments)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status
    except KeyboardInterrupt:
        return 130


def django(argv: list[str]) -> int:
    """Run Django's command, on the servers of the running `up` unless others are given."""
    if "DATABASE_URL" not in os.environ:
        data = DataDirectory(default_place())
        if data.holder() is not None:
            for name, value in data.read("state.json").get("environment", {}).items():
                os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)
    return 0
