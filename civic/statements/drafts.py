"""Words on their way: kept in the session, so that signing in or a second thought loses nothing."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest, QueryDict

from civic.consultations.models import Consultation
from civic.texts import LIMIT

KEPT = 4 * LIMIT  # code points: a text within the limit may need several for one character


def keep(request: HttpRequest, consultation: Consultation, data: QueryDict) -> bool:
    """Keep what stands in the form; whether there was anything to keep."""
    text = data.get("text", "")[:KEPT]
    if not text.strip():
        drop(request, consultation)
        return False
    request.session[_name(consultation)] = {
        "text": text,
        "language": data.get("language", "")[:16],
        "scenario": data.get("scenario", "")[:40],
        "kept_at": round(time.time() * 1000),  # as browsers count
    }
    return True


def kept(request: HttpRequest, consultation: Consultation) -> dict[str, Any]:
    """What was kept; nothing where there is no draft."""
    found = request.session.get(_name(consultation))
    return found if isinstance(found, dict) else {}


def drop(request: HttpRequest, consultation: Consultation) -> None:
    """It was sent, or thrown away."""
    request.session.pop(_name(consultation), None)


def _name(consultation: Consultation) -> str:
    return f"draft-{consultation.uuid}"
