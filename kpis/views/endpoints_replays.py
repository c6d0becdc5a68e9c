"""Rules tried on stored messages, messages read again, and what the rules were."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions import inbound_replays as replays
from kpis.actions import inbound_trials as trials
from kpis.queries import feeds
from kpis.serializers.feed_rows import rules_out
from kpis.serializers.inbound import RulesOut
from kpis.serializers.inbound_events import ReplayIn, TrialIn
from kpis.serializers.inbound_trials import ReplaysOut, TrialOut, tried_out
from kpis.tasks import process_inbound
from kpis.views.endpoints import TAG
from service.http import ApiView, WaitingView
from service.openapi import operation
from service.pagination import answer, page_of
from service.serializers import PageQuery
from service.wake import wake


class EndpointTrial(WaitingView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "tryInboundRules",
        "Read stored messages by rules that are not saved, and show what would change",
        body=TrialIn,
        answers=TrialOut,
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        asked = self.body(TrialIn)
        with self.transaction():
            row = feeds.endpoint(self.workspace_id, ref)
            events = _meant(row, asked)
            trial = trials.choose(endpoint=row, events=events, rules=asked.get("rules"))
        trial.ask(self.at)
        with self.transaction():
            tried, impact = trials.try_rules(trial, at=self.at)
            gone = feeds.gone_among(events)
        shown = [asdict(one) for one in impact]
        return self.shown({"events": [tried_out(one) for one in tried], "gone": gone, "impact": shown})


class EndpointReplayList(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "replayInboundEvents",
        "Read stored messages again with the rules of now; a dry run shows the impact",
        body=ReplayIn,
        responses={200: ReplaysOut, 202: ReplaysOut},
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        asked = self.body(ReplayIn)
        events = _meant(row, asked)
        gone = feeds.gone_among(events)
        if asked["dry_run"]:
            trial = trials.choose(endpoint=row, events=events, rules=None)
            tried, impact = trials.try_rules(trial, at=self.at)
            shown = [asdict(one) for one in impact]
            return self.shown({"events": len(tried), "gone": gone, "impact": shown})
        count = replays.replay_events(events=events, at=self.at)
        wake(process_inbound)
        return self.shown({"events": count, "gone": gone, "impact": None}, status=202)


class EndpointRulesList(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": PageQuery}

    @operation(
        "listInboundRules",
        "List what the endpoint's rules were, revision by revision",
        answers=RulesOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        page = page_of(feeds.rules_of(row), filters={"of": row.id}, **self.page_params)
        return answer(request, page, rules_out)


def _meant(row: Any, asked: dict[str, Any]) -> Any:
    """Return the stored messages of the endpoint that a request names by ids or filter."""
    said = asked.get("filter") or {}
    return feeds.inbound_events(
        row.workspace_id, endpoint_ref=str(row.id), events=asked.get("events"), **said
    )
