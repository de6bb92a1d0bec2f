"""Addresses of the front pages and of the organizers' desk."""

from django.urls import path

from civic.pages import desk, views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("c/<slug:slug>/", views.consultation, name="consultation"),
    path("c/<slug:slug>/mine/", views.mine, name="my_part"),
    path("c/<slug:slug>/so-far/", views.so_far, name="so_far"),
    path("c/<slug:slug>/statements/<uuid:uuid>/", views.statement, name="statement"),
    path("o/", desk.desk, name="desk"),
    path("o/<slug:slug>/", desk.dashboard, name="dashboard"),
    path("o/<slug:slug>/log/", desk.log, name="log"),
]
