"""What other programs are told about a version: facts and addresses, no words of citizens."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from civic.specs.models import SpecVersion
from civic.specs.webhooks.services import announce

PUBLISHED, WITHDRAWN, REDACTED = "spec.published", "spec.withdrawn", "spec.redacted"


def tell(spec: SpecVersion, event: str, **more: object) -> None:
    """Queue the news of a version for every webhook; call it inside the act's transaction."""
    page = reverse("specs:version", args=[spec.consultation.slug, spec.number])
    facts = {
        "consultation": spec.consultation.slug,
        "spec": str(spec.uuid),
        "version": spec.number,
        "sha256": spec.sha256,
        "page": f"{settings.SITE_URL}{page}",
        "document": f"{settings.SITE_URL}/api/v1/specs/{spec.uuid}/document/",
    }
    announce(spec.consultation, event=event, data=facts | more)
