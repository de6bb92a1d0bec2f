"""Signing in by a code, for known and new addresses alike; and how a guest keeps her part."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from civic.accounts import keeping, locks
from civic.accounts.forms import AskForCodeForm, CodeForm, KeepCodeForm, KeepForm
from civic.errors import Conflict


class AskForCode(allauth.RequestLoginCodeView):
    """One box for an address. A new one gets an account, which is nobody's until the code comes."""

    form_class = AskForCodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request.user, "is_guest", False):
            onward = urlencode({"next": self.get_next_url() or ""})
            return redirect(f"{reverse('account_keep')}?{onward}")
        return super().dispatch(request, *args, **kwargs)


class EnterCode(allauth.ConfirmLoginCodeView):
    """The code. Five wrong ones lock the address; a new one is sent after half a minute."""

    form_class = CodeForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        minutes = round(app_settings.LOGIN_BY_CODE_TIMEOUT / 60)
        waits = round(locks.RESEND_AFTER.total_seconds())
        return super().get_context_data(**kwargs) | {"minutes": minutes, "waits": waits}

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        state = self._process.state
        left = state.get("sent_at", state["at"]) + locks.RESEND_AFTER.total_seconds() - time.time()
        told = (
            keeping.too_soon(left) if left > 0 else keeping.count_code(self.request, state["email"])
        )
        if told:
            messages.warning(self.request, told)
            return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))
        state["sent_at"] = time.time()
        answer = super()._resend_form_valid(form)
        messages.success(self.request, _("A new code is on its way; the old one no longer works."))
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """No browser gets in by a code while the address is locked."""
        if told := locks.locked(self._process.state["email"]):
            return self._turned_away(told)
        return super().post(request, *args, **kwargs)

    def _turned_away(self, sentence: str) -> HttpResponse:
        messages.error(self.request, sentence)
        return redirect(self.passthrough_next_url(reverse("account_request_login_code")))

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        locks.forget_wrong(self._process.state["email"])
        return super()._verify_form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("code", "required"):
            return self.render_to_response(self.get_context_data(form=form), status=400)
        process = self._process
        left = locks.count_wrong(process.state["email"])
        if process.record_invalid_attempt() and left:
            form.errors["code"] = form.error_class([locks.wrong_code(left)])
            return self.render_to_response(self.get_context_data(form=form), status=400)
        return self._turned_away(locks.lock(process.state["email"]))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """A guest gives an e-mail address, so that she can come back with any browser."""
    onward = _next(request)
    if not request.user.is_guest:
        return redirect(onward or "pages:home")
    form = KeepForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        sentence = locks.locked(form.cleaned_data["email"]) or keeping.begin(
            request, email=form.cleaned_data["email"]
        )
        if not sentence:
            return redirect(f"{reverse('account_keep_code')}?{urlencode({'next': onward})}")
        form.add_error("email", sentence)
    context = {"form": form, "next": onward}
    return render(request, "account/keep.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep_code(request: HttpRequest) -> HttpResponse:
    """The code that shows the address to be hers; from then on her part is tied to it."""
    onward = _next(request)
    started = keeping.resume(request)
    again = f"{reverse('account_keep')}?{urlencode({'next': onward})}"
    if started is None or not request.user.is_guest:
        return redirect(again)
    if request.POST.get("action") == "resend":
        messages.info(request, keeping.resend(request, started))
        return redirect(request.get_full_path())
    form = KeepCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (told := locks.locked(started.email)):
        messages.error(request, told)
        return redirect(again)
    if request.method == "POST" and form.is_valid():
        if form.matches(started.code):
            return _kept(request, started, onward=onward, again=again)
        left = keeping.count_wrong(request, started)
        if not left:
            messages.error(request, locks.lock(started.email))
            return redirect(again)
        form.add_error("code", locks.wrong_code(left))
    context = {
        "form": form,
        "verify_form": form,
        "email": started.email,
        "can_resend": True,
        "cancel_url": again,
        "minutes": round(keeping.LIFE / 60),
        "waits": round(locks.RESEND_AFTER.total_seconds()),
        "next": onward,
    }
    status = 400 if form.errors else 200
    return render(request, "account/keep_code.html", context, status=status)


def _kept(
    request: HttpRequest, started: keeping.Started, *, onward: str, again: str
) -> HttpResponse:
    try:
        keeping.finish(request, started)
    except Conflict:
        messages.error(
            request,
            _("That address cannot be used here. If it is yours, you may have an account already."),
        )
        return redirect(again)
    messages.success(
        request, _("Done. Sign in with this address and you find your part again, anywhere.")
    )
    return redirect(onward or "pages:home")


def _next(request: HttpRequest) -> str:
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else ""
