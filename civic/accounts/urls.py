"""Signing in and out: a code by mail for everybody, and no page that takes a password."""

from allauth.account import views as allauth
from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from civic.accounts import views

# Every other way in leads to the code; allauth names these addresses in redirects and mails.
to_code = RedirectView.as_view(
    url=reverse_lazy("account_request_login_code"), query_string=True, permanent=False
)

urlpatterns = [
    path("login/code/", views.AskForCode.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.EnterCode.as_view(), name="account_confirm_login_code"),
    path("keep/", views.keep, name="account_keep"),
    path("keep/code/", views.keep_code, name="account_keep_code"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", to_code, name="account_signup"),
    path("confirm-email/", to_code, name="account_email_verification_sent"),
    path("login/", to_code, name="account_login"),
    path("reauthenticate/", to_code, name="account_reauthenticate"),
    path("password/reset/", to_code, name="account_reset_password"),
    path("email/", to_code, name="account_email"),
]
