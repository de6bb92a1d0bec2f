"""Addresses of analyses."""

from django.urls import path

from civic.analysis import views

app_name = "analysis"
urlpatterns = [
    path("o/<slug:slug>/runs/compare/", views.comparison, name="compare"),
    path("o/<slug:slug>/runs/<uuid:uuid>/", views.run, name="run"),
    path("o/<slug:slug>/runs/<uuid:uuid>/progress/", views.progress, name="progress"),
    path("o/<slug:slug>/runs/<uuid:uuid>/cancel/", views.cancel, name="cancel"),
]
