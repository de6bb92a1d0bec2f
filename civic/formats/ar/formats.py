"""Formats of dates with times in Arabic, which Django lacks; the names are Django's."""

DATETIME_FORMAT = "j F، Y، H:i"
SHORT_DATETIME_FORMAT = "d\u200f/m\u200f/Y، H:i"
