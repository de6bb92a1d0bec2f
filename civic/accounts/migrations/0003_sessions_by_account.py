"""Sessions get the account that they belong to; everybody stays signed in."""

from django.apps.registry import Apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

BATCH = 500


def move(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Copy what has not expired, whose it is read out of it once; leave nothing behind."""
    ours, theirs = apps.get_model("accounts", "Session"), apps.get_model("sessions", "Session")
    living = theirs.objects.filter(expire_date__gt=timezone.now())
    ours.objects.bulk_create(
        (
            ours(
                session_key=row.session_key,
                session_data=row.session_data,
                expire_date=row.expire_date,
                user_id=SessionStore().decode(row.session_data).get(SESSION_KEY),
            )
            for row in living.iterator()
        ),
        batch_size=BATCH,
    )
    theirs.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_journeys"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
