-- Which bindings a reading of these series can change, and on which maps something seen can change.
-- `shown`: the binding shows the series now, be it for a persona of the latest version. Not shown, but seen
-- by those who ask for the past: what a binding selected before.
WITH touched AS (
  SELECT DISTINCT kpi_id, labels FROM series
  WHERE workspace_id = %(workspace)s AND id = ANY(%(series)s::bigint[])
), fed AS (
  -- the KPI itself, and ratios over it
  SELECT kpi_id, labels FROM touched
  UNION
  SELECT r.kpi_id, t.labels FROM touched t
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.numerator_kpi_id = t.kpi_id
  UNION
  SELECT r.kpi_id, t.labels FROM touched t
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.denominator_kpi_id = t.kpi_id
), bound AS (
  SELECT id, journey_map_id, kpi_id, selector, archived_at IS NULL AS live FROM binding
  WHERE workspace_id = %(workspace)s AND kpi_id IN (SELECT kpi_id FROM fed)
), wanted AS (
  SELECT id, journey_map_id, kpi_id, selector, live AS shown FROM bound
  UNION ALL
  SELECT b.id, b.journey_map_id, b.kpi_id, t.selector, false
  FROM bound b
  JOIN binding_term t ON t.workspace_id = %(workspace)s AND t.journey_map_id = b.journey_map_id
    AND t.binding_id = b.id AND t.selector <> b.selector
  UNION ALL
  SELECT b.id, b.journey_map_id, b.kpi_id, b.selector || p.selector, true
  FROM bound b
  JOIN journey_map m ON m.workspace_id = %(workspace)s AND m.id = b.journey_map_id
  JOIN version v ON v.workspace_id = %(workspace)s AND v.journey_map_id = m.id AND v.number = m.last_version
  CROSS JOIN LATERAL (
    SELECT convert_from(content, 'UTF8')::jsonb -> 'selector' AS selector FROM body
    WHERE workspace_id = %(workspace)s AND id = ANY(v.personas)
  ) p
  WHERE b.live AND p.selector IS NOT NULL
), matched AS (
  SELECT w.id, w.journey_map_id, w.shown FROM wanted w
  JOIN fed f ON f.kpi_id = w.kpi_id AND f.labels = w.selector
  UNION ALL
  SELECT w.id, w.journey_map_id, w.shown FROM wanted w
  JOIN fed f ON f.kpi_id = w.kpi_id AND selects_labels(w.selector, f.labels)
  WHERE jsonb_path_exists(w.selector, '$.* ? (@ == "*")')
)
SELECT id, journey_map_id, bool_or(shown) FROM matched GROUP BY id, journey_map_id
