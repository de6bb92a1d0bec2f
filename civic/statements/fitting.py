"""May a statement speak to this situation?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from civic.consultations.models import Consultation
from civic.errors import Invalid


def check_situation(consultation: Consultation, key: str) -> None:
    """Raise Invalid where the consultation asks about no such situation; "" is none."""
    if key and all(one["key"] != key for one in consultation.scenarios):
        raise Invalid(
            _("There is no such situation in this consultation. Choose another, or none.")
        )
