-- Readings as they were recorded, superseded and taken back ones too, series by series, in the order of time:
-- of what was true at as_of as far as known by known_at; all, or only the suspect ones that still are so.
SELECT r.series_id, r.start_at, r.end_at, r.key, r.recorded_at, r.value, r.numerator, r.denominator, r.n,
       r.counts, r.retracted, r.feed_id, coalesce(run.event_id, r.cause_id), run.rules_version, r.reason, r.suspect,
       s.kpi_id, s.revision, s.labels_key,
       EXISTS (
         SELECT FROM reading later
         WHERE later.workspace_id = r.workspace_id AND later.series_id = r.series_id
           AND later.end_at = r.end_at AND later.start_at = r.start_at AND later.key = r.key
           AND later.recorded_at > r.recorded_at AND later.recorded_at <= %(known_at)s
       ) AS superseded,
       definition.text AS definition
FROM series s
CROSS JOIN LATERAL (
  SELECT * FROM reading one
  WHERE workspace_id = s.workspace_id AND series_id = s.id AND end_at >= %(since)s AND end_at <= %(until)s
    AND recorded_at <= %(known_at)s AND start_at <= %(as_of)s
    AND (end_at <= %(as_of)s OR recorded_at <= %(as_of)s) {only}
    AND (series_id, end_at, start_at, key, recorded_at)
      >= (%(after_series)s, %(after_end)s, %(after_start)s, %(after_key)s, %(after_recorded)s)
  ORDER BY end_at, start_at, key, recorded_at
  LIMIT %(limit)s
) r
LEFT JOIN inbound_run run ON run.workspace_id = s.workspace_id AND run.id = r.cause_id
CROSS JOIN LATERAL (
  SELECT definition::text AS text FROM kpi_revision
  WHERE workspace_id = s.workspace_id AND kpi_id = s.kpi_id AND number = s.revision
) definition
WHERE s.workspace_id = %(workspace)s AND s.id = ANY(%(series)s::bigint[])
ORDER BY r.series_id, r.end_at, r.start_at, r.key, r.recorded_at
LIMIT %(limit)s
