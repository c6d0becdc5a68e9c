-- What reading messages came to.
UPDATE inbound_event AS event
SET attempts = read.attempts, rules_version = read.rules_version, state = read.state, error = '',
    counts = read.counts::jsonb, repeats = read.repeats::jsonb, issues = read.issues::jsonb, processed_at = read.processed_at
FROM unnest(
  %(ids)s::uuid[], %(attempts)s::int[], %(rules_versions)s::int[], %(states)s::text[], %(counts)s::text[],
  %(repeats)s::text[], %(issues)s::text[], %(processed)s::timestamptz[]
) AS read (id, attempts, rules_version, state, counts, repeats, issues, processed_at)
WHERE event.workspace_id = %(workspace)s AND event.id = read.id
