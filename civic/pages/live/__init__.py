"""What happens in a consultation at this moment, for those who run it. Numbers, never people."""
