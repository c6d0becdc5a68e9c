-- Figures of a period or instant of which nothing is known yet. Answers the instant of recording, and the
-- places in the batch of those of which something is, and whether a binding can show any of the series: none
-- is made while we hold their rows.
-- Of a series that never spoke of the batch's time all is new; of the others each figure is looked up by the
-- key (LIMIT keeps it so): a join would read all that the workspace ever told. IS TRUE has the few series hashed,
-- however few figures the planner takes a batch to be.
-- Columns of which no figure says anything are null and cost nothing; `counts` are texts, as they differ in length.
-- `since` and `until` are the ends of the first and the last: partitions of other years are not even opened.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at),
item AS MATERIALIZED (
  SELECT * FROM unnest(
    %(places)s::int[], %(deliveries)s::int[], %(series)s::bigint[], %(starts)s::timestamptz[],
    %(ends)s::timestamptz[], %(values)s::numeric[], %(numerators)s::numeric[], %(denominators)s::numeric[],
    %(ns)s::bigint[], %(counts)s::text[], %(reasons)s::text[], %(suspects)s::boolean[]
  ) AS item (place, delivery, series_id, start_at, end_at, value, numerator, denominator, n, counts, reason, suspect)
), spoken AS MATERIALIZED (
  SELECT series_id
  FROM (SELECT series_id, min(end_at) AS since, max(end_at) AS until FROM item GROUP BY series_id) span
  CROSS JOIN LATERAL (
    SELECT FROM reading r
    WHERE r.workspace_id = %(workspace)s AND r.series_id = span.series_id
      AND r.end_at >= span.since AND r.end_at <= span.until
      AND r.end_at BETWEEN %(since)s AND %(until)s
    LIMIT 1
  ) held
), known AS MATERIALIZED (
  SELECT place FROM item CROSS JOIN LATERAL (
    SELECT FROM reading r
    WHERE r.workspace_id = %(workspace)s AND r.series_id = item.series_id AND r.end_at = item.end_at
      AND r.start_at = item.start_at AND r.key = ''
      AND r.end_at BETWEEN %(since)s AND %(until)s
    LIMIT 1
  ) held
  WHERE (series_id IN (SELECT series_id FROM spoken)) IS TRUE
), recorded AS (
  INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator,
                       denominator, n, counts, feed_id, cause_id, reason, suspect)
  SELECT %(workspace)s, series_id, start_at, end_at, '', clock.at, value, numerator, denominator, n,
         counts::bigint[], (%(feeds)s::uuid[])[coalesce(delivery, 0) + 1],
         (%(causes)s::uuid[])[coalesce(delivery, 0) + 1], reason, coalesce(suspect, false)
  FROM item CROSS JOIN clock
  WHERE place NOT IN (SELECT place FROM known)
)
SELECT at, ARRAY(SELECT place FROM known),
EXISTS (
  SELECT FROM (SELECT DISTINCT series_id FROM item) told
  JOIN series s ON s.workspace_id = %(workspace)s AND s.id = told.series_id
  WHERE EXISTS (SELECT FROM binding b WHERE b.workspace_id = s.workspace_id AND b.kpi_id = s.kpi_id)
    OR EXISTS (SELECT FROM kpi_revision r
               WHERE r.workspace_id = s.workspace_id AND r.inputs <> '{}' AND s.kpi_id = ANY(r.inputs))
) FROM clock
