"""Every address of the API. Lists hang below their consultation, single things stand alone."""

from __future__ import annotations

from django.urls import include, path, re_path

from civic.api import (
    audit,
    claims,
    consultations,
    curation,
    diffs,
    imports,
    log,
    questions,
    reactions,
    reports,
    runs,
    schema,
    session,
    specs,
    statements,
    webhooks,
)
from civic.api.resource import NothingHere

of_consultation = [
    path("", consultations.OneConsultation.as_view()),
    path("phase/", consultations.ConsultationPhase.as_view()),
    path("join/", consultations.Joining.as_view()),
    path("statements/", statements.Statements.as_view()),
    path("statements/mine/", statements.MyStatements.as_view()),
    path("statements/queue/", statements.WaitingStatements.as_view()),
    path("claims/", claims.Claims.as_view()),
    path("claims/next/", claims.NextClaim.as_view()),
    path("reactions/mine/", reactions.MyReactions.as_view()),
    path("decisions/", curation.Decisions.as_view()),
    path("suggestions/", curation.Suggestions.as_view()),
    path("questions/next/", questions.NextQuestion.as_view()),
    path("questions/mine/", questions.MyAnswers.as_view()),
    path("imports/", imports.Imports.as_view()),
    path("runs/", runs.Runs.as_view()),
    path("specs/", specs.Specs.as_view()),
    path("webhooks/", webhooks.Webhooks.as_view()),
    path("audit/", audit.Entries.as_view()),
]
of_log = [
    path("checkpoint/", log.LatestCheckpoint.as_view()),
    path("checkpoints/", log.Checkpoints.as_view()),
    path("entries/", log.LogEntries.as_view()),
    path("file/", log.LogFile.as_view()),
    path("inclusion/", log.InclusionProof.as_view()),
    path("consistency/", log.ConsistencyProof.as_view()),
    path("keys/", log.LogKeys.as_view()),
]
v1 = [
    path("log/", include(of_log)),
    path("session/", session.CurrentSession.as_view()),
    path("consultations/", consultations.Consultations.as_view()),
    path("consultations/<slug:slug>/", include(of_consultation)),
    path("statements/<uuid:id>/", statements.OneStatement.as_view()),
    path("statements/<uuid:id>/withdraw/", statements.Withdrawal.as_view()),
    path("statements/<uuid:id>/verdict/", statements.Verdict.as_view()),
    path("statements/<uuid:id>/report/", reports.Reporting.as_view()),
    path("statements/<uuid:id>/moderate/", statements.Moderation.as_view()),
    path("claims/<uuid:id>/", claims.OneClaim.as_view()),
    path("claims/<uuid:id>/reaction/", reactions.MyReaction.as_view()),
    path("claims/<uuid:id>/reaction/undo/", reactions.Undoing.as_view()),
    path("decisions/<uuid:id>/undo/", curation.Undoing.as_view()),
    path("questions/<uuid:id>/answer/", questions.MyAnswer.as_view()),
    path("imports/<uuid:id>/", imports.OneImport.as_view()),
    path("imports/<uuid:id>/confirm/", imports.ImportConfirmation.as_view()),
    path("runs/<uuid:id>/", runs.OneRun.as_view()),
    path("runs/<uuid:id>/cancel/", runs.Cancellation.as_view()),
    path("specs/<uuid:id>/", specs.OneSpec.as_view()),
    path("specs/<uuid:id>/clauses/", specs.SpecClauses.as_view()),
    path("specs/<uuid:id>/diff/<uuid:to>/", diffs.SpecDiff.as_view()),
    path("specs/<uuid:id>/document/", specs.SpecDocument.as_view()),
    path("specs/<uuid:id>/exports/<str:name>/", specs.SpecExport.as_view()),
    path("specs/<uuid:id>/publish/", specs.Publication.as_view()),
    path("specs/<uuid:id>/withdraw/", specs.SpecWithdrawal.as_view()),
    path("webhooks/<uuid:id>/", webhooks.OneWebhook.as_view()),
    path("webhooks/<uuid:id>/deliveries/", webhooks.WebhookDeliveries.as_view()),
    path("webhooks/<uuid:id>/test/", webhooks.WebhookTest.as_view()),
    path("webhooks/<uuid:id>/remove/", webhooks.WebhookRemoval.as_view()),
]
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", schema.serve, name="api-schema"),
    re_path("", NothingHere.as_view()),
]
