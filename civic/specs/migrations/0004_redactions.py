from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("specs", "0003_verification"),
    ]

    operations = [
        migrations.AddField(
            model_name="specversion",
            name="redactions",
            field=models.JSONField(default=list),
        ),
    ]
