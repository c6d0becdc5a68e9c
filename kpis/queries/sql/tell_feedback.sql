-- Each subject's number moves by what came or went, and its latest are read anew. Under the lock of feedback.
INSERT INTO feedback_tally (workspace_id, subject, journey_map_id, element_id, n, latest)
SELECT %(workspace)s, moved.subject, moved.journey_map, moved.element, moved.delta, coalesce((
  SELECT string_agg(json_build_object(
      'id', said.id, 'text', said.text, 'score', said.score, 'sentiment', said.sentiment,
      'channel', nullif(said.channel, ''),
      'observed_at', to_char(said.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )::text, ',' ORDER BY said.observed_at DESC, said.id DESC)
  FROM (
    SELECT id, score, sentiment, channel, observed_at,
           CASE WHEN length(text) > 280 THEN left(text, 279) || '…' ELSE text END AS text
    FROM feedback
    WHERE workspace_id = %(workspace)s AND subject = moved.subject AND erased_at IS NULL
    ORDER BY observed_at DESC, id DESC LIMIT 3
  ) AS said
), '')
FROM unnest(%(subjects)s::uuid[], %(maps)s::uuid[], %(elements)s::uuid[], %(deltas)s::int[])
  AS moved (subject, journey_map, element, delta)
ON CONFLICT (workspace_id, subject)
DO UPDATE SET n = feedback_tally.n + excluded.n, latest = excluded.latest
