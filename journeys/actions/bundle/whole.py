"""What no single line can show: that maps have their drafts, and whatever is named is there."""

from __future__ import annotations

import uuid

from django.db import connection

from service.bundle.lines import InvalidBundle
from service.errors import Issue


def check_maps_whole(*, workspace_id: uuid.UUID, line: int) -> None:
    """Refuse a bundle whose maps lack drafts or versions that others name. Raises InvalidBundle at `line`."""
    with connection.cursor() as cursor:
        for detail, sql in _WHOLE.items():
            cursor.execute(sql, {"workspace": workspace_id})
            if found := cursor.fetchone():
                raise InvalidBundle(line, Issue("", "incomplete", detail.format(found[0])))


_WHOLE = {
    "The map {} has no draft.": """
SELECT id FROM journey_map m WHERE workspace_id = %(workspace)s AND NOT EXISTS (
  SELECT FROM draft d WHERE d.workspace_id = m.workspace_id AND d.journey_map_id = m.id) LIMIT 1
""",
    "The map {} lacks versions: last_version names another one than the last.": """
SELECT id FROM journey_map m WHERE workspace_id = %(workspace)s AND last_version <> (
  SELECT coalesce(max(number), 0) FROM version v
  WHERE v.workspace_id = m.workspace_id AND v.journey_map_id = m.id) LIMIT 1
""",
    "The version {} was published before an earlier one.": """
SELECT v.id FROM version v JOIN version next ON next.workspace_id = v.workspace_id
  AND next.journey_map_id = v.journey_map_id AND next.number = v.number + 1
WHERE v.workspace_id = %(workspace)s AND next.published_at <= v.published_at LIMIT 1
""",
    "The template {} names a version that is not in the bundle.": """
SELECT id FROM template t WHERE workspace_id = %(workspace)s AND NOT EXISTS (
  SELECT FROM version v WHERE v.workspace_id = t.workspace_id AND v.journey_map_id = t.journey_map_id
    AND v.number = t.version) LIMIT 1
""",
    "The collection {} names a map that is not in the bundle.": """
SELECT id FROM collection c WHERE workspace_id = %(workspace)s AND NOT journey_maps <@ ARRAY(
  SELECT id FROM journey_map WHERE workspace_id = %(workspace)s) LIMIT 1
""",
}
