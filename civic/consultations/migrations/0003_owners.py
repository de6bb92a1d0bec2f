"""Whoever made a consultation owns it; where nobody did, whoever organizes it longest."""

from django.db import migrations


def name_owners(apps, schema_editor):
    Consultation = apps.get_model("consultations", "Consultation")
    Membership = apps.get_model("consultations", "Membership")
    for consultation in Consultation.objects.iterator():
        organizers = Membership.objects.filter(consultation=consultation, is_organizer=True)
        made_it = organizers.filter(user=consultation.created_by_id) & organizers.exclude(user=None)
        owner = made_it.first() or organizers.exclude(user=None).order_by("joined_at", "pk").first()
        if owner is not None:
            Membership.objects.filter(pk=owner.pk).update(is_owner=True)


class Migration(migrations.Migration):
    dependencies = [("consultations", "0002_journeys")]
    operations = [migrations.RunPython(name_owners, migrations.RunPython.noop)]
