"""Addresses of importing."""

from django.urls import path

from civic.intake import views

app_name = "intake"
urlpatterns = [
    path("o/<slug:slug>/import/", views.upload, name="upload"),
    path("o/<slug:slug>/import/typed/", views.seed, name="seed"),
    path("o/<slug:slug>/import/<uuid:uuid>/", views.job, name="job"),
    path("o/<slug:slug>/import/<uuid:uuid>/confirm/", views.confirm, name="confirm"),
]
