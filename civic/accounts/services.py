"""What happens to an account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts import tasks
from civic.accounts.models import User
from civic.audit.models import Entry
from civic.audit.services import record
from civic.errors import Conflict
from civic.texts import fit_line

GUEST_PAGE_LIFE = timedelta(minutes=10)  # one page makes one guest, and later none
MAX_NAME = 80  # characters of a name
NEWCOMER_LIFE = timedelta(days=2)  # an address that nobody confirmed is kept no longer


@transaction.atomic
def ensure_user(email: str, *, display_name: str = "", is_host: bool = False) -> User:
    """The user with this address, made with a verified address where there is none yet."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        name = fit_line(display_name, most=MAX_NAME)
        user = User.objects.create_user(email, display_name=name, is_host=is_host)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        record("account.created", subject=user)
    return user


@transaction.atomic
def make_host(email: str, *, display_name: str = "") -> User:
    """Let whoever has this address create consultations; doing it twice changes nothing."""
    user = ensure_user(email, display_name=display_name)
    if not user.is_host:
        user.is_host = True
        user.save(update_fields=["is_host"])
        record("account.made_host", subject=user)
    return user


@transaction.atomic
def create_guest(uuid: UUID) -> User:
    """Somebody who takes part without an account, known by her browser's cookie alone.

    uuid : drawn by the page that she came from: sent twice, it is the same person
    """
    user, made = User.objects.get_or_create(uuid=uuid, defaults={"email": None})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record("account.guest_created", subject=user, actor=user.audit_key)
    elif not user.is_guest or user.date_joined < timezone.now() - GUEST_PAGE_LIFE:
        raise Conflict(_("This page was used already. Load it anew and try once more."))
    return user


@transaction.atomic
def keep_guest(user: User, *, email: str) -> User:
    """Give a guest the address that she has just shown to be hers, so that her part stays hers.

    Raises Conflict where the address belongs to an account already.
    """
    address = email.lower()
    # An account that nobody ever came back to with a code is nobody's.
    User.objects.filter(email=address, last_login=None, memberships=None, is_host=False).exclude(
        emailaddress__verified=True
    ).delete()
    if User.objects.filter(email=address).exclude(pk=user.pk).exists():
        raise Conflict
    try:
        with transaction.atomic():
            kept = User.objects.filter(pk=user.pk, email=None).update(email=address)
            if not kept:
                raise Conflict(_("You have an e-mail address here already."))
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    except IntegrityError as error:  # Somebody else was given it a moment ago.
        raise Conflict from error
    user.refresh_from_db()
    record("account.kept", subject=user, actor=user.audit_key)
    return user


@transaction.atomic
def newcomer(email: str) -> User:
    """The account of an address that asked for a code, made where there is none.

    It is nobody's until the code was entered. Those that nobody came back for are forgotten.
    """
    user = User.objects.filter(email=email.lower()).first()
    if user is not None:
        return user
    forget_newcomers()
    try:
        with transaction.atomic():
            user = User.objects.create_user(email)
            EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    except IntegrityError:  # Two pages asked at once.
        return User.objects.get(email=email.lower())
    record("account.created", subject=user)
    return user


def forget_newcomers() -> int:
    """Delete accounts of addresses that nobody confirmed within two days; how many there were."""
    never_came = User.objects.filter(
        last_login=None,
        email__isnull=False,
        memberships=None,
        is_host=False,
        date_joined__lt=timezone.now() - NEWCOMER_LIFE,
    ).exclude(emailaddress__verified=True)
    _all, by_model = never_came.exclude(erased_at__isnull=False).delete()
    return by_model.get(User._meta.label, 0)


@transaction.atomic
def erase_user(user: User) -> None:
    """Pseudonymise an account for good: nothing in it leads back to a person any more.

    What she wrote is deleted by `specs.erasing`, which calls this last. The record of her acts
    stays, but what it committed to can no longer be proved.
    """
    record("account.erased", subject=user, actor=user.audit_key)
    Entry.objects.filter(actor=user.audit_key).forget_row_keys()
    EmailAddress.objects.filter(user=user).delete()
    user.memberships.update(user=None)
    user.departures.all().delete()
    user.email = None
    user.display_name = ""
    user.is_active = user.is_host = False
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.save()
    tasks.end_sessions.delay_on_commit(user.pk)
