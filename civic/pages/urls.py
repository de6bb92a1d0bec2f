"""Addresses of the front pages and of the organizers' desk, claims and themes included."""

from django.urls import path

from civic.pages import curation, deciding, desk, views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("c/<slug:slug>/", views.consultation, name="consultation"),
    path("c/<slug:slug>/mine/", views.mine, name="my_part"),
    path("c/<slug:slug>/so-far/", views.so_far, name="so_far"),
    path("c/<slug:slug>/statements/<uuid:uuid>/", views.statement, name="statement"),
    path("c/<slug:slug>/joined/", curation.record, name="joined"),
    path("o/", desk.desk, name="desk"),
    path("o/<slug:slug>/", desk.dashboard, name="dashboard"),
    path("o/<slug:slug>/log/", desk.log, name="log"),
    path("o/<slug:slug>/curation/", curation.overview, name="curation"),
    path("o/<slug:slug>/curation/same/", curation.same, name="same"),
    path("o/<slug:slug>/curation/opposed/", curation.opposed, name="opposed"),
    path("o/<slug:slug>/curation/pair/", deciding.decide_pair, name="decide_pair"),
    path("o/<slug:slug>/curation/claims/", curation.claims, name="claims"),
    path("o/<slug:slug>/curation/claims/<uuid:uuid>/", curation.claim, name="claim"),
    path("o/<slug:slug>/curation/claims/<uuid:uuid>/split/", deciding.split, name="split"),
    path("o/<slug:slug>/curation/themes/", curation.theme_list, name="themes"),
    path("o/<slug:slug>/curation/theme/", deciding.decide_theme, name="decide_theme"),
    path("o/<slug:slug>/curation/decisions/<uuid:uuid>/undo/", deciding.undo, name="undo"),
]
