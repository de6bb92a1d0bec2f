"""Addresses of the front pages and of the organizers' desk, claims and themes included."""

from django.urls import path

from civic.pages import curation, deciding, desk, explore, views, what_if

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("c/<slug:slug>/", views.consultation, name="consultation"),
    path("c/<slug:slug>/mine/", views.mine, name="my_part"),
    path("c/<slug:slug>/so-far/", views.so_far, name="so_far"),
    path("c/<slug:slug>/statements/<uuid:uuid>/", views.statement, name="statement"),
    path("c/<slug:slug>/joined/", curation.record, name="joined"),
    path("o/", desk.desk, name="desk"),
    path("o/<slug:slug>/", desk.dashboard, name="dashboard"),
    path("o/<slug:slug>/log/", desk.log, name="log"),
    path("o/<slug:slug>/explore/", explore.themes, name="explore"),
    path("o/<slug:slug>/explore/sentences/", explore.sentences, name="explore_sentences"),
    path(
        "o/<slug:slug>/explore/sentences/<uuid:uuid>/", explore.sentence, name="explore_sentence"
    ),
    path("o/<slug:slug>/explore/groups/", explore.groups, name="explore_groups"),
    path("o/<slug:slug>/explore/groups.csv", explore.table, name="explore_table"),
    path("o/<slug:slug>/explore/map/", explore.opinion_map, name="explore_map"),
    path("o/<slug:slug>/explore/rules/", explore.rules, name="explore_rules"),
    path("o/<slug:slug>/explore/what-if/", what_if.what_if, name="what_if"),
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
