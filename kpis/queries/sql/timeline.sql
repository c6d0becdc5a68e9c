-- The moments of a map in [since, until] that were known by known_at, in the order of the list: what was published,
-- bound, noticed, improved, told otherwise, and which sources broke. What is bound is what the map shows, or showed.
-- What people wrote about findings, and who, is for those who may read findings.
WITH terms AS MATERIALIZED (
  SELECT DISTINCT ON (t.binding_id, t.valid_from)
         t.id, t.binding_id, t.element_id, t.selector, t.label, t.valid_from, t.recorded_at, b.kpi_id,
         least(t.valid_to, b.archived_at) AS valid_to, b.archived_at,
         t.valid_from = min(t.valid_from) OVER (PARTITION BY t.binding_id) AS is_first
  FROM binding_term t
  JOIN binding b ON b.workspace_id = t.workspace_id AND b.id = t.binding_id
  WHERE t.workspace_id = %(workspace)s AND t.journey_map_id = %(map)s AND t.recorded_at <= %(known_at)s
  ORDER BY t.binding_id, t.valid_from, t.recorded_at DESC, t.id DESC
), shown AS MATERIALIZED (
  SELECT kpi_id, min(valid_from) AS since FROM terms GROUP BY kpi_id
), improved AS MATERIALIZED (
  SELECT DISTINCT ON (improvement_id) improvement_id, title, effective_at, until, archived,
         min(recorded_at) OVER (PARTITION BY improvement_id) AS written_at
  FROM improvement_term
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND recorded_at <= %(known_at)s
  ORDER BY improvement_id, recorded_at DESC, id DESC
), moment AS (
  SELECT created_at AS at, created_at AS known_at, 'map' AS kind, 'created' AS change, id::text AS own,
         NULL::json AS told
  FROM journey_map WHERE workspace_id = %(workspace)s AND id = %(map)s
  UNION ALL
  SELECT archived_at, archived_at, 'map', 'archived', id::text, NULL
  FROM journey_map WHERE workspace_id = %(workspace)s AND id = %(map)s AND archived_at IS NOT NULL
  UNION ALL
  SELECT published_at, published_at, 'version', CASE WHEN restored_from IS NULL THEN 'published' ELSE 'restored' END,
         id::text,
         json_build_object('version', number, 'text', message, 'author_name', author_name)
  FROM version WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
  UNION ALL
  SELECT valid_from, recorded_at, 'binding', CASE WHEN is_first THEN 'bound' ELSE 'changed' END, id::text,
         json_build_object('binding', binding_id, 'kpi', kpi_id, 'element', element_id, 'text', label)
  FROM terms
  UNION ALL
  SELECT * FROM (
    SELECT DISTINCT ON (binding_id) archived_at, archived_at, 'binding', 'archived', binding_id::text,
           json_build_object('binding', binding_id, 'kpi', kpi_id, 'element', element_id, 'text', label)
    FROM terms WHERE archived_at IS NOT NULL ORDER BY binding_id, valid_from DESC
  ) AS gone
  UNION ALL
  SELECT line.created_at, line.created_at, 'finding', line.change, line.id::text,
         json_build_object('finding', finding.id, 'kpi', finding.kpi_id, 'finding_kind', finding.kind,
           'level', line.level, 'severity', line.severity)
  FROM shown
  JOIN finding ON finding.workspace_id = %(workspace)s AND finding.kpi_id = shown.kpi_id
  JOIN finding_change line ON line.workspace_id = %(workspace)s AND line.finding_id = finding.id
  WHERE line.created_at BETWEEN %(since)s AND %(until)s
    AND line.change = ANY('{opened,reopened,worsened,eased,closed,over,acknowledged,snoozed,woken}'::text[])
    AND EXISTS (
      SELECT FROM terms WHERE terms.kpi_id = finding.kpi_id AND terms.selector = finding.labels
        AND terms.valid_from <= line.created_at
        AND (terms.valid_to IS NULL OR terms.valid_to >= line.created_at)
    )
  UNION ALL
  SELECT turn.recorded_at, turn.recorded_at, 'source', CASE WHEN turn.broken THEN 'broke' ELSE 'recovered' END,
         turn.id::text, json_build_object('source', source.id, 'text', source.name)
  FROM (
    SELECT series.feed_id, min(shown.since) AS since FROM shown
    JOIN series ON series.workspace_id = %(workspace)s AND series.kpi_id = shown.kpi_id
    WHERE series.feed_id IS NOT NULL GROUP BY series.feed_id
  ) AS fed
  JOIN source ON source.workspace_id = %(workspace)s AND source.id = fed.feed_id
  JOIN feed_turn turn ON turn.workspace_id = %(workspace)s AND turn.feed_id = fed.feed_id
    AND turn.recorded_at >= fed.since
  UNION ALL
  SELECT effective_at, written_at, 'improvement', 'made', improvement_id::text,
         json_build_object('improvement', improvement_id, 'text', title)
  FROM improved WHERE NOT archived
  UNION ALL
  SELECT until, written_at, 'improvement', 'withdrawn', improvement_id::text,
         json_build_object('improvement', improvement_id, 'text', title)
  FROM improved WHERE NOT archived AND until IS NOT NULL
  UNION ALL
  SELECT max(mark.recorded_at), max(mark.recorded_at), 'figure', 'restated', concat(series.kpi_id, mark.since),
         json_build_object('kpi', series.kpi_id, 'text', max(mark.reason), 'cause', max(mark.why),
           'start', to_json(min(mark.start_at)), 'end', to_json(max(mark.end_at)))
  FROM shown
  JOIN series ON series.workspace_id = %(workspace)s AND series.kpi_id = shown.kpi_id
    AND series.restated_at IS NOT NULL
  JOIN restatement mark ON mark.workspace_id = %(workspace)s AND mark.series_id = series.id
    AND mark.recorded_at >= shown.since
  GROUP BY series.kpi_id, mark.since
), placed AS (
  SELECT at, md5(concat(kind, change, own))::uuid AS id, kind, change, told FROM moment
  WHERE at BETWEEN %(since)s AND %(until)s AND known_at <= %(known_at)s
    AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
)
SELECT at, id, kind, change, told::text FROM placed
WHERE %(after_at)s::timestamptz IS NULL
  OR (NOT %(backwards)s::boolean AND (at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
  OR (%(backwards)s::boolean AND (at, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY CASE WHEN %(backwards)s::boolean THEN at END DESC, CASE WHEN %(backwards)s::boolean THEN id END DESC, at, id
LIMIT %(limit)s
