#!/usr/bin/env bash
# A living map with curl. Needs LIVING_MAPS_URL and LIVING_MAPS_KEY (`python3 manage.py up` prints both).
set -euo pipefail

call() { # METHOD PATH [curl arguments …]
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --request "$method" "$LIVING_MAPS_URL$path" \
    --header "Authorization: Bearer $LIVING_MAPS_KEY" --header "Content-Type: application/json" "$@"
}

# A map: one stage, one touchpoint. Keys may stand wherever ids do.
call POST /v1/journey-maps --header "Idempotency-Key: quickstart-map" --data '{
  "key": "shop",
  "document": {
    "name": "Buying a bicycle",
    "stages": [{"key": "decide", "name": "Decide", "customer_goal": "Find the one that fits",
      "touchpoints": [{"key": "test-ride", "name": "Test ride", "channels": ["in-store"],
        "actions": [{"text": "Rides around the block"}],
        "emotions": [{"value": 2, "scale": "smaply"}]}]}]
  }
}' > /dev/null

# Publish the draft. Changes need the ETag of what was read: nobody overwrites what they did not see.
etag=$(call GET /v1/journey-maps/shop/draft --output /dev/null --dump-header - | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
call POST /v1/journey-maps/shop/versions --header "If-Match: $etag" --data '{"message": "First version"}' > /dev/null

# A KPI, judged against thresholds, bound to the touchpoint.
call POST /v1/kpis --data '{
  "key": "bought", "name": "Bought after a ride", "kind": "conversion", "period": "month", "zone": "UTC",
  "thresholds": {"target": 0.4, "warn": 0.35, "breach": 0.25}
}' > /dev/null
call POST /v1/journey-maps/shop/bindings --data '{"element": "test-ride", "kpi": "bought"}' > /dev/null

# Figures carry both sides of a rate, so that every roll-up is exact.
call POST /v1/readings/batch --data '{"items": [
  {"kpi": "bought", "period": "2026-01", "numerator": 41, "denominator": 100},
  {"kpi": "bought", "period": "2026-02", "numerator": 30, "denominator": 100}
]}' > /dev/null

# The living map: as JSON here; `Accept: image/svg+xml` or `text/html` draws it.
call GET /v1/journey-maps/shop/live
