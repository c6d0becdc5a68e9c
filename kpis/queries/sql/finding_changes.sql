-- Lines of the history of findings, as one JSON text.
INSERT INTO finding_change (id, workspace_id, finding_id, change, state, level, severity, cause, note,
                            snoozed_until, author, author_name, told, parent_id, facts, created_at)
SELECT r.id, %(workspace)s, r.finding, r.change, r.state, r.level, r.severity, r.cause, r.note,
       r.snoozed_until, r.author, r.author_name, r.told, r.parent, r.facts, %(at)s
FROM json_to_recordset(%(rows)s::json)
  AS r (id uuid, finding uuid, change text, state text, level text, severity text, cause text, note text,
        snoozed_until timestamptz, author uuid, author_name text, told jsonb, parent uuid, facts jsonb)
