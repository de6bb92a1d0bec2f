"""Addresses of joining, invitations and settings."""

from django.urls import path

from civic.consultations import organizing, team_views, views

app_name = "consultations"
urlpatterns = [
    path("c/<slug:slug>/join/", views.join, name="join"),
    path("c/<slug:slug>/mine/about/", views.about_me, name="about_me"),
    path("invitations/", views.invitation, name="invitation"),
    path("invitations/<str:token>/", views.open_invitation, name="open_invitation"),
    path("o/new/", organizing.create, name="create"),
    path("o/<slug:slug>/phase/", organizing.change_phase, name="change_phase"),
    path("o/<slug:slug>/people/", organizing.invite, name="invite"),
    path("o/<slug:slug>/delete/", organizing.delete, name="delete"),
    path("o/<slug:slug>/team/", team_views.show, name="team"),
    path("o/<slug:slug>/team/invite/", team_views.invite, name="team_invite"),
    path("o/<slug:slug>/team/members/<uuid:uuid>/", team_views.change, name="team_change"),
    path(
        "o/<slug:slug>/team/invitations/<uuid:uuid>/revoke/",
        team_views.revoke,
        name="team_revoke",
    ),
]
