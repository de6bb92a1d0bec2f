"""Consultations that come from elsewhere: checked first, then taken in whole or not at all."""
