"""Webhooks: addresses that are told of new versions, and the log of what was sent there."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Input, Text
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.specs.webhooks import services
from civic.specs.webhooks.models import Delivery, Webhook


class WebhookInput(Input):
    url = Text(max_length=500, help_text="Begins with https:// and leads to a public address.")


class WebhookOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    url = serializers.CharField()
    is_on = serializers.BooleanField(help_text="False once the address failed for long.")
    created_at = serializers.DateTimeField()
    disabled_at = serializers.DateTimeField(allow_null=True)


class NewWebhookOutput(WebhookOutput):
    secret = serializers.CharField(help_text="Signs every message. Told this once.")


class AttemptOutput(serializers.Serializer):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True, help_text="Null where no answer came.")
    told = serializers.CharField()
    ms = serializers.IntegerField()


class DeliveryOutput(serializers.Serializer):
    id = serializers.CharField(source="message_id", help_text="The same at every try.")
    event = serializers.CharField()
    status = serializers.ChoiceField(Delivery.Status.choices)
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="When the next try is due, while it waits.")
    attempts = AttemptOutput(many=True)


class Webhooks(OfConsultation):
    acts = {"GET": "specs.publish", "POST": "specs.publish"}

    @operation("webhooks_list", WebhookOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every address that is told of new versions; for organizers."""
        return self.page(self.object.webhooks.all(), WebhookOutput)

    @operation("webhooks_register", NewWebhookOutput, request=WebhookInput, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """Register an address; the answer holds the secret that signs its messages."""
        url = self.taken(WebhookInput)["url"]
        made = services.register(self.object, url=url, by=request.user)
        return Response(NewWebhookOutput(made).data, status=201)


class OfWebhook(Resource):
    """A Resource whose address names a webhook; nobody but organizers knows of it."""

    visible = "specs.publish"
    object: Webhook

    def subject(self) -> Webhook:
        rows = Webhook.objects.select_related("consultation")
        return found(rows, uuid=self.kwargs["id"])


class OneWebhook(OfWebhook):
    acts = {"GET": "specs.publish"}

    @operation("webhooks_retrieve", WebhookOutput)
    def get(self, request: Request, id: object) -> Response:
        """One address, without its secret."""
        return Response(WebhookOutput(self.object).data)


class WebhookDeliveries(OfWebhook):
    acts = {"GET": "specs.publish"}

    @operation("webhooks_deliveries", DeliveryOutput(many=True))
    def get(self, request: Request, id: object) -> Response:
        """What was sent there, the newest first, with every try."""
        return self.page(self.object.deliveries.all(), DeliveryOutput)


class WebhookTest(OfWebhook):
    acts = {"POST": "specs.publish"}

    @operation("webhooks_test", DeliveryOutput, status=201)
    def post(self, request: Request, id: object) -> Response:
        """Send a message that means nothing, once."""
        delivery = services.send_test(self.object, by=request.user)
        return Response(DeliveryOutput(delivery).data, status=201)


class WebhookRemoval(OfWebhook):
    acts = {"POST": "specs.publish"}

    @operation("webhooks_remove", {204: None})
    def post(self, request: Request, id: object) -> Response:
        """Forget an address with its log."""
        services.remove(self.object, by=request.user)
        return Response(status=204)
