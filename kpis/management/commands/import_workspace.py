"""manage.py import_workspace [--into WORKSPACE_ID] < bundle.ndjson"""

from __future__ import annotations

import json
import sys
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from kpis.actions.bundle import import_workspace
from kpis.queries.bundle import SECTIONS
from kpis.serializers.bundle import checks, import_out, settings_of
from service.bundle.lines import Reader
from service.errors import Problem
from service.models import Workspace
from service.renderers import encode
from service.tenancy import enter_workspace
from service.workspaces import create_workspace


class Command(BaseCommand):
    help = "Fill an empty workspace from a bundle on standard input; a new one unless told which."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--into", type=uuid.UUID, help="the id of an empty workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        at = datetime.now(UTC)
        try:
            with transaction.atomic():
                reader = Reader(sys.stdin.buffer, [each.name for each in SECTIONS])
                settings = settings_of(reader)
                into = options["into"] or create_workspace(at=at, **settings).id
                if not Workspace.objects.filter(pk=into).exists():
                    raise CommandError(f"There is no workspace {into}.")
                enter_workspace(into)
                done = import_workspace(
                    workspace_id=into, reader=reader, settings=settings, checks=checks(), at=at
                )
        except Problem as refused:
            raise CommandError(str(refused)) from refused
        answer = {"workspace": into, **import_out(done)}
        self.stdout.write(json.dumps(json.loads(encode(answer)), indent=2))
