"""The contract as it is served: the document, two readers of it, and every problem by its code.

Everything comes from this host; the pages' policy lets browsers fetch nothing from another.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from typing import ClassVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.views import View
from drf_spectacular.generators import SchemaGenerator

from service.catalogue import Entry, problems
from service.preconditions import not_modified
from service.renderers import encode

_SIDECAR = "drf_spectacular_sidecar"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>{head}</head><body>{body}</body></html>
"""
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 46rem; padding: 0 1rem; }
h2 { border-top: 1px solid; margin: 2.5rem 0 0; padding-top: 1rem; }
dt { margin-top: 1.2rem; }
dt:target { outline: 2px solid; outline-offset: 4px; }
dd { margin: 0; }
code { font-size: 1.05em; font-weight: 600; }
"""


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class OpenApi(View):
    """The document of the running code, made once per process."""

    def get(self, request: HttpRequest) -> HttpResponse:
        content, etag = _document()
        if not_modified(request, etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(content, content_type="application/json")
        response["ETag"] = etag
        response["Cache-Control"] = "no-cache"
        response["Access-Control-Allow-Origin"] = "*"
        return response


@cache
def _document() -> tuple[bytes, str]:
    content = encode(SchemaGenerator().get_schema(request=None, public=True))
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class _Reader(View):
    """A page around a script of the sidecar."""

    title: ClassVar[str]
    files: ClassVar[str]
    scripts: ClassVar[tuple[str, ...]]
    start: ClassVar[str]
    styles: ClassVar[tuple[str, ...]] = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        sources = [static(f"{_SIDECAR}/{self.files}/{name}") for name in self.scripts]
        sheets = [static(f"{_SIDECAR}/{self.files}/{name}") for name in self.styles]
        head = "".join(f'<link rel="stylesheet" href="{url}">' for url in sheets)
        body = '<div id="contract"></div>' + "".join(f'<script src="{url}"></script>' for url in sources)
        return _page(self.title, head, f"{body}<script>{self.start}</script>", script=self.start)


class Reference(_Reader):
    """Redoc: to read."""

    title, files = "Living Maps API reference", "redoc/bundles"
    scripts = ("redoc.standalone.js",)
    start = (
        'Redoc.init("/openapi.json", {hideLogo: true, nativeScrollbars: true, '
        'theme: {typography: {fontFamily: "system-ui, sans-serif", '
        'headings: {fontFamily: "system-ui, sans-serif"}}}}, document.getElementById("contract"))'
    )


class TryOut(_Reader):
    """Swagger UI: to try."""

    title, files = "Living Maps API", "swagger-ui-dist"
    scripts, styles = ("swagger-ui-bundle.js",), ("swagger-ui.css",)
    start = (
        'SwaggerUIBundle({url: "/openapi.json", dom_id: "#contract", deepLinking: true, '
        "validatorUrl: null, tryItOutEnabled: true, displayRequestDuration: true})"
    )


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Errors(View):
    """`type` of a problem points here, at its code."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = problems()
        sections = "".join(_section(status, found) for status in sorted({entry.status for entry in found}))
        intro = (
            "<h1>Problems</h1><p>Every refusal is <code>application/problem+json</code> (RFC 9457). "
            "Branch on <code>code</code>, which is stable; <code>errors</code> names each place in the "
            "request by a JSON Pointer; <code>request_id</code> finds the log line.</p>"
        )
        return _page("Living Maps problems", f"<style>{_STYLE}</style>", intro + sections)


def _section(status: int, found: list[Entry]) -> str:
    rows = "".join(
        f'<dt id="{entry.code}"><code>{entry.code}</code> {escape(entry.title)}</dt>'
        f"<dd>{escape(entry.about)}</dd>"
        for entry in found
        if entry.status == status
    )
    return f"<h2>{status}</h2><dl>{rows}</dl>"


def _page(title: str, head: str, body: str, *, script: str = "") -> HttpResponse:
    response = HttpResponse(_PAGE.format(title=escape(title), head=head, body=body))
    inline = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    response["Content-Security-Policy"] = (
        f"default-src 'self'; script-src 'self' 'sha256-{inline}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
    )
    return response
