"""manage.py rotate_secrets: seal every stored secret anew with the first of VAULT_KEYS."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from service.models import SealedField, StoredAnswer, Workspace
from service.tenancy import workspace_transaction
from service.vault import SealBroken, rotate


class Command(BaseCommand):
    help = "Seal every stored secret anew with the first key of VAULT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for workspace_id in Workspace.objects.values_list("id", flat=True):
            with workspace_transaction(workspace_id):
                count += sum(_rotate(rows, name) for rows, name in sealed_columns())
        self.stdout.write(f"{count} secrets sealed anew.")


def sealed_columns() -> list[tuple[QuerySet[Any, Any], str]]:
    """Return rows and column of all that is sealed, in every room; stored answers may show a secret."""
    found = [
        (model._default_manager.exclude(**{field.name: None}), field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]
    return [*found, (StoredAnswer.objects.filter(sealed=True), "body")]


def _rotate(rows: QuerySet[Any, Any], name: str) -> int:
    """Seal the column of these rows anew. Raises CommandError that names the row which does not open."""
    count = 0
    for row in rows.select_for_update():
        try:
            sealed = rotate(getattr(row, name))
        except SealBroken as problem:
            raise CommandError(f"{rows.model._meta.db_table} {row.pk}, {name}: {problem}") from problem
        count += rows.model._default_manager.filter(pk=row.pk).update(**{name: sealed})
    return count
