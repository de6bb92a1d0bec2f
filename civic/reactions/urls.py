"""Addresses of reacting."""

from django.urls import path

from civic.reactions import views

app_name = "reactions"
urlpatterns = [
    path("c/<slug:slug>/react/", views.react, name="react"),
    path("c/<slug:slug>/react/<uuid:uuid>/", views.answer, name="answer"),
]
