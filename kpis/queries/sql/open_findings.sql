-- New findings, as one JSON text. One whose subject has got a standing finding meanwhile is left out.
INSERT INTO finding (id, workspace_id, kind, subject, kpi_id, labels, source_id, about, level, severity,
                     state, standing, cause, retrospective, facts, parent_id, since, over_at, closed_at,
                     row_version, created_at, updated_at)
SELECT r.id, %(workspace)s, r.kind, r.subject, r.kpi, r.labels, r.source, r.about, r.level, r.severity,
       r.state, r.standing, r.cause, r.retrospective, r.facts, r.parent, r.since,
       CASE WHEN NOT r.standing THEN %(at)s::timestamptz END,
       CASE WHEN r.state = 'closed' THEN %(at)s::timestamptz END, 1, %(at)s, %(at)s
FROM json_to_recordset(%(rows)s::json)
  AS r (id uuid, kind text, subject text, kpi uuid, labels jsonb, source uuid, about text, level text,
        severity text, state text, standing boolean, cause text, retrospective boolean, facts jsonb, parent uuid, since timestamptz)
ORDER BY r.kind, r.subject
ON CONFLICT (workspace_id, subject, kind) WHERE standing DO NOTHING
RETURNING id
