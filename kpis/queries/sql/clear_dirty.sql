-- The marks of days that were rebuilt under the locks of their series.
DELETE FROM dirty_day mark
USING unnest(%(series)s::bigint[], %(starts)s::timestamptz[]) AS days (series_id, start_at)
WHERE mark.workspace_id = %(workspace)s AND mark.series_id = days.series_id AND mark.start_at = days.start_at
