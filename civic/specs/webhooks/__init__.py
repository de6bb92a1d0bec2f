"""Telling other programs that a version was published, withdrawn or redacted.

Reading order: models (a webhook and its deliveries), services (what organizers do), signing,
sending (the way out), pipeline (the worker's side), views. Messages and signatures follow Standard
Webhooks 1.0, so that receivers check them with any library of it.
"""
