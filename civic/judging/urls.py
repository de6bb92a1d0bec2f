"""Addresses of answers of machines."""

from django.urls import path

from civic.judging import views

app_name = "judging"
urlpatterns = [
    path("o/<slug:slug>/answers/", views.answers, name="answers"),
    path("o/<slug:slug>/answers/<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
