"""Addresses of specs, of their files, and of the analyses they are drafted from."""

from django.urls import path
from django.views.decorators.http import require_safe

from civic.specs import differing, drafting, feeds, publishing, views
from civic.specs.webhooks import views as webhooks

app_name = "specs"
urlpatterns = [
    path("versions.atom", require_safe(feeds.SiteFeed()), name="site_feed"),
    path("c/<slug:slug>/versions.atom", require_safe(feeds.ConsultationFeed()), name="feed"),
    path("c/<slug:slug>/results/", views.results, name="results"),
    path("c/<slug:slug>/spec/", views.latest, name="latest"),
    path("c/<slug:slug>/spec/<int:number>/", views.version, name="version"),
    path("c/<slug:slug>/spec/<int:number>/clauses/<str:key>/", views.clause, name="clause"),
    path("c/<slug:slug>/spec/<int:number>/parts/<slug:status>/", views.part, name="part"),
    path(
        "c/<slug:slug>/spec/<int:earlier>/diff/<int:number>/",
        differing.diff,
        name="diff",
    ),
    path("c/<slug:slug>/spec/<int:number>/files/", views.files, name="files"),
    path(
        "c/<slug:slug>/spec/<int:number>/files/report.html",
        views.report,
        {"name": "report.html"},
        name="report",
    ),
    path(
        "c/<slug:slug>/spec/<int:number>/files/report.pdf",
        views.report,
        {"name": "report.pdf"},
        name="report_pdf",
    ),
    path("c/<slug:slug>/spec/<int:number>/files/<str:name>", views.download, name="download"),
    path("o/<slug:slug>/runs/", drafting.runs, name="runs"),
    path("o/<slug:slug>/runs/start/", drafting.start, name="start_run"),
    path("o/<slug:slug>/runs/<uuid:uuid>/again/", drafting.again, name="again"),
    path("o/<slug:slug>/runs/<uuid:uuid>/draft/", drafting.draft, name="draft"),
    path("o/<slug:slug>/specs/", publishing.versions, name="versions"),
    path("o/<slug:slug>/webhooks/", webhooks.webhooks, name="webhooks"),
    path("o/<slug:slug>/webhooks/<uuid:uuid>/", webhooks.webhook, name="webhook"),
    path("o/<slug:slug>/webhooks/<uuid:uuid>/act/", webhooks.act, name="webhook_act"),
    path("o/<slug:slug>/specs/reply/", publishing.reply, name="reply"),
    path("o/<slug:slug>/specs/<int:number>/publish/", publishing.publish, name="publish"),
    path("o/<slug:slug>/specs/<int:number>/withdraw/", publishing.withdraw, name="withdraw"),
]
