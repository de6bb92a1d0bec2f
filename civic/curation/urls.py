"""Addresses of either/or questions and of taking one's words out of a merge."""

from django.urls import path

from civic.curation import views

app_name = "curation"
urlpatterns = [
    path("c/<slug:slug>/either-or/", views.either_or, name="either_or"),
    path("c/<slug:slug>/either-or/<uuid:uuid>/", views.answer, name="answer"),
    path(
        "c/<slug:slug>/statements/<uuid:uuid>/sentences/<int:start>/separate/",
        views.separate_sentence,
        name="separate_sentence",
    ),
    path("c/<slug:slug>/claims/<uuid:uuid>/separate/", views.separate_claim, name="separate_claim"),
]
