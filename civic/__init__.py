"""The Django project. Reading order: settings, urls, then one app after another, top down.

specs > analysis > intake > reactions > statements > consultations > accounts > audit: an app
imports only from apps to its right. Inside an app: views, forms, services, tasks, pipeline,
snapshot, selectors, models, in that order.
"""

from civic.celery import app as celery_app

__all__ = ["celery_app"]
