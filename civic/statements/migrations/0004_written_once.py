"""One page sends one statement, and a sentence knows what its author wrote instead of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0003_journeys")]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="reworded_as",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="statements.statement",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="sent_with",
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                fields=("author", "sent_with"), name="statement_sent_once"
            ),
        ),
    ]
