import hashlib
import hmac
import secrets

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

BATCH = 2000
NAMED = (
    "statement.", "appeal.upheld", "appeal.granted", "claims.", "claim.split", "claim.placed",
    "pair.", "theme.", "decision.", "consultation.", "import.done", "statements.seeded", "run.",
    "spec.",
)


def name_subjects(apps, schema_editor):
    """What the public log calls the subjects of entries that are there already."""
    entries = apps.get_model("audit", "Entry").objects
    last = 0
    while rows := list(entries.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for row in rows:
            if row.action.startswith(NAMED) and row.action != "statement.flagged":
                row.public_id = row.subject_id
            else:
                # Without its key an entry is to say nothing: a key that nobody keeps hides it.
                key = bytes(row.row_key) if row.row_key else secrets.token_bytes(32)
                message = f"subject:{row.subject_type}:{row.subject_id}".encode()
                digest = hmac.new(key, message, hashlib.sha256).hexdigest()
                row.public_id = f"hmac-sha256:{digest}"
        entries.bulk_update(rows, ["public_id"], batch_size=400)
        last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="public_id",
            field=models.CharField(default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="entry",
            name="leaf",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.RunPython(name_subjects, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(condition=models.Q(("leaf", None)), fields=["id"], name="audit_unsealed"),
        ),
        migrations.CreateModel(
            name="Log",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.CharField(max_length=200)),
                ("size", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("level", "index"), name="audit_tile_place")],
            },
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                ("fingerprint", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("public", models.BinaryField()),
                ("announcement", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["at"]},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.CharField(max_length=64)),
                ("note", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("key", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="checkpoints", to="audit.key")),
            ],
            options={"ordering": ["-size"]},
        ),
    ]
