"""What somebody said of figures that no single reading has."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kpis.models.definitions import Kpi
from service.ids import new_id
from service.models import Workspace


class FigureConfirmation(models.Model):
    """ "The figure of this period is right, although it is not plausible." Insert-only; the last one counts.

    labels: the label set; of what is made of KPIs the selector. value: the figure that was confirmed, by its
    digits. cause: the credential.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, db_constraint=False, db_index=False)
    labels = models.JSONField(default=dict)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    value = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, default="")
    cause_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "figure_confirmation"
        indexes: ClassVar = [
            # what was confirmed of some KPIs
            models.Index(fields=["workspace", "kpi", "recorded_at"], name="figure_confirmation_of_kpi"),
        ]
