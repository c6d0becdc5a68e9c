"""Endpoints that others push to, the messages that arrived, and what was made of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from service.ids import new_id
from service.models import Resource, SealedField, Workspace, listing_index, resource_constraints


class InboundEndpoint(Resource):
    """A URL that other systems post to. `rules_version` numbers the rules' changes.

    `provider` and `envelope` name rows of service.providers.table; `verification` is what the endpoint says
    of its own proof, `event` where its messages say what they are, `fetch` how what they lead to is asked
    for. Secrets are sealed; one that is awaited is null, as is that of a provider without.
    """

    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=32)
    envelope = models.CharField(max_length=16, default="plain")
    verification = models.JSONField(default=dict)
    event = models.JSONField(default=dict)
    fetch = models.JSONField(null=True)
    fetch_secret = SealedField(null=True)
    secret = SealedField(null=True)
    previous_secret = SealedField(null=True)
    previous_expires_at = models.DateTimeField(null=True)
    rules = models.JSONField()
    rules_version = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    last_event_at = models.DateTimeField(null=True)
    last_rejected_at = models.DateTimeField(null=True)
    last_rejection = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "inbound_endpoint"
        constraints: ClassVar = resource_constraints("inbound_endpoint")
        indexes: ClassVar = [listing_index("inbound_endpoint")]


class InboundEvent(models.Model):
    """A message, stored before it is acknowledged; a repeat of its id is the same row.

    `request`: sealed, what else came with the bytes, while they wait to be verified: such a row is a whole
    request, which becomes its messages. `nonce`: a word of its proof that may be used once. `followed`: JSON,
    by URL the documents that it led to; they stay with it, so that it reads the same again. `body_gone_at`:
    since when its bytes, and those, are no longer kept (kpis.actions.feeds_kept). `repeats`: as of
    a run, when it was read first.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    endpoint = models.ForeignKey(InboundEndpoint, models.PROTECT, db_constraint=False, db_index=False)
    message_id = models.CharField(max_length=255)
    nonce = models.CharField(max_length=100, default="")
    type = models.CharField(max_length=100, default="")
    occurred_at = models.DateTimeField(null=True)
    request = SealedField(null=True)
    body = models.BinaryField()
    followed = models.BinaryField(null=True)
    body_gone_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16)
    attempts = models.PositiveIntegerField(default=0)
    rules_version = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)
    repeats = models.JSONField(default=dict, db_default={})
    issues = models.JSONField(default=list)
    error = models.CharField(max_length=1000, default="")
    created_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inbound_event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="inbound_event_in_workspace"),
            # the repeat of a message
            models.UniqueConstraint(
                fields=["workspace", "endpoint", "message_id"], name="inbound_event_once"
            ),
            # a proof that does not cover its message, used again
            models.UniqueConstraint(
                fields=["workspace", "endpoint", "nonce"],
                condition=~models.Q(nonce=""),
                name="inbound_event_nonce_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="inbound_event_listing"),
            # one endpoint's messages: lists, what is unmatched of late, what is held
            models.Index(
                fields=["workspace", "endpoint", "created_at", "id"], name="inbound_event_of_endpoint"
            ),
            # those whose bytes are to go
            models.Index(
                fields=["workspace", "created_at"],
                name="inbound_event_with_body",
                condition=models.Q(body_gone_at=None),
            ),
            # those that wait to be read again
            models.Index(
                fields=["workspace"],
                name="inbound_event_again",
                condition=models.Q(state="received", processed_at__isnull=False),
            ),
        ]


class InboundRules(models.Model):
    """What an endpoint's rules were, revision by revision. Insert-only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    endpoint = models.ForeignKey(InboundEndpoint, models.PROTECT, db_constraint=False, db_index=False)
    version = models.PositiveIntegerField()
    rules = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_rules"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "endpoint", "version"], name="inbound_rules_version"
            ),
        ]


class InboundRun(models.Model):
    """One reading of a message that recorded something: the cause of its readings. Insert-only.

    It outlasts its message, so that readings keep naming it and the rules that they come from.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    event = models.ForeignKey(InboundEvent, models.PROTECT, db_constraint=False, db_index=False)
    rules_version = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_run"
        constraints: ClassVar = [
            # which message and rules a reading comes from
            models.UniqueConstraint(fields=["workspace", "id"], name="inbound_run_in_workspace"),
        ]


class InboundClaim(models.Model):
    """What a message says by the rules that it was last read with (kpis.actions.inbound_claims)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    endpoint = models.ForeignKey(InboundEndpoint, models.PROTECT, db_constraint=False, db_index=False)
    event = models.ForeignKey(InboundEvent, models.PROTECT, db_constraint=False, db_index=False)
    identity = models.CharField(max_length=32)
    address = models.CharField(max_length=32)
    side = models.CharField(max_length=16)
    told_at = models.DateTimeField()
    item = models.TextField()

    class Meta:
        db_table = "inbound_claim"
        indexes: ClassVar = [
            # what else is claimed of the same thing, of the same place, and what a message claimed before
            models.Index(
                fields=["workspace", "endpoint", "identity", "side", "told_at", "event"],
                name="inbound_claim_of_identity",
            ),
            models.Index(fields=["workspace", "endpoint", "address"], name="inbound_claim_at_address"),
            models.Index(fields=["workspace", "event"], name="inbound_claim_of_event"),
        ]
