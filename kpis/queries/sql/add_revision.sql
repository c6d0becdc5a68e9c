-- A definition of a KPI whose row the transaction has locked. The first one holds from the beginning.
INSERT INTO kpi_revision (workspace_id, kpi_id, number, measure, definition, inputs,
                          valid_from, recorded_at)
SELECT %(workspace)s, %(kpi)s, %(number)s, %(measure)s, %(definition)s::jsonb, %(inputs)s::uuid[],
       CASE WHEN %(number)s = 1 THEN w.history_from ELSE %(at)s END, clock_timestamp()
FROM workspace w WHERE w.id = %(workspace)s
