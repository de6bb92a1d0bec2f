"""The public log as a page for people: what it is, what it says now, how to check it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from civic.audit import selectors


@require_safe
def public_log(request: HttpRequest) -> HttpResponse:
    """What the log is for, its latest checkpoint, and three ways to check it."""
    checkpoint = selectors.latest_checkpoint()
    size = checkpoint.size if checkpoint else 0
    last = (size - 1) // selectors.PART
    context = {
        "checkpoint": checkpoint,
        "keys": selectors.keys(),
        "files": [(part, f"entries-{part:05d}.jsonl") for part in range(last + 1)] if size else [],
    }
    return render(request, "pages/public_log.html", context)
