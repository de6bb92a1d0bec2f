"""Which address leads to which app."""

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("api/", include("civic.api.urls")),
    path("language/", set_language, name="set_language"),
    path("accounts/", include("civic.accounts.urls")),
    path("", include("civic.consultations.urls")),
    path("", include("civic.statements.urls")),
    path("", include("civic.curation.urls")),
    path("", include("civic.reactions.urls")),
    path("", include("civic.judging.urls")),
    path("", include("civic.intake.urls")),
    path("", include("civic.analysis.urls")),
    path("", include("civic.specs.urls")),
    path("", include("civic.pages.urls")),
]
handler400 = "civic.pages.errors.bad_request"
handler403 = "civic.pages.errors.forbidden"
handler404 = "civic.pages.errors.not_found"
handler500 = "civic.pages.errors.server_error"
