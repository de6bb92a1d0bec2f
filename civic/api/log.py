"""The public log, for whoever checks it: checkpoints, entries, proofs, keys. Nothing needs a name.

What can never change again may be kept by any cache for good: full files, proofs between sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.days import Day
from civic.api.refusals import Refusal
from civic.api.resource import ANYBODY, Resource, found
from civic.api.schema import operation
from civic.audit import selectors
from civic.audit.models import Checkpoint
from civic.errors import NotReady

FOR_GOOD = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=5"
NOTHING = "Nothing has been sealed yet; try again in a minute."
LINES = "application/x-ndjson"


class CheckpointOutput(serializers.Serializer):
    size = serializers.IntegerField(help_text="How many entries it covers.")
    root = serializers.CharField(help_text="Of the Merkle tree over them (RFC 6962), in hex.")
    note = serializers.CharField(help_text="The signed note, byte for byte.")
    at = Day()


class LeafOutput(serializers.Serializer):
    index = serializers.IntegerField()
    hash = serializers.SerializerMethodField(help_text="SHA-256(0x00 || content), in hex.")
    content = serializers.SerializerMethodField(
        help_text="Canonical JSON (RFC 8785) of type, object, consultation, commit and day."
    )

    def get_hash(self, leaf: selectors.Leaf) -> str:
        return leaf.hash.hex()

    def get_content(self, leaf: selectors.Leaf) -> str:
        return leaf.content.decode()


class ProofOutput(serializers.Serializer):
    proof = serializers.ListField(
        child=serializers.CharField(), help_text="Hashes in hex, in the order of RFC 6962."
    )


class KeyOutput(serializers.Serializer):
    key = serializers.CharField(help_text="A verifier key (C2SP): name, key id, public key.")
    fingerprint = serializers.CharField(help_text="SHA-256 of the public key, in hex.")
    announcement = serializers.CharField(
        allow_null=True, help_text="A note signed by the key before it; null: the first key."
    )


class OfLog(Resource):
    """A Resource of the one log, open to everybody."""

    acts = {"GET": ANYBODY}

    @property
    def size(self) -> int:
        """How many entries the latest checkpoint covers. Raises NotReady before there is one."""
        latest = selectors.latest_checkpoint()
        if latest is None:
            raise NotReady(NOTHING)
        return latest.size

    def number(self, name: str, *, within: tuple[int, int]) -> int:
        """A whole number from the address's query; raises ValidationError naming it."""
        text = self.request.query_params.get(name, "")
        low, high = within
        if text.isascii() and text.isdigit() and len(text) <= 15 and low <= int(text) <= high:
            return int(text)
        message = f"This must be a whole number from {low} to {high}."
        raise ValidationError({name: [ErrorDetail(message, code="out_of_range")]})


def _whole(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, int, required=True, description=description)


class LatestCheckpoint(OfLog):
    @operation(
        "log_checkpoint",
        {(200, "text/plain"): OpenApiTypes.STR, 409: Refusal},
        parameters=[OpenApiParameter("size", int, description="Of an earlier tree.")],
    )
    def get(self, request: Request) -> HttpResponse:
        """The newest checkpoint, or that of an earlier size: a note that any C2SP tool reads."""
        checkpoint, cache = selectors.latest_checkpoint(), SHORTLY
        if "size" in request.query_params:
            size = self.number("size", within=(1, self.size))
            checkpoint, cache = found(Checkpoint.objects.all(), size=size), FOR_GOOD
        if checkpoint is None:
            raise NotReady(NOTHING)
        headers = {"Cache-Control": cache}
        return HttpResponse(
            checkpoint.note, content_type="text/plain; charset=utf-8", headers=headers
        )


class Checkpoints(OfLog):
    @operation("log_checkpoints", CheckpointOutput(many=True))
    def get(self, request: Request) -> Response:
        """Every checkpoint, newest first."""
        return self.page(Checkpoint.objects.order_by("-size"), CheckpointOutput)


class Leaves:
    """The sealed entries as a list that is read in parts."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> list[selectors.Leaf]:
        start, end, _ = part.indices(self.size)
        return list(selectors.leaves(start, end))


class LogEntries(OfLog):
    @operation("log_entries", LeafOutput(many=True))
    def get(self, request: Request) -> Response:
        """The entries that are sealed, in the order of their leaves: `offset` is a leaf's index."""
        latest = selectors.latest_checkpoint()
        answer = self.page(Leaves(latest.size if latest else 0), LeafOutput)
        answer["Cache-Control"] = SHORTLY
        return answer


class LogFile(OfLog):
    @operation(
        "log_file",
        {(200, LINES): OpenApiTypes.BINARY, 409: Refusal},
        parameters=[_whole("part", "The number of the file; the first is 0.")],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """A file of up to 65,536 entries, one leaf a line, for checking offline."""
        size = self.size
        part = self.number("part", within=(0, (size - 1) // selectors.PART))
        start = part * selectors.PART
        end = min(start + selectors.PART, size)
        headers = {
            "Cache-Control": FOR_GOOD if end - start == selectors.PART else SHORTLY,
            "Content-Disposition": f'attachment; filename="entries-{part:05d}.jsonl"',
        }
        return StreamingHttpResponse(_lines(start, end), content_type=LINES, headers=headers)


def _lines(start: int, end: int) -> Iterator[bytes]:
    return (leaf.content + b"\n" for leaf in selectors.leaves(start, end))


class InclusionProof(OfLog):
    @operation(
        "log_inclusion",
        {200: ProofOutput, 409: Refusal},
        parameters=[_whole("index", "Of the leaf."), _whole("size", "Of the tree.")],
    )
    def get(self, request: Request) -> Response:
        """The hashes that lead from a leaf to the root of the tree of that size."""
        size = self.number("size", within=(1, self.size))
        index = self.number("index", within=(0, size - 1))
        return _proof(selectors.inclusion_proof(index, size=size))


class ConsistencyProof(OfLog):
    @operation(
        "log_consistency",
        {200: ProofOutput, 409: Refusal},
        parameters=[_whole("first", "The earlier size."), _whole("second", "The later size.")],
    )
    def get(self, request: Request) -> Response:
        """The hashes that show that the later tree begins with the earlier one."""
        second = self.number("second", within=(1, self.size))
        first = self.number("first", within=(1, second))
        return _proof(selectors.consistency_proof(first, second))


def _proof(hashes: list[bytes]) -> Response:
    shown: dict[str, Any] = {"proof": [one.hex() for one in hashes]}
    return Response(shown, headers={"Cache-Control": FOR_GOOD})


class LogKeys(OfLog):
    @operation("log_keys", KeyOutput(many=True))
    def get(self, request: Request) -> Response:
        """Every key that has signed or may sign, the first one first."""
        return self.page(selectors.keys(), KeyOutput)
