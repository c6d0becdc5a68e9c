"""Append-only rows are erased by the owner's functions, and by nothing else."""

from django.db import migrations

from service.rowlevel import OwnersFunctionsErase


class Migration(migrations.Migration):
    dependencies = [("service", "0001_ground")]

    operations = [OwnersFunctionsErase()]
