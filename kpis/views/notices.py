"""Notices: who is told of which findings. Silences: when nobody is."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from kpis.actions import notices as actions
from kpis.actions.findings_told import Author
from kpis.queries import notices
from kpis.serializers.notices import (
    NoticeIn,
    NoticeOut,
    SilenceIn,
    SilenceOut,
    SilenceQuery,
    notice_given,
    notice_out,
    silence_given,
    silence_out,
)
from service import resources
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery, checked, merged

TAG = "Findings"


class NoticeList(ApiView):
    scopes = {"GET": "findings:read", "POST": "notices:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listNotices",
        "List who is told of which findings",
        answers=NoticeOut,
        many=True,
        tag=TAG,
        query=PageQuery,
        description="A workspace that never had a notice is told of all that is a warning or worse.",
    )
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(notices.notices(self.workspace_id), filters={}, **self.page_params)
        return answer(request, page, notice_out)

    @operation(
        "createNotice",
        "Have findings told: as events finding.opened, finding.changed and finding.closed",
        body=NoticeIn,
        created=NoticeOut,
        tag=TAG,
    )
    def post(self, request: Request) -> HttpResponseBase:
        row = actions.create_notice(workspace_id=self.workspace_id, values=self.body(NoticeIn), at=self.at)
        return self.shown(notice_out(row), status=201, location=f"/v1/notices/{row.id}")


class NoticeDetail(ApiView):
    scopes = {"GET": "findings:read", "PATCH": "notices:write", "DELETE": "notices:write"}

    @operation("getNotice", "Read a notice", answers=NoticeOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(notice_out(notices.notice(self.workspace_id, ref)))

    @operation(
        "updateNotice", "Change a notice", body=NoticeIn, answers=NoticeOut, tag=TAG, parameters=[IF_MATCH]
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = notices.notice(self.workspace_id, ref)
        expected = self.if_match()
        values = checked(NoticeIn, merged(notice_given(row), request.data))
        return self.shown(
            notice_out(actions.change_notice(notice=row, values=values, expected=expected, at=self.at))
        )

    @operation("archiveNotice", "Archive a notice: it tells nothing any more", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = notices.notice(self.workspace_id, ref)
        resources.archive(row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class SilenceList(ApiView):
    scopes = {"GET": "findings:read", "POST": "notices:write"}
    queries = {"GET": SilenceQuery}

    @operation(
        "listSilences",
        "List when nobody is told of which findings",
        answers=SilenceOut,
        many=True,
        tag=TAG,
        query=SilenceQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        holding_at = self.params.get("holding_at")
        rows = notices.silences(self.workspace_id, holding_at=holding_at)
        return answer(request, page_of(rows, filters={"at": holding_at}, **self.page_params), silence_out)

    @operation(
        "createSilence",
        "Have nobody told of some findings for a while",
        body=SilenceIn,
        created=SilenceOut,
        tag=TAG,
        description="The findings are there all the same; the history of each says which silence it was. "
        "What it kept back is told when it ends, once, if it still holds and nobody took care of it.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        author = Author(self.caller.credential_id, self.caller.name)
        values = self.body(SilenceIn)
        row = actions.create_silence(workspace_id=self.workspace_id, values=values, author=author, at=self.at)
        return self.shown(silence_out(row), status=201, location=f"/v1/silences/{row.id}")


class SilenceDetail(ApiView):
    scopes = {"GET": "findings:read", "PATCH": "notices:write", "DELETE": "notices:write"}

    @operation("getSilence", "Read a silence", answers=SilenceOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(silence_out(notices.silence(self.workspace_id, ref)))

    @operation(
        "updateSilence",
        "Change a silence, or end it early",
        body=SilenceIn,
        answers=SilenceOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = notices.silence(self.workspace_id, ref)
        expected = self.if_match()
        values = checked(SilenceIn, merged(silence_given(row), request.data))
        return self.shown(
            silence_out(actions.change_silence(silence=row, values=values, expected=expected, at=self.at))
        )

    @operation(
        "archiveSilence",
        "Archive a silence: it holds no more, and what it kept back is told if it still holds",
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = notices.silence(self.workspace_id, ref)
        actions.archive_silence(silence=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
