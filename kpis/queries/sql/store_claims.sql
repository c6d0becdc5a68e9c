-- What messages claim by the rules that they were read with.
INSERT INTO inbound_claim (workspace_id, endpoint_id, event_id, identity, address, side, told_at, item)
SELECT %(workspace)s, %(endpoint)s, told.event_id, told.identity, told.address, told.side, told.told_at, told.item
FROM unnest(
  %(event_ids)s::uuid[], %(identities)s::text[], %(addresses)s::text[], %(sides)s::text[],
  %(told)s::timestamptz[], %(items)s::text[]
) AS told (event_id, identity, address, side, told_at, item)
