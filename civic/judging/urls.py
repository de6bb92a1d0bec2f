"""Addresses of answers of machines."""

from django.urls import path

from civic.judging import desk, views

app_name = "judging"
urlpatterns = [
    path("c/<slug:slug>/judge/", views.judge, name="judge"),
    path("c/<slug:slug>/judge/<uuid:uuid>/", views.answer, name="answer"),
    path("c/<slug:slug>/judge/<uuid:uuid>/undo/", views.undo, name="undo"),
    path("o/<slug:slug>/answers/", desk.answers, name="answers"),
    path("o/<slug:slug>/answers/<uuid:uuid>/withdraw/", desk.withdraw, name="withdraw"),
]
