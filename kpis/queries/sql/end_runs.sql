-- What pulls came to: their runs, and the sources as they are now. Only runs change these columns of a source,
-- and the lease of its claim keeps its runs apart.
WITH run AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(runs)s::json) AS run (
    id uuid, source_id uuid, slot_at timestamptz, created_at timestamptz, finished_at timestamptz, status text,
    error text, counts jsonb, repeats jsonb, issues jsonb, failures int, circuit_opened_at timestamptz, broken boolean,
    pulled_to timestamptz)
), stored AS (
  INSERT INTO source_run (id, workspace_id, source_id, slot_at, created_at, finished_at, status, error, counts,
                          repeats, issues)
  SELECT id, %(workspace)s, source_id, slot_at, created_at, finished_at, status, error, counts, repeats, issues
  FROM run
)
UPDATE source
SET failures = run.failures, circuit_opened_at = run.circuit_opened_at, broken = run.broken,
    last_run_at = run.created_at, last_error = run.error, pulled_to = coalesce(run.pulled_to, source.pulled_to),
    last_success_at = CASE run.status WHEN 'succeeded' THEN run.created_at ELSE source.last_success_at END
FROM run WHERE source.workspace_id = %(workspace)s AND source.id = run.source_id
