"""Answers of machines to try claims on, and what citizens make of them."""
