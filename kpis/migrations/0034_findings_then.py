"""What a finding said at an instant: each line of its history tells its parent and what was noticed."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from kpis.models.exact_json import ExactDecoder, ExactEncoder
from service.rowlevel import TenantReference


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0033_feedback_corrected")]
    operations: ClassVar = [
        migrations.AddField(
            "findingchange",
            "parent",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kpis.finding",
            ),
        ),
        migrations.AddField(
            "findingchange", "facts", models.JSONField(decoder=ExactDecoder, encoder=ExactEncoder, null=True)
        ),
        TenantReference("finding_change", "parent_id", "finding"),
    ]
