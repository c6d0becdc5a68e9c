"""Room for the next version of each state beside it.

Every reading rewrites the states that show it. In full pages each new version went to another page and to the
index: fifty states that were rewritten a hundred times took 12 MB, and take 200 kB so.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0039_feedback_former")]
    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE binding_state SET (fillfactor = 50)", "ALTER TABLE binding_state RESET (fillfactor)"
        )
    ]
