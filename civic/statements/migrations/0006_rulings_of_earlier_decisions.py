"""Decisions made before rulings were kept: one ruling for the state each led to.

What came between is told by the audit record alone, which keeps acts and no reasons. Statements
that came decided with an import were decided elsewhere: they get none.
"""

from django.db import migrations

BATCH = 500
IMPORTED = "Hidden in the imported consultation."


def keep_present_decisions(apps, schema_editor):
    Statement = apps.get_model("statements", "Statement")
    Ruling = apps.get_model("statements", "Ruling")
    Entry = apps.get_model("audit", "Entry")
    decided = (
        Statement.objects.exclude(moderation_reason__in=["", IMPORTED])
        .filter(rulings=None)
        .order_by("pk")
    )
    rulings = []
    for statement in decided.iterator(chunk_size=BATCH):
        entry = (
            Entry.objects.filter(
                subject_type="statements.statement",
                subject_id=str(statement.uuid),
                action=f"statement.{statement.moderation}",
            )
            .order_by("-pk")
            .first()
        )
        rulings.append(
            Ruling(
                statement=statement,
                decision=statement.moderation,
                reason=statement.moderation_reason,
                before="waiting",
                created_at=entry.at if entry else statement.created_at,
            )
        )
    Ruling.objects.bulk_create(rulings, batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0001_initial"),
        ("statements", "0005_rulings_can_be_undone"),
    ]

    operations = [migrations.RunPython(keep_present_decisions, migrations.RunPython.noop)]
