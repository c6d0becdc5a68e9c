-- What had been said by an instant, as known at another: of each place how many, and the latest few. Words that were
-- corrected since are told as they are now by whoever asks now, and not at all by whoever asks what was known before.
SELECT place.element_id, place.subject, counted.n, said.id, said.text, said.score, said.sentiment, said.channel,
       said.observed_at
FROM unnest(%(elements)s::uuid[], %(subjects)s::uuid[]) AS place (element_id, subject)
CROSS JOIN LATERAL (
  SELECT count(*)::int AS n FROM feedback
  WHERE workspace_id = %(workspace)s AND subject = place.subject AND erased_at IS NULL
    AND observed_at <= %(as_of)s::timestamptz AND created_at <= %(known_at)s::timestamptz
    AND labels @> %(labels)s::text::jsonb
) AS counted
LEFT JOIN LATERAL (
  SELECT id, score, sentiment, nullif(channel, '') AS channel, observed_at,
         CASE WHEN length(text) > 280 THEN left(text, 279) || '…' ELSE text END AS text
  FROM feedback
  WHERE workspace_id = %(workspace)s AND subject = place.subject AND erased_at IS NULL
    AND observed_at <= %(as_of)s::timestamptz AND created_at <= %(known_at)s::timestamptz
    AND (corrected_at IS NULL OR corrected_at <= %(known_at)s::timestamptz)
    AND labels @> %(labels)s::text::jsonb
  ORDER BY observed_at DESC, id DESC LIMIT 3
) AS said ON true
WHERE counted.n > 0
ORDER BY place.element_id, place.subject, said.observed_at DESC, said.id DESC
