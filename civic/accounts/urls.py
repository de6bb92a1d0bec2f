"""Signing in and out: those of allauth's pages that need no password."""

from allauth.account import views
from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

# Every other way in leads to the code; allauth names these addresses in redirects and mails.
to_code = RedirectView.as_view(
    url=reverse_lazy("account_request_login_code"), query_string=True, permanent=False
)

urlpatterns = [
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("signup/", views.signup, name="account_signup"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("login/", to_code, name="account_login"),
    path("reauthenticate/", to_code, name="account_reauthenticate"),
    path("password/reset/", to_code, name="account_reset_password"),
    path("email/", to_code, name="account_email"),
]
