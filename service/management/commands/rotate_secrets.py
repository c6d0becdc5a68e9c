"""manage.py rotate_secrets: seal every stored secret anew with the first of VAULT_KEYS."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import Model

from service.models import SealedField, Workspace
from service.tenancy import workspace_transaction
from service.vault import rotate


class Command(BaseCommand):
    help = "Seal every stored secret anew with the first key of VAULT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for workspace_id in Workspace.objects.values_list("id", flat=True):
            with workspace_transaction(workspace_id):
                count += sum(_rotate(model, name) for model, name in sealed_columns())
        self.stdout.write(f"{count} secrets sealed anew.")


def sealed_columns() -> list[tuple[type[Model], str]]:
    """Return every column that holds sealed bytes, of every room."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]


def _rotate(model: type[Model], name: str) -> int:
    rows = model._default_manager.exclude(**{name: None}).select_for_update()
    for row in rows:
        model._default_manager.filter(pk=row.pk).update(**{name: rotate(bytes(getattr(row, name)))})
    return len(rows)
