"""manage.py export_workspace WORKSPACE_ID [--readings] > bundle.ndjson"""

from __future__ import annotations

import sys
import uuid
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kpis.queries.bundle import export_workspace
from service.errors import Problem
from service.models import Workspace


class Command(BaseCommand):
    help = "Write a workspace to standard output as a bundle: one JSON object a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", type=uuid.UUID, help="its id")
        parser.add_argument("--readings", action="store_true", help="carry series and readings, too")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Workspace.objects.filter(pk=options["workspace"]).exists():
            raise CommandError(f"There is no workspace {options['workspace']}.")
        try:
            export = export_workspace(workspace_id=options["workspace"], readings=options["readings"])
        except Problem as refused:
            raise CommandError(str(refused)) from refused
        with closing(export):
            for chunk in export:
                sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
