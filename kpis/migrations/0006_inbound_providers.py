from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kpis", "0005_audience_views")]

    operations = [
        migrations.RenameField("inboundendpoint", "scheme", "provider"),
        migrations.AddField("inboundendpoint", "envelope", models.CharField(default="plain", max_length=16)),
        migrations.AddField("inboundendpoint", "verification", models.JSONField(default=dict)),
        migrations.AddField("inboundendpoint", "event", models.JSONField(default=dict)),
        migrations.AlterField("inboundendpoint", "secret", models.BinaryField(null=True)),
        migrations.AddField("inboundevent", "nonce", models.CharField(default="", max_length=100)),
        migrations.AddField("inboundevent", "type", models.CharField(default="", max_length=100)),
        migrations.AddField("inboundevent", "occurred_at", models.DateTimeField(null=True)),
        migrations.AddField("inboundevent", "request", models.BinaryField(null=True)),
        migrations.AddConstraint(
            "inboundevent",
            models.UniqueConstraint(
                fields=("workspace", "endpoint", "nonce"),
                condition=models.Q(("nonce", ""), _negated=True),
                name="inbound_event_nonce_once",
            ),
        ),
        migrations.AddIndex(
            "inboundevent",
            models.Index(
                fields=["workspace", "endpoint", "created_at", "id"], name="inbound_event_of_endpoint"
            ),
        ),
    ]
