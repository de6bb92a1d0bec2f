"""Analyses: what is asked of the worker, what it is given, what it answered."""
