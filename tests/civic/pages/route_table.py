"""Who is let in where: one line for every address that the URL conf holds, pages and API.

A line names the roles that each method lets in; None is a method that does not exist there. What
is not here is not allowed to exist: the test of the matrix fails for a route without a line.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = (
    *("nobody", "invited", "citizen", "elsewhere"),  # invited: has not agreed to take part yet
    *("moderator", "analyst", "auditor", "organizer", "owner"),
)
EVERYBODY = frozenset(ROLES)
NOBODY: frozenset[str] = frozenset()
SIGNED_IN = EVERYBODY - {"nobody"}
CITIZEN = frozenset({"citizen"})
LET_IN = CITIZEN | {"invited"}
OWNER = frozenset({"owner"})
ORGANIZERS = frozenset({"organizer", "owner"})
AUDITED = ORGANIZERS | {"auditor"}
MODERATORS = ORGANIZERS | {"moderator"}
RUNNERS = ORGANIZERS | {"analyst"}
READERS = ORGANIZERS | {"analyst", "auditor"}
TEAM = READERS | {"moderator"}
MEMBERS = TEAM | LET_IN
# Organizers of something else may begin another consultation; so may whoever owns this one.
HOSTS = frozenset({"elsewhere", "owner"})
DESKS = TEAM | {"elsewhere"}


@dataclass(frozen=True)
class Line:
    """Whom each method lets in."""

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    put: frozenset[str] | None = None
    patch: frozenset[str] | None = None


def page(roles: frozenset[str]) -> Line:
    """Something to read."""
    return Line(get=roles)


def act(roles: frozenset[str]) -> Line:
    """Something to do, without a page of its own."""
    return Line(post=roles)


def form(roles: frozenset[str]) -> Line:
    """Something to read and to send."""
    return Line(get=roles, post=roles)


PAGES = {
    # Of the whole site
    "pages:home": page(EVERYBODY),
    "pages:about": page(EVERYBODY),
    "pages:privacy": page(EVERYBODY),
    "pages:public_log": page(EVERYBODY),
    "pages:styleguide": page(NOBODY),  # for developers, in debug
    "set_language": form(EVERYBODY),
    "account_request_login_code": form(EVERYBODY),
    "account_confirm_login_code": form(EVERYBODY),
    "account_keep": form(EVERYBODY),
    "account_keep_code": form(EVERYBODY),
    "account_logout": form(EVERYBODY),
    "account_inactive": page(EVERYBODY),
    "account_signup": form(EVERYBODY),
    "account_email_verification_sent": form(EVERYBODY),
    "account_login": form(EVERYBODY),
    "account_reauthenticate": form(EVERYBODY),
    "account_reset_password": form(EVERYBODY),
    "account_email": form(EVERYBODY),
    "pages:account": page(SIGNED_IN),
    "pages:account_data": page(SIGNED_IN),
    "pages:delete_account": form(SIGNED_IN),
    "consultations:invitation": form(EVERYBODY),
    "consultations:open_invitation": page(EVERYBODY),
    # What members see of a consultation by invitation
    "pages:consultation": page(MEMBERS),
    "pages:joined": page(MEMBERS),
    "pages:statement": page(MEMBERS),
    "statements:decisions": page(MEMBERS),
    "statements:decisions_file": page(MEMBERS),
    "specs:latest": page(MEMBERS),
    "specs:results": page(MEMBERS),
    "specs:version": page(MEMBERS),
    "specs:clause": page(MEMBERS),
    "specs:site_feed": page(EVERYBODY),
    "specs:feed": page(NOBODY),  # of a consultation by invitation there is none
    "specs:diff": page(MEMBERS),
    "specs:part": page(MEMBERS),
    "specs:files": page(MEMBERS),
    "specs:report": page(MEMBERS),
    "specs:report_pdf": page(MEMBERS),
    "specs:download": page(MEMBERS),
    # What citizens do
    "consultations:join": Line(get=MEMBERS, post=LET_IN),
    "consultations:about_me": form(CITIZEN),
    "statements:write": form(CITIZEN),
    "statements:withdraw": form(CITIZEN),
    "pages:similar": act(CITIZEN),
    "pages:agree": act(CITIZEN),
    "pages:receipt": page(CITIZEN),
    "pages:judge": act(CITIZEN),
    "pages:differently": form(CITIZEN),
    "pages:my_part": page(CITIZEN),
    "pages:my_reactions": page(CITIZEN),
    "pages:my_data": page(LET_IN),
    "pages:receipt_file": page(CITIZEN),
    "pages:receipt_link": act(CITIZEN),
    "pages:private_receipt": page(EVERYBODY),  # whoever has the address
    "pages:private_file": page(EVERYBODY),
    "pages:delete_part": form(LET_IN),
    "pages:appeal": form(CITIZEN),
    "pages:so_far": page(CITIZEN),
    "curation:either_or": page(CITIZEN),
    "judging:judge": page(CITIZEN),
    "judging:answer": form(CITIZEN),
    "judging:undo": act(CITIZEN),
    "curation:answer": form(CITIZEN),
    "curation:separate_sentence": act(CITIZEN),
    "curation:separate_claim": act(CITIZEN),
    "reactions:react": page(CITIZEN),
    "reactions:answer": form(CITIZEN),
    "reactions:weigh": act(CITIZEN),
    "reactions:undo": act(CITIZEN),
    "reactions:report": form(CITIZEN),
    # Behind the scenes
    "pages:desk": page(DESKS),
    "pages:load_example": act(HOSTS),
    "consultations:create": form(HOSTS),
    "pages:dashboard": page(TEAM),
    "pages:figures": page(READERS),
    "pages:patterns": page(READERS),
    "pages:setup": page(AUDITED),
    "pages:setup_step": Line(get=AUDITED, post=ORGANIZERS),
    "pages:preview": form(AUDITED),
    "consultations:change_phase": Line(get=TEAM, post=ORGANIZERS),
    "consultations:invite": form(ORGANIZERS),
    "consultations:delete": form(OWNER),
    "consultations:team": page(AUDITED),
    "consultations:team_invite": act(OWNER),
    "consultations:team_change": act(OWNER),
    "consultations:team_revoke": act(OWNER),
    "judging:answers": page(AUDITED),
    "judging:withdraw": form(ORGANIZERS),
    "intake:upload": Line(get=AUDITED, post=ORGANIZERS),
    "intake:seed": act(ORGANIZERS),
    "intake:job": page(AUDITED),
    "intake:confirm": act(ORGANIZERS),
    "statements:preparation": page(READERS),
    "statements:prepare_again": act(ORGANIZERS),
    "statements:queue": page(MODERATORS),
    "statements:decide": act(MODERATORS),
    "statements:confirm": act(MODERATORS),
    "statements:undo_ruling": act(OWNER),  # whoever decided it
    "statements:answer_appeal": act(MODERATORS),
    "pages:curation": page(READERS),
    "pages:same": page(READERS),
    "pages:opposed": page(READERS),
    "pages:claims": page(READERS),
    "pages:claim": page(READERS),
    "pages:themes": page(READERS),
    "pages:decide_pair": act(ORGANIZERS),
    "pages:split": act(ORGANIZERS),
    "pages:decide_theme": act(ORGANIZERS),
    "pages:undo": act(ORGANIZERS),
    "analysis:run": page(READERS),
    "analysis:progress": page(READERS),
    "analysis:compare": page(READERS),
    "analysis:cancel": act(RUNNERS),
    "specs:runs": page(READERS),
    "specs:start_run": form(RUNNERS),
    "specs:again": act(RUNNERS),
    "specs:draft": act(ORGANIZERS),
    "specs:versions": page(READERS),
    "specs:reply": form(ORGANIZERS),
    "specs:webhooks": form(ORGANIZERS),
    "specs:webhook": page(ORGANIZERS),
    "specs:webhook_act": act(ORGANIZERS),
    "specs:publish": form(ORGANIZERS),
    "specs:withdraw": form(ORGANIZERS),
    "pages:explore": page(READERS),
    "pages:explore_sentences": page(READERS),
    "pages:explore_sentence": page(READERS),
    "pages:explore_groups": page(READERS),
    "pages:explore_table": page(READERS),
    "pages:explore_map": page(READERS),
    "pages:explore_rules": page(READERS),
    "pages:what_if": page(READERS),
    "pages:log": page(AUDITED),
    "pages:log_file": page(AUDITED),
}
OF = "api/v1/consultations/<slug:slug>/"
ONE = "api/v1/"
PROGRAMS = {
    "api/": page(NOBODY),  # and every address below that no resource has
    "api/schema/": page(EVERYBODY),
    f"{ONE}session/": page(EVERYBODY),
    f"{ONE}session/erase/": act(SIGNED_IN),
    f"{ONE}log/checkpoint/": page(EVERYBODY),
    f"{ONE}log/checkpoints/": page(EVERYBODY),
    f"{ONE}log/entries/": page(EVERYBODY),
    f"{ONE}log/file/": page(EVERYBODY),
    f"{ONE}log/inclusion/": page(EVERYBODY),
    f"{ONE}log/consistency/": page(EVERYBODY),
    f"{ONE}log/keys/": page(EVERYBODY),
    f"{ONE}consultations/": Line(get=EVERYBODY, post=HOSTS),
    OF: Line(get=MEMBERS, patch=ORGANIZERS),
    f"{OF}phase/": act(ORGANIZERS),
    f"{OF}join/": act(LET_IN),
    f"{OF}erase/": act(LET_IN),
    f"{OF}reply/": Line(put=ORGANIZERS),
    f"{OF}statements/": Line(get=MEMBERS, post=CITIZEN),
    f"{OF}statements/mine/": page(CITIZEN),
    f"{OF}statements/queue/": page(MODERATORS),
    f"{OF}claims/": page(MEMBERS),
    f"{OF}claims/next/": act(CITIZEN),
    f"{OF}reactions/mine/": page(CITIZEN),
    f"{OF}decisions/": Line(get=MEMBERS, post=ORGANIZERS),
    f"{OF}suggestions/": page(READERS),
    f"{OF}questions/next/": act(CITIZEN),
    f"{OF}questions/mine/": page(CITIZEN),
    f"{OF}answers/": page(MEMBERS),
    f"{OF}answers/next/": act(CITIZEN),
    f"{OF}answers/judged/": page(CITIZEN),
    f"{OF}imports/": Line(get=AUDITED, post=ORGANIZERS),
    f"{OF}runs/": Line(get=READERS, post=RUNNERS),
    f"{OF}specs/": Line(get=MEMBERS, post=ORGANIZERS),
    f"{OF}audit/": page(AUDITED),
    f"{OF}webhooks/": form(ORGANIZERS),
    f"{ONE}webhooks/<uuid:id>/": page(ORGANIZERS),
    f"{ONE}webhooks/<uuid:id>/deliveries/": page(ORGANIZERS),
    f"{ONE}webhooks/<uuid:id>/test/": act(ORGANIZERS),
    f"{ONE}webhooks/<uuid:id>/remove/": act(ORGANIZERS),
    f"{ONE}statements/<uuid:id>/": page(MEMBERS),
    f"{ONE}statements/<uuid:id>/withdraw/": act(CITIZEN),
    f"{ONE}statements/<uuid:id>/verdict/": act(CITIZEN),
    f"{ONE}statements/<uuid:id>/report/": act(CITIZEN),
    f"{ONE}statements/<uuid:id>/appeal/": act(CITIZEN),
    f"{ONE}statements/<uuid:id>/moderate/": act(MODERATORS),
    f"{ONE}claims/<uuid:id>/": page(MEMBERS),
    f"{ONE}claims/<uuid:id>/reaction/": Line(put=CITIZEN),
    f"{ONE}claims/<uuid:id>/reaction/undo/": act(CITIZEN),
    f"{ONE}decisions/<uuid:id>/undo/": act(ORGANIZERS),
    f"{ONE}questions/<uuid:id>/answer/": Line(put=CITIZEN),
    f"{ONE}answers/<uuid:id>/judgement/": Line(put=CITIZEN),
    f"{ONE}answers/<uuid:id>/judgement/undo/": act(CITIZEN),
    f"{ONE}answers/<uuid:id>/withdraw/": act(ORGANIZERS),
    f"{ONE}imports/<uuid:id>/": page(AUDITED),
    f"{ONE}imports/<uuid:id>/confirm/": act(ORGANIZERS),
    f"{ONE}runs/<uuid:id>/": page(READERS),
    f"{ONE}runs/<uuid:id>/cancel/": act(RUNNERS),
    f"{ONE}runs/<uuid:id>/what-if/": act(READERS),
    f"{ONE}specs/<uuid:id>/": page(MEMBERS),
    f"{ONE}specs/<uuid:id>/clauses/": page(MEMBERS),
    f"{ONE}specs/<uuid:id>/diff/<uuid:to>/": page(MEMBERS),
    f"{ONE}specs/<uuid:id>/document/": page(MEMBERS),
    f"{ONE}specs/<uuid:id>/exports/<str:name>/": page(MEMBERS),
    f"{ONE}specs/<uuid:id>/publish/": act(ORGANIZERS),
    f"{ONE}specs/<uuid:id>/withdraw/": act(ORGANIZERS),
}
TABLE = PAGES | PROGRAMS
