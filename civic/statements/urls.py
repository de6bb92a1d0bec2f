"""Addresses of writing and moderating."""

from django.urls import path

from civic.statements import decided, moderation, views, watching

app_name = "statements"
urlpatterns = [
    path("c/<slug:slug>/write/", views.write, name="write"),
    path("c/<slug:slug>/statements/<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
    path("c/<slug:slug>/decisions/", decided.decisions, name="decisions"),
    path("c/<slug:slug>/decisions.csv", decided.decisions_file, name="decisions_file"),
    path("o/<slug:slug>/moderation/", moderation.queue, name="queue"),
    path("o/<slug:slug>/moderation/<uuid:uuid>/", moderation.decide, name="decide"),
    path("o/<slug:slug>/rulings/<uuid:uuid>/confirm/", moderation.confirm, name="confirm"),
    path("o/<slug:slug>/rulings/<uuid:uuid>/undo/", moderation.undo, name="undo_ruling"),
    path("o/<slug:slug>/appeals/<uuid:uuid>/", moderation.answer, name="answer_appeal"),
    path("o/<slug:slug>/preparations/<uuid:uuid>/", watching.preparation, name="preparation"),
    path(
        "o/<slug:slug>/preparations/<uuid:uuid>/again/",
        watching.prepare_again,
        name="prepare_again",
    ),
]
