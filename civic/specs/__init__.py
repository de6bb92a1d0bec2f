"""Specs: drafted from a run, published by a person, exported by anyone."""
