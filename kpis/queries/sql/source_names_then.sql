-- What sources were called when they broke last before an instant, as the findings about them say.
SELECT DISTINCT ON (finding.source_id) finding.source_id, line.facts ->> 'name'
FROM finding
JOIN finding_change AS line ON line.workspace_id = %(workspace)s AND line.finding_id = finding.id
  AND line.created_at <= %(at)s AND line.facts IS NOT NULL
WHERE finding.workspace_id = %(workspace)s AND finding.kind = 'source_broken'
  AND finding.subject = ANY(%(subjects)s::text[])
ORDER BY finding.source_id, line.created_at DESC, line.id DESC
