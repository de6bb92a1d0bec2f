"""Taking part without an account: one browser, one person; and how she keeps what she did."""

from __future__ import annotations

import re
import uuid as uuids
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from civic.accounts.models import User
from civic.accounts.services import create_guest, keep_guest
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import join
from civic.errors import Conflict, ConsultationClosed, Forbidden
from civic.statements.models import Statement
from civic.statements.services import submit_statement
from tests.civic.crowd import at_once


@pytest.fixture
def by_link(consultation: Consultation) -> Consultation:
    """A consultation that asks nobody to sign in."""
    consultation.access = Consultation.Access.LINK
    consultation.save()
    return consultation


def come_in(browser: Client, slug: str, **answers: str) -> dict[str, str]:
    """Open the page of joining and send it; what was sent."""
    page = browser.get(reverse("consultations:join", args=[slug])).text
    sent = {"page": re.search(r'name="page" value="([^"]+)"', page)[1]} | answers
    assert browser.post(reverse("consultations:join", args=[slug]), sent).status_code == 302
    return sent


def guest_of(browser: Client) -> User:
    """Whom the browser's cookie names."""
    return User.objects.get(pk=browser.session["_auth_user_id"])


def test_two_browsers_are_two_people(by_link: Consultation) -> None:
    """Each gets a part of its own, without any address."""
    first, second = Client(), Client()
    come_in(first, by_link.slug)
    come_in(second, by_link.slug)
    assert guest_of(first) != guest_of(second)
    assert guest_of(first).is_guest
    assert by_link.memberships.filter(is_participant=True).count() == 2


def test_a_page_sent_twice_makes_one_person(by_link: Consultation) -> None:
    """A double click, or going back and sending again, is still she."""
    browser = Client()
    sent = come_in(browser, by_link.slug)
    first = guest_of(browser)
    again = Client()
    again.post(reverse("consultations:join", args=[by_link.slug]), sent)
    assert guest_of(again) == first
    assert by_link.memberships.filter(is_participant=True).count() == 1


def test_a_page_found_in_the_history_lets_nobody_be_somebody_else(by_link: Consultation) -> None:
    """Ten minutes on, the next user of a shared machine gets no part of the last one."""
    sent = come_in(Client(), by_link.slug)
    User.objects.filter(email=None).update(date_joined=timezone.now() - timedelta(minutes=11))
    answer = Client().post(reverse("consultations:join", args=[by_link.slug]), sent)
    assert answer.status_code == 409


def test_a_made_up_page_makes_nobody(by_link: Consultation) -> None:
    """Whose number comes from elsewhere is told to load the page anew."""
    page = reverse("consultations:join", args=[by_link.slug])
    assert Client().post(page, {"page": str(uuids.uuid4())}).status_code == 409
    assert Client().post(page).status_code == 409
    assert not User.objects.filter(email=None).exists()


def test_a_guest_writes_and_finds_it_again(by_link: Consultation) -> None:
    """What she began before she was in is still there; later the cookie brings her back."""
    browser = Client()
    write = reverse("statements:write", args=[by_link.slug])
    answer = browser.post(write, {"text": "AI should be kind."})
    come_in(browser, by_link.slug, next=write)
    assert "AI should be kind." in browser.get(write).text
    assert answer.status_code == 302
    assert browser.get(reverse("pages:my_part", args=[by_link.slug])).status_code == 200
    assert browser.session.get_expiry_age() > timedelta(days=100).total_seconds()


def test_a_guest_who_is_refused_was_never_here(
    by_link: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consultation closes between her page and her button: no row of hers stays behind."""
    browser, address = Client(), reverse("consultations:join", args=[by_link.slug])
    page = browser.get(address).text
    monkeypatch.setattr(Consultation, "require_open", refuse)
    sent = {"page": re.search(r'name="page" value="([^"]+)"', page)[1]}
    assert browser.post(address, sent).status_code == 409
    assert not User.objects.filter(email=None).exists()
    assert "_auth_user_id" not in browser.session


def refuse(_consultation: Consultation, _act: str) -> None:
    raise ConsultationClosed


def test_a_guest_is_asked_for_an_address_where_one_is_needed(
    by_link: Consultation, alice: User
) -> None:
    """Elsewhere, sign-in is the rule for her too."""
    browser = Client()
    come_in(browser, by_link.slug)
    other = Consultation.objects.create(title="Other", slug="other", phase="collect")
    answer = browser.get(reverse("consultations:join", args=[other.slug]))
    assert answer["Location"].startswith(reverse("account_keep"))
    with pytest.raises(Forbidden, match="e-mail address"):
        join(other, user=guest_of(browser))


def test_one_network_makes_only_so_many_guests(
    by_link: Consultation, settings: LazySettings
) -> None:
    """The next one is told to wait or to sign in, and nothing is made for her."""
    settings.ACCOUNT_RATE_LIMITS = {"create_guest": "2/h/ip"}
    come_in(Client(), by_link.slug)
    come_in(Client(), by_link.slug)
    browser = Client()
    page = browser.get(reverse("consultations:join", args=[by_link.slug])).text
    sent = {"page": re.search(r'name="page" value="([^"]+)"', page)[1]}
    answer = browser.post(reverse("consultations:join", args=[by_link.slug]), sent)
    assert answer.status_code == 429
    assert "sign in with an e-mail address" in answer.text
    assert User.objects.filter(email=None).count() == 2


# --- Keeping it


def keep(browser: Client, email: str) -> None:
    """Ask for a code to this address."""
    answer = browser.post(reverse("account_keep"), {"email": email})
    assert answer["Location"].startswith(reverse("account_keep_code"))


def code_in(message: mail.EmailMessage) -> str:
    return re.search(r"^(\d{6})$", message.body, re.MULTILINE)[1]


def test_a_guest_keeps_her_part_by_an_address(by_link: Consultation) -> None:
    """The same person, the same part, and another browser finds it by a code."""
    browser = Client()
    come_in(browser, by_link.slug)
    guest = guest_of(browser)
    keep(browser, "Dora@example.org")
    browser.post(reverse("account_keep_code"), {"code": code_in(mail.outbox[0])})
    guest.refresh_from_db()
    assert guest.email == "dora@example.org"
    assert not guest.is_guest
    assert guest.memberships.get().consultation == by_link
    elsewhere = Client()
    elsewhere.post(reverse("account_request_login_code"), {"email": "dora@example.org"})
    elsewhere.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[1])})
    assert guest_of(elsewhere) == guest


def test_somebody_elses_address_looks_the_same_and_opens_nothing(
    by_link: Consultation, alice: User
) -> None:
    """The page tells nothing; the owner of the address is told by mail, without a code."""
    browser = Client()
    come_in(browser, by_link.slug)
    browser.get(reverse("pages:home"))  # where she is greeted
    keep(browser, alice.email)
    taken = browser.get(reverse("account_keep_code")).text
    keep(browser, "nobody@example.org")
    free = browser.get(reverse("account_keep_code")).text

    def plain(page: str, email: str) -> str:
        return re.sub(r'value="[A-Za-z0-9]{64}"', "", page).replace(email, "")

    assert plain(taken, alice.email) == plain(free, "nobody@example.org")
    assert not re.search(r"\d{6}", mail.outbox[0].body)
    assert guest_of(browser).is_guest
    with pytest.raises(Conflict):
        keep_guest(guest_of(browser), email=alice.email)


def test_wrong_codes_lock_the_address_for_guests_too(by_link: Consultation) -> None:
    """Five tries, then a stated time."""
    browser = Client()
    come_in(browser, by_link.slug)
    keep(browser, "dora@example.org")
    for left in (4, 3, 2, 1):
        answer = browser.post(reverse("account_keep_code"), {"code": "000000"})
        assert f"{left} tr" in answer.text
    answer = browser.post(reverse("account_keep_code"), {"code": "000000"}, follow=True)
    assert "5 minutes from now" in answer.text
    assert guest_of(browser).is_guest


def test_a_new_cookie_brings_no_new_tries(by_link: Consultation) -> None:
    """Two guests who try codes for one address share its five tries."""
    for lefts in ((4, 3, 2), (1,)):
        browser = Client()
        come_in(browser, by_link.slug)
        keep(browser, "dora@example.org")
        for left in lefts:
            answer = browser.post(reverse("account_keep_code"), {"code": "000000"})
            assert f"{left} tr" in answer.text
    answer = browser.post(reverse("account_keep_code"), {"code": "000000"}, follow=True)
    assert "5 minutes from now" in answer.text
    other = Client()
    come_in(other, by_link.slug)
    assert "5 minutes" in other.post(reverse("account_keep"), {"email": "Dora@example.org"}).text


def test_an_address_that_somebody_only_typed_is_free(by_link: Consultation) -> None:
    """A request that nobody followed up keeps no address from its owner."""
    Client().post(reverse("account_request_login_code"), {"email": "dora@example.org"})
    browser = Client()
    come_in(browser, by_link.slug)
    keep(browser, "dora@example.org")
    browser.post(reverse("account_keep_code"), {"code": code_in(mail.outbox[-1])})
    assert guest_of(browser).email == "dora@example.org"


def test_signing_out_warns_a_guest(by_link: Consultation) -> None:
    """She hears that nobody could find her part again."""
    browser = Client()
    come_in(browser, by_link.slug)
    assert "You could not come back" in browser.get(reverse("account_logout")).text


# --- Consent and what she says about herself

STRATA = [
    {
        "key": "age",
        "label": "Age",
        "question": "How old are you?",
        "why": "To hear old and young.",
        "options": [
            {"key": "young", "label": "Under 30", "share": 0.3},
            {"key": "old", "label": "30 or older", "share": 0.7},
        ],
    }
]


def test_questions_about_people_may_stay_unanswered(by_link: Consultation) -> None:
    """Saying nothing is chosen already; the reason is told; consent is written down."""
    by_link.strata = STRATA
    by_link.save()
    browser = Client()
    page = browser.get(reverse("consultations:join", args=[by_link.slug])).text
    assert "To hear old and young." in page
    assert re.search(r'value=""[^>]*checked', page)
    come_in(browser, by_link.slug)
    me = Membership.objects.get(user=guest_of(browser))
    assert me.strata == {}
    assert me.consented_at is not None


def test_answers_are_kept_asked_once_and_changed_by_herself(by_link: Consultation) -> None:
    """What she said stands under My part, until she takes it back."""
    by_link.strata = STRATA
    by_link.save()
    browser = Client()
    come_in(browser, by_link.slug, **{"about-age": "old"})
    me = Membership.objects.get(user=guest_of(browser))
    assert me.strata == {"age": "old"}
    assert browser.get(reverse("consultations:join", args=[by_link.slug])).status_code == 302
    about = reverse("consultations:about_me", args=[by_link.slug])
    assert re.search(r'value="old"[^>]*checked', browser.get(about).text)
    browser.post(about, {"about-age": ""})
    me.refresh_from_db()
    assert me.strata == {}


@pytest.mark.parametrize("answer", ["ancient", "<b>", "old\0"])
def test_an_answer_that_was_not_offered_is_refused(by_link: Consultation, answer: str) -> None:
    """And nobody is in yet."""
    by_link.strata = STRATA
    by_link.save()
    browser = Client()
    page = browser.get(reverse("consultations:join", args=[by_link.slug])).text
    sent = {"page": re.search(r'name="page" value="([^"]+)"', page)[1], "about-age": answer}
    answered = browser.post(reverse("consultations:join", args=[by_link.slug]), sent)
    assert answered.status_code == 400
    assert not by_link.memberships.filter(is_participant=True).exists()


def test_only_participants_say_something_about_themselves(
    by_link: Consultation, charlie: User
) -> None:
    """Others are led to joining."""
    browser = Client()
    browser.force_login(charlie)
    answer = browser.get(reverse("consultations:about_me", args=[by_link.slug]))
    assert answer["Location"].startswith(reverse("consultations:join", args=[by_link.slug]))


# --- Many at once


@pytest.mark.django_db(transaction=True)
def test_fifty_joining_at_once_make_one_membership(by_link: Consultation, bob: User) -> None:
    """A finger that will not come off the button is one person."""
    at_once(lambda _: join(Consultation.objects.get(pk=by_link.pk), user=bob), times=50)
    assert by_link.memberships.filter(user=bob).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_page_sent_by_many_threads_makes_one_guest(by_link: Consultation) -> None:
    """Whatever the hurry, one number is one person."""
    number = uuids.uuid4()
    found = at_once(lambda _: create_guest(number).pk, times=20)
    assert len(set(found)) == 1
    cache.clear()


def test_two_guests_with_the_same_words_are_two_voices(by_link: Consultation) -> None:
    """Each said so; neither is the other's double."""
    for _ in range(2):
        me = join(by_link, user=create_guest(uuids.uuid4()))
        submit_statement(author=me, text="AI should be kind.")
    texts = Statement.objects.filter(text="AI should be kind.")
    assert texts.values("author").distinct().count() == 2
