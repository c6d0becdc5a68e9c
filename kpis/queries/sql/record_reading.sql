-- One reading of a series that is there. held_id: null where the series is not, or where its KPI is not as the
-- caller remembers it: nothing is locked then. known: null where the series is not the feed's alone: it is locked
-- and told, nothing is recorded. What the steps are for is said at tell_series and record_figures; what follows
-- in the transaction keeps its plans by the setting, as it does after tell_series.
SELECT held_id, held_feed, held_told_at, recorded, known, bound,
       (SELECT set_config('plan_cache_mode', 'force_generic_plan', true))
FROM record_reading(
  %(workspace)s, %(kpi)s, %(measure)s, %(labels)s, %(part)s::uuid, %(laid_down_at)s, %(key)s::text,
  %(history_from)s, %(feed)s::uuid, %(cause)s::uuid, %(start)s, %(end)s, %(external_id)s,
  decode(%(hash)s, 'hex'), %(value)s::numeric, %(numerator)s::numeric, %(denominator)s::numeric,
  %(n)s::bigint, %(counts)s::bigint[], %(reason)s::text)
