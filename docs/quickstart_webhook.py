"""A survey answer by signed webhook, with the makers' own library.

pip install standardwebhooks
python docs/quickstart_webhook.py       (needs LIVING_MAPS_URL and LIVING_MAPS_KEY)
"""

import json
import os
import urllib.request
import uuid
from datetime import UTC, datetime

from standardwebhooks import Webhook

URL, KEY = os.environ["LIVING_MAPS_URL"], os.environ["LIVING_MAPS_KEY"]


def post(url: str, body: bytes, headers: dict[str, str]) -> dict:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def create(path: str, content: dict) -> dict:
    return post(URL + path, json.dumps(content).encode(), {"Authorization": f"Bearer {KEY}"})


# Single answers are events: each has an id of its own, so that a repeat counts once.
create("/v1/kpis", {"key": "recommend", "name": "NPS", "kind": "nps", "holds": "events", "input": "answers"})
endpoint = create(
    "/v1/inbound-endpoints",
    {
        "key": "survey",
        "name": "Survey tool",
        "rules": [
            {
                "kpi": "recommend",
                "when": [{"path": "$.type", "equals": "survey.answered"}],
                "value": "$.data.score",
                "observed_at": "$.data.answered_at",
                "external_id": "$.data.id",
            }
        ],
    },
)

# What the survey tool does: sign the bytes, post them to the endpoint's URL.
now = datetime.now(UTC)
answer = {"id": "answer-1", "score": 9, "answered_at": now.isoformat()}
body = json.dumps({"type": "survey.answered", "data": answer})
message_id = f"msg_{uuid.uuid4().hex}"
headers = {
    "webhook-id": message_id,
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": Webhook(endpoint["secret"]).sign(message_id, now, body),
}
print(post(endpoint["url"], body.encode(), headers))
