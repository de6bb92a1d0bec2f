"""Formats of times in Arabic, most of which Django lacks; the names are Django's."""

DATETIME_FORMAT = "j F، Y، H:i"
SHORT_DATETIME_FORMAT = "d\u200f/m\u200f/Y، H:i"
TIME_FORMAT = "H:i"
