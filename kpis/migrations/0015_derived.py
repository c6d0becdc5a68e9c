"""KPIs made of KPIs by an expression; a ratio is the expression of two."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Revisions are insert-only and the owner is bound by the policy, too: both step aside for what moves here.
MOVE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE kpi_revision NO FORCE ROW LEVEL SECURITY;
ALTER TABLE kpi_revision DISABLE TRIGGER insert_only;
UPDATE kpi_revision
SET inputs = CASE WHEN numerator_kpi_id = denominator_kpi_id THEN ARRAY[numerator_kpi_id]
                  ELSE ARRAY[numerator_kpi_id, denominator_kpi_id] END,
    definition = definition || jsonb_build_object(
      'expression', '{' || numerator_kpi_id || '} / {' || denominator_kpi_id || '}')
WHERE numerator_kpi_id IS NOT NULL;
ALTER TABLE kpi_revision ENABLE TRIGGER insert_only;
ALTER TABLE kpi_revision FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0014_tallies")]
    operations: ClassVar = [
        migrations.AddField("kpirevision", "inputs", ArrayField(models.UUIDField(), default=list)),
        migrations.RunSQL(MOVE),
        migrations.RemoveIndex("kpirevision", "kpi_revision_numerator"),
        migrations.RemoveIndex("kpirevision", "kpi_revision_denominator"),
        migrations.RemoveField("kpirevision", "numerator_kpi"),
        migrations.RemoveField("kpirevision", "denominator_kpi"),
        migrations.AddIndex(
            "kpirevision",
            models.Index(
                fields=["workspace", "kpi"], name="kpi_revision_derived", condition=~models.Q(inputs=[])
            ),
        ),
    ]
