"""Messages lose their bytes, and go, after a while; what read them keeps naming them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from service.rowlevel import TenantReference

_REFERENCE = TenantReference("inbound_run", "event_id", "inbound_event")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0026_restatements")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="inboundevent", name="body_gone_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="inboundevent",
            index=models.Index(
                fields=["workspace", "created_at"],
                name="inbound_event_with_body",
                condition=models.Q(body_gone_at=None),
            ),
        ),
        migrations.RunSQL(_REFERENCE.backward(), _REFERENCE.forward()),
    ]
