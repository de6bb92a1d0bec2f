"""What happens to an account."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.audit.services import record


@transaction.atomic
def ensure_user(email: str, *, display_name: str = "", is_host: bool = False) -> User:
    """The user with this address, made with a verified address where there is none yet."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, display_name=display_name, is_host=is_host)
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
def erase_user(user: User) -> None:
    """Pseudonymise an account for good: nothing in it leads back to a person any more.

    What she wrote stays under her participant key unless she withdrew it before. The record of her
    acts stays too, but what it committed to can no longer be proved.
    """
    record("account.erased", subject=user, actor=user.audit_key)
    Entry.objects.filter(actor=user.audit_key).forget_row_keys()
    EmailAddress.objects.filter(user=user).delete()
    user.memberships.update(user=None)
    user.email = f"erased-{user.uuid}@invalid.invalid"
    user.display_name = ""
    user.is_active = user.is_host = False
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.save()
