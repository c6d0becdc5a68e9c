-- What had been said by an instant, as known at another: of each place how many, and the latest few, in the words that
-- were known then. Each kind of words brings its own latest few, by its own index.
SELECT place.element_id, place.subject, counted.n, said.id, said.text, said.score, said.sentiment,
       nullif(said.channel, ''), said.observed_at
FROM unnest(%(elements)s::uuid[], %(subjects)s::uuid[]) AS place (element_id, subject)
CROSS JOIN LATERAL (
  SELECT (
    SELECT count(*) FROM feedback
    WHERE workspace_id = %(workspace)s AND subject = place.subject AND erased_at IS NULL
      AND observed_at <= %(as_of)s::timestamptz AND created_at <= %(known_at)s::timestamptz
      AND (corrected_at IS NULL OR corrected_at <= %(known_at)s::timestamptz)
      AND labels @> %(labels)s::text::jsonb
  )::int + (
    SELECT count(*) FROM feedback_former
    WHERE workspace_id = %(workspace)s AND subject = place.subject
      AND known_to > %(known_at)s::timestamptz AND known_from <= %(known_at)s::timestamptz
      AND observed_at <= %(as_of)s::timestamptz AND labels @> %(labels)s::text::jsonb
  )::int AS n
) AS counted
CROSS JOIN LATERAL (
  SELECT id, score, sentiment, channel, observed_at,
         CASE WHEN length(text) > 280 THEN left(text, 279) || '…' ELSE text END AS text
  FROM ((
    SELECT id, score, sentiment, channel, observed_at, text FROM feedback
    WHERE workspace_id = %(workspace)s AND subject = place.subject AND erased_at IS NULL
      AND observed_at <= %(as_of)s::timestamptz AND created_at <= %(known_at)s::timestamptz
      AND (corrected_at IS NULL OR corrected_at <= %(known_at)s::timestamptz)
      AND labels @> %(labels)s::text::jsonb
    ORDER BY observed_at DESC, id DESC LIMIT 3
  ) UNION ALL (
    SELECT feedback_id, score, sentiment, channel, observed_at, text FROM feedback_former
    WHERE workspace_id = %(workspace)s AND subject = place.subject
      AND known_to > %(known_at)s::timestamptz AND known_from <= %(known_at)s::timestamptz
      AND observed_at <= %(as_of)s::timestamptz AND labels @> %(labels)s::text::jsonb
    ORDER BY observed_at DESC, feedback_id DESC LIMIT 3
  )) AS told
  ORDER BY observed_at DESC, id DESC LIMIT 3
) AS said
WHERE counted.n > 0
ORDER BY place.element_id, place.subject, said.observed_at DESC, said.id DESC
