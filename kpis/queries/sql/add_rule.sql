-- Rules of a KPI or a binding, whose row the transaction has locked: so recorded_at only grows for each.
-- Without an instant given they are valid from the beginning when they are the first, else from now on.
INSERT INTO rule (workspace_id, kpi_id, binding_id, rules, valid_from, recorded_at)
SELECT %(workspace)s, %(kpi)s::uuid, %(binding)s::uuid, %(rules)s::jsonb,
       coalesce(%(valid_from)s::timestamptz, CASE WHEN EXISTS (
         SELECT FROM rule
         WHERE workspace_id = %(workspace)s AND (kpi_id = %(kpi)s::uuid OR binding_id = %(binding)s::uuid)
       ) THEN %(at)s ELSE w.history_from END),
       clock_timestamp()
FROM workspace w WHERE w.id = %(workspace)s
