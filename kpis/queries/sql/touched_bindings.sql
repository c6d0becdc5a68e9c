-- Which bindings a reading of these series can change, and on which maps something seen can change. Those
-- shown are locked, in the order of their ids: who works out the same one waits, and then sees our readings.
-- `shown`: the binding shows the series now, be it for a persona of the latest version. Not shown, but seen
-- by those who ask for the past: what a binding selected before.
-- OFFSET 0 keeps lookups by the key of one row each, however few rows the planner expects of a table.
WITH RECURSIVE touched AS (
  SELECT DISTINCT kpi_id, labels FROM series
  WHERE workspace_id = %(workspace)s AND id = ANY(%(series)s::bigint[])
), fed AS (
  -- the KPI itself, and all that is made of it
  SELECT kpi_id, labels FROM touched
  UNION
  SELECT r.kpi_id, f.labels FROM fed f
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.inputs <> '{}' AND f.kpi_id = ANY(r.inputs)
), bound AS MATERIALIZED (
  SELECT id, journey_map_id, kpi_id, selector, archived_at IS NULL AS live FROM binding
  WHERE workspace_id = %(workspace)s AND kpi_id IN (SELECT kpi_id FROM fed)
), seen_for AS MATERIALIZED (
  -- the selectors of the personas that a map is seen for
  SELECT mapped.journey_map_id, persona.selector
  FROM (SELECT DISTINCT journey_map_id FROM bound WHERE live) mapped
  CROSS JOIN LATERAL (
    SELECT v.personas FROM journey_map m
    JOIN version v ON v.workspace_id = m.workspace_id AND v.journey_map_id = m.id AND v.number = m.last_version
    WHERE m.workspace_id = %(workspace)s AND m.id = mapped.journey_map_id
    OFFSET 0
  ) latest
  CROSS JOIN LATERAL (
    SELECT convert_from(content, 'UTF8')::jsonb -> 'selector' AS selector FROM body
    WHERE workspace_id = %(workspace)s AND id = ANY(latest.personas)
    OFFSET 0
  ) persona
  WHERE persona.selector IS NOT NULL
), wanted AS (
  SELECT id, journey_map_id, kpi_id, selector, live AS shown FROM bound
  UNION ALL
  SELECT b.id, b.journey_map_id, b.kpi_id, t.selector, false
  FROM bound b
  CROSS JOIN LATERAL (
    SELECT selector FROM binding_term
    WHERE workspace_id = %(workspace)s AND journey_map_id = b.journey_map_id AND binding_id = b.id
    OFFSET 0
  ) t
  WHERE t.selector <> b.selector
  UNION ALL
  SELECT b.id, b.journey_map_id, b.kpi_id, b.selector || p.selector, true
  FROM bound b JOIN seen_for p ON p.journey_map_id = b.journey_map_id
  WHERE b.live
), matched AS (
  SELECT w.id, w.journey_map_id, w.shown FROM wanted w
  JOIN fed f ON f.kpi_id = w.kpi_id AND f.labels = w.selector
  UNION ALL
  SELECT w.id, w.journey_map_id, w.shown FROM wanted w
  JOIN fed f ON f.kpi_id = w.kpi_id AND selects_labels(w.selector, f.labels)
  WHERE jsonb_path_exists(w.selector, '$.* ? (@ == "*")')
), found AS MATERIALIZED (
  SELECT id, journey_map_id, bool_or(shown) AS shown FROM matched GROUP BY id, journey_map_id
), held AS MATERIALIZED (
  SELECT id FROM binding
  WHERE workspace_id = %(workspace)s AND id = ANY(ARRAY(SELECT id FROM found WHERE shown))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT found.id, journey_map_id, held.id IS NOT NULL FROM found LEFT JOIN held ON held.id = found.id
