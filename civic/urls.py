"""Which address leads to which app."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("civic.api.urls")),
    path("accounts/", include("allauth.urls")),
]
