"""The private link to a person's receipt: making it, another in its place, ending it, following it.

Whoever has the address reads the receipt without signing in, as long as its owner lets her.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.audit.services import record
from civic.consultations import limits
from civic.consultations.models import Membership, ReceiptLink, receipt_token, token_digest
from civic.errors import Gone, NotFound


def link_of(membership: Membership) -> ReceiptLink | None:
    """The link that works now, if she has made one."""
    return membership.receipt_links.filter(ended_at=None).first()


@transaction.atomic
def make_link(membership: Membership) -> ReceiptLink:
    """Make a link to her receipt, in the place of the one before; in every phase.

    Raises TooMany where she makes them again and again.
    """
    membership.hold()
    limits.admit(membership, act=limits.LINKS)
    end_links(membership)
    nonce = secrets.token_hex(16)
    link = ReceiptLink.objects.create(
        membership=membership, nonce=nonce, token_digest=token_digest(receipt_token(nonce))
    )
    record("receipt.linked", subject=membership, actor=membership.audit_key)
    return link


@transaction.atomic
def end_link(membership: Membership) -> None:
    """End her link; without one nothing changes."""
    if end_links(membership):
        record("receipt.unlinked", subject=membership, actor=membership.audit_key)


def end_links(membership: Membership) -> int:
    """End what links there are, as a part of another act; how many there were."""
    return membership.receipt_links.filter(ended_at=None).update(ended_at=timezone.now(), nonce="")


def owner_of(token: str) -> Membership:
    """Whose receipt an address leads to.

    Raises NotFound where it was never made here, Gone where it was ended.
    """
    rows = ReceiptLink.objects.select_related("membership__consultation", "membership__user")
    link = rows.filter(token_digest=token_digest(token)).first()
    if link is None:
        raise NotFound
    if link.ended_at is not None:
        raise Gone(_("Whoever made this link has ended it, or had her part deleted."))
    return link.membership
