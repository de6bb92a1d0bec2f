"""Fields that organizers write in: one line or an area, in the direction of their own words."""

from __future__ import annotations

from typing import Any

from django import forms


def text(
    label: Any,
    help_text: Any = "",
    *,
    most: int | None = None,
    rows: int = 0,
    required: bool = False,
    initial: str = "",
) -> forms.CharField:
    """A field for one line, or for as many as are written where it has rows."""
    attrs: dict[str, object] = {"dir": "auto"}
    widget = forms.Textarea(attrs=attrs | {"rows": rows}) if rows else forms.TextInput(attrs=attrs)
    return forms.CharField(
        required=required,
        max_length=most,
        initial=initial,
        label=label,
        help_text=help_text,
        widget=widget,
    )
