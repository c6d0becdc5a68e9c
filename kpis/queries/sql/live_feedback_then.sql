-- What had been said by an instant, as known at another: of each place how many, and the latest few, in the words that
-- were known then.
SELECT place.element_id, place.subject, said.n, said.id, said.text, said.score, said.sentiment, said.channel,
       said.observed_at
FROM unnest(%(elements)s::uuid[], %(subjects)s::uuid[]) AS place (element_id, subject)
CROSS JOIN LATERAL (
  SELECT (count(*) OVER ())::int AS n, id, score, sentiment, nullif(channel, '') AS channel, observed_at,
         CASE WHEN length(text) > 280 THEN left(text, 279) || '…' ELSE text END AS text
  FROM (
    SELECT id, score, sentiment, channel, observed_at, text FROM feedback
    WHERE workspace_id = %(workspace)s AND subject = place.subject AND erased_at IS NULL
      AND observed_at <= %(as_of)s::timestamptz
      AND coalesce(corrected_at, created_at) <= %(known_at)s::timestamptz
      AND labels @> %(labels)s::text::jsonb
    UNION ALL
    SELECT feedback_id, score, sentiment, channel, observed_at, text FROM feedback_former
    WHERE workspace_id = %(workspace)s AND subject = place.subject
      AND known_to > %(known_at)s::timestamptz AND known_from <= %(known_at)s::timestamptz
      AND observed_at <= %(as_of)s::timestamptz AND labels @> %(labels)s::text::jsonb
  ) AS told
  ORDER BY observed_at DESC, id DESC LIMIT 3
) AS said
ORDER BY place.element_id, place.subject, said.observed_at DESC, said.id DESC
