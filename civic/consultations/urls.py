"""Addresses of joining, invitations and settings."""

from django.urls import path

from civic.consultations import views

app_name = "consultations"
urlpatterns = [
    path("c/<slug:slug>/join/", views.join, name="join"),
    path("invitations/", views.invitation, name="invitation"),
    path("invitations/<str:token>/", views.open_invitation, name="open_invitation"),
    path("o/new/", views.create, name="create"),
    path("o/<slug:slug>/phase/", views.change_phase, name="change_phase"),
    path("o/<slug:slug>/people/", views.invite, name="invite"),
]
