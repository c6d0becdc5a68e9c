"""A living map with the generated client.

pip install openapi-python-client
openapi-python-client generate --url $LIVING_MAPS_URL/openapi.json
pip install ./living-maps-client
python docs/quickstart_client.py        (needs LIVING_MAPS_URL and LIVING_MAPS_KEY)
"""

import os

from living_maps_client import AuthenticatedClient
from living_maps_client.api.bindings import create_binding
from living_maps_client.api.drafts import (
    create_draft_stage,
    create_draft_touchpoint,
    get_draft,
    update_draft_touchpoint,
)
from living_maps_client.api.journey_maps import create_journey_map
from living_maps_client.api.kpis import create_kpi
from living_maps_client.api.live_map import get_live_map
from living_maps_client.api.readings import record_readings
from living_maps_client.api.versions import publish_version
from living_maps_client.models import (
    BindingIn,
    DraftTouchpointPatch,
    JourneyMapIn,
    KpiIn,
    PublishWithBindingsIn,
    ReadingBatchBody,
    ReadingBody,
    StageIn,
    Thresholds,
    TouchpointIn,
)

client = AuthenticatedClient(base_url=os.environ["LIVING_MAPS_URL"], token=os.environ["LIVING_MAPS_KEY"])
MAP = "clinic"

# A map with a stage and a touchpoint, made one by one.
create_journey_map.sync(client=client, body=JourneyMapIn(key=MAP, name="Seeing the doctor"))
create_draft_stage.sync(MAP, client=client, body=StageIn(key="visit", name="The visit"))
touchpoint = create_draft_touchpoint.sync(
    MAP, client=client, body=TouchpointIn(stage="visit", key="waiting", name="Waiting room")
)

# A change needs the ETag that was read: without it 428, with an old one 412.
stale = touchpoint.etag
changed = update_draft_touchpoint.sync_detailed(
    MAP, "waiting", client=client, if_match=stale, body=DraftTouchpointPatch(name="The waiting room")
)
refused = update_draft_touchpoint.sync_detailed(
    MAP, "waiting", client=client, if_match=stale, body=DraftTouchpointPatch(name="Waiting area")
)
print(f"first change {int(changed.status_code)}, the same again {int(refused.status_code)}")

# Publish, measure, look.
draft = get_draft.sync(MAP, client=client)
publish_version.sync(MAP, client=client, if_match=draft.etag, body=PublishWithBindingsIn(message="First version"))
create_kpi.sync(
    client=client,
    body=KpiIn(
        key="wait",
        name="Waiting time",
        kind="time_in_stage",
        period="week",
        zone="UTC",
        thresholds=Thresholds(target=900, warn=1200, breach=1800),
    ),
)
create_binding.sync(MAP, client=client, body=BindingIn(element="waiting", kpi="wait"))
record_readings.sync(
    client=client,
    body=ReadingBatchBody(
        items=[
            ReadingBody(kpi="wait", period="2026-W05", value=1150, n=84),
            ReadingBody(kpi="wait", period="2026-W06", value=2010, n=91),
        ]
    ),
)
live = get_live_map.sync(MAP, client=client).to_dict()
for place, shown in live["live"].items():
    for figure in shown.get("kpis", []):
        print(place, figure["name"], figure["value"], figure["unit"], figure["status"], figure["freshness"])
