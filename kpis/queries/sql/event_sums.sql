-- Sums of event series by bucket, whose starts are the grid's bounds: from the rollups of clean days up to
-- clean_to, from the readings of dirty days and after it. Single answers are counted, a row for each answer.
WITH grid AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(grids)s::json) AS grid (k int, bounds timestamptz[])
), asked AS MATERIALIZED (
  SELECT asked.*, grid.bounds
  FROM json_to_recordset(%(series)s::json) AS asked (
    id bigint, k int, since timestamptz, until timestamptz, clean_to timestamptz, hourly boolean,
    answers boolean, latest boolean)
  JOIN grid USING (k)
), unclean AS (
  SELECT asked.id, greatest(dirty.start_at, asked.since) AS since, least(dirty.end_at, asked.clean_to) AS until
  FROM asked JOIN dirty_day dirty
    ON dirty.workspace_id = %(workspace)s AND dirty.series_id = asked.id
   AND dirty.start_at < asked.clean_to AND dirty.end_at > asked.since
  UNION ALL
  SELECT id, greatest(since, clean_to), until FROM asked WHERE clean_to < until
), rolled AS (
  SELECT width_bucket(part.start_at, asked.bounds) AS bucket, asked.latest, part.*
  FROM asked JOIN rollup_day part
    ON part.workspace_id = %(workspace)s AND part.series_id = asked.id AND NOT asked.hourly
   AND part.start_at >= asked.since AND part.end_at <= asked.clean_to
  WHERE NOT EXISTS (
    SELECT FROM dirty_day dirty
    WHERE dirty.workspace_id = %(workspace)s AND dirty.series_id = part.series_id
      AND dirty.start_at = part.start_at)
  UNION ALL
  SELECT width_bucket(part.start_at, asked.bounds), asked.latest, part.*
  FROM asked JOIN rollup_hour part
    ON part.workspace_id = %(workspace)s AND part.series_id = asked.id AND asked.hourly
   AND part.start_at >= asked.since AND part.end_at <= asked.clean_to
  WHERE NOT EXISTS (
    SELECT FROM dirty_day dirty
    WHERE dirty.workspace_id = %(workspace)s AND dirty.series_id = part.series_id
      AND dirty.start_at <= part.start_at AND dirty.end_at > part.start_at)
), held AS (
  SELECT width_bucket(event.end_at, asked.bounds) AS bucket, asked.id, asked.latest,
         CASE WHEN asked.answers THEN event.value END AS answer, event.*
  FROM unclean JOIN asked USING (id)
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (end_at, start_at, key) end_at, value, numerator, denominator, n, retracted
    FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = unclean.id AND recorded_at <= %(known_at)s
      AND end_at >= unclean.since AND end_at < unclean.until
    ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
  ) event
  WHERE NOT event.retracted
)
SELECT id, bucket, true AS read, answer, NULL::bigint[] AS counts,
       sum(numerator) FILTER (WHERE denominator IS NOT NULL) AS numerator,
       sum(denominator) FILTER (WHERE numerator IS NOT NULL) AS denominator,
       sum(n) FILTER (WHERE numerator IS NOT NULL AND denominator IS NOT NULL)::bigint AS parts_n,
       sum(value) AS total, count(value) AS valued, sum(n) FILTER (WHERE value IS NOT NULL)::bigint AS n,
       min(value) AS minimum, max(value) AS maximum,
       (array_agg(value ORDER BY end_at DESC, value DESC) FILTER (WHERE latest AND value IS NOT NULL))[1],
       max(end_at) FILTER (WHERE value IS NOT NULL) AS last_at, max(end_at) AS observed_at
FROM held GROUP BY id, bucket, answer
UNION ALL
SELECT series_id, bucket, false, NULL, array_agg(counts) FILTER (WHERE counts IS NOT NULL), sum(numerator),
       sum(denominator), NULL, sum(total), NULL, sum(n)::bigint, min(minimum), max(maximum),
       (array_agg(last ORDER BY last_at DESC, last DESC) FILTER (WHERE latest AND last IS NOT NULL))[1],
       max(last_at), max(observed_at)
FROM rolled GROUP BY series_id, bucket
