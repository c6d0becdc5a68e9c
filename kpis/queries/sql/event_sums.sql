-- Sums of event series by bucket, whose starts are the grid's bounds: from the rollups of clean days up to
-- clean_to, from the readings of dirty days and after it. Single answers, and values of which
-- percentiles are asked, are counted, a row for each. Suspect events are left out.
-- A series may be asked for in several windows. Rollups are of days in the zone of the series' KPI, so they
-- are of no use to a window in another zone, and of KPIs with periods only. They are read from the index of
-- their key alone, but for the tallies of KPIs that have them. Where buckets are as long as they are (apart),
-- those of a window come as one text of JSON (parts), which is read faster than rows are. Marks are looked for
-- once a series; day by day only where there are any. Numbers with fractions are told as text, which is read
-- faster than numeric is as binary.
WITH grid AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(grids)s::json) AS grid (k int, bounds timestamptz[])
), wanted AS (
  SELECT "window", asked.id, since, until, hourly, apart, answers, latest, known_at, bounds,
         CASE WHEN asked.zone = rolled_in.zone AND rolled_in.period IS NOT NULL
               AND (NOT hourly OR rolled_in.period = 'hour') THEN clean_to ELSE since END AS clean_to
  FROM json_to_recordset(%(series)s::json) AS asked (
    "window" int, id bigint, k int, since timestamptz, until timestamptz, clean_to timestamptz, zone text,
    hourly boolean, apart boolean, answers boolean, latest boolean, known_at timestamptz)
  JOIN grid USING (k)
  JOIN series s ON s.workspace_id = %(workspace)s AND s.id = asked.id
  CROSS JOIN LATERAL (
    SELECT definition ->> 'zone' AS zone, definition ->> 'period' AS period FROM kpi_revision r
    WHERE r.workspace_id = s.workspace_id AND r.kpi_id = s.kpi_id AND r.number = s.revision
  ) rolled_in
), asked AS MATERIALIZED (
  SELECT wanted.*, clean_to > since AND EXISTS (
    SELECT FROM dirty_day dirty
    WHERE dirty.workspace_id = %(workspace)s AND dirty.series_id = wanted.id
      AND dirty.start_at < wanted.clean_to AND dirty.end_at > wanted.since) AS marked
  FROM wanted
), rolled AS NOT MATERIALIZED (
  SELECT "window", width_bucket(part.start_at, asked.bounds) AS bucket, asked.latest, asked.apart,
         part.numerator, part.denominator, part.n, part.counts, part.total,
         part.last, part.last_at, part.observed_at,
         CASE WHEN asked.answers THEN (
           SELECT tally FROM rollup_day own
           WHERE own.workspace_id = part.workspace_id AND own.series_id = part.series_id
             AND own.start_at = part.start_at) END AS tally
  FROM asked JOIN rollup_day part
    ON part.workspace_id = %(workspace)s AND part.series_id = asked.id AND NOT asked.hourly
   AND part.start_at >= asked.since AND part.start_at < asked.clean_to AND part.end_at <= asked.clean_to
  WHERE NOT (asked.marked AND EXISTS (
    SELECT FROM dirty_day dirty
    WHERE dirty.workspace_id = %(workspace)s AND dirty.series_id = part.series_id
      AND dirty.start_at = part.start_at))
  UNION ALL
  SELECT "window", width_bucket(part.start_at, asked.bounds), asked.latest, asked.apart,
         part.numerator, part.denominator, part.n, part.counts, part.total,
         part.last, part.last_at, part.observed_at,
         CASE WHEN asked.answers THEN (
           SELECT tally FROM rollup_hour own
           WHERE own.workspace_id = part.workspace_id AND own.series_id = part.series_id
             AND own.start_at = part.start_at) END AS tally
  FROM asked JOIN rollup_hour part
    ON part.workspace_id = %(workspace)s AND part.series_id = asked.id AND asked.hourly
   AND part.start_at >= asked.since AND part.start_at < asked.clean_to AND part.end_at <= asked.clean_to
  WHERE NOT (asked.marked AND EXISTS (
    SELECT FROM dirty_day dirty
    WHERE dirty.workspace_id = %(workspace)s AND dirty.series_id = part.series_id
      AND dirty.start_at <= part.start_at AND dirty.end_at > part.start_at))
), held AS (
  SELECT "window", width_bucket(event.end_at, asked.bounds) AS bucket, asked.latest,
         CASE WHEN asked.answers THEN event.value END AS answer, event.*
  FROM asked
  CROSS JOIN LATERAL (
    SELECT greatest(dirty.start_at, asked.since) AS since, least(dirty.end_at, asked.clean_to) AS until
    FROM dirty_day dirty
    WHERE asked.marked AND dirty.workspace_id = %(workspace)s AND dirty.series_id = asked.id
      AND dirty.start_at < asked.clean_to AND dirty.end_at > asked.since
    UNION ALL
    SELECT greatest(asked.since, asked.clean_to), asked.until WHERE asked.clean_to < asked.until
  ) unclean
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (end_at, start_at, key) end_at, value, numerator, denominator, n, retracted, suspect
    FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = asked.id AND recorded_at <= asked.known_at
      AND end_at >= unclean.since AND end_at < unclean.until
    ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
  ) event
  WHERE NOT event.retracted AND NOT event.suspect
)
SELECT "window", bucket, max(end_at) AS observed_at,
       (sum(numerator) FILTER (WHERE denominator IS NOT NULL))::text AS numerator,
       (sum(denominator) FILTER (WHERE numerator IS NOT NULL))::text AS denominator,
       sum(n) FILTER (WHERE value IS NOT NULL)::bigint AS n, NULL::bigint[] AS counts,
       sum(value)::text AS total,
       (array_agg(value ORDER BY end_at DESC, value DESC) FILTER (WHERE latest AND value IS NOT NULL))[1]::text
         AS last,
       max(end_at) FILTER (WHERE value IS NOT NULL) AS last_at, NULL::text[] AS tallies,
       answer::text AS answer, count(value) AS valued,
       sum(n) FILTER (WHERE numerator IS NOT NULL AND denominator IS NOT NULL)::bigint AS parts_n,
       NULL AS parts
FROM held GROUP BY "window", bucket, held.answer
UNION ALL
SELECT "window", bucket, max(observed_at), sum(numerator)::text, sum(denominator)::text,
       sum(n)::bigint, array_agg(counts) FILTER (WHERE counts IS NOT NULL), sum(total)::text,
       (array_agg(last ORDER BY last_at DESC, last DESC) FILTER (WHERE latest AND last IS NOT NULL))[1]::text,
       max(last_at), array_agg(tally) FILTER (WHERE tally IS NOT NULL), NULL, NULL, NULL, NULL
FROM rolled WHERE NOT apart GROUP BY "window", bucket
UNION ALL
SELECT "window", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       '[' || string_agg('[' || bucket || ',' || to_json(observed_at) || ',{' || concat_ws(',',
         '"numerator":' || numerator, '"denominator":' || denominator, '"n":' || n,
         '"counts":' || array_to_json(counts), '"total":' || total,
         CASE WHEN latest THEN '"last":' || last END,
         '"last_at":' || to_json(last_at), '"tally":' || tally) || '}]', ',') || ']'
FROM rolled WHERE apart GROUP BY "window"
