"""Addresses of writing and moderating."""

from django.urls import path

from civic.statements import moderation, views, watching

app_name = "statements"
urlpatterns = [
    path("c/<slug:slug>/write/", views.write, name="write"),
    path("c/<slug:slug>/write/<uuid:uuid>/", views.sent, name="sent"),
    path("c/<slug:slug>/statements/<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
    path("c/<slug:slug>/decisions/", moderation.decisions, name="decisions"),
    path("o/<slug:slug>/moderation/", moderation.queue, name="queue"),
    path("o/<slug:slug>/moderation/<uuid:uuid>/", moderation.decide, name="decide"),
    path("o/<slug:slug>/preparations/<uuid:uuid>/", watching.preparation, name="preparation"),
    path(
        "o/<slug:slug>/preparations/<uuid:uuid>/again/",
        watching.prepare_again,
        name="prepare_again",
    ),
]
