"""Addresses of reacting."""

from django.urls import path

from civic.reactions import views
from civic.statements import flags

app_name = "reactions"
urlpatterns = [
    path("c/<slug:slug>/react/", views.react, name="react"),
    path("c/<slug:slug>/react/<uuid:uuid>/", views.answer, name="answer"),
    path("c/<slug:slug>/react/<uuid:uuid>/importance/", views.weigh, name="weigh"),
    path("c/<slug:slug>/react/<uuid:uuid>/undo/", views.undo, name="undo"),
    path("c/<slug:slug>/statements/<uuid:uuid>/report/", flags.report, name="report"),
]
