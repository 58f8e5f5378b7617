"""Who notifies people where several triggers ask for the same notice: the one whose claim stands."""

import json
from datetime import datetime

from sagescene.aws import Cloud
from sagescene.dataset import LISTING_DOUBT
from sagescene.workflow.steps import Claim


def acquire(claim: Claim, bucket: str, cloud: Cloud) -> bool:
    """Tell whether the notice is this trigger's; after a crash it still is.

    A later trigger takes the claim over, for the earlier one stands down from then on.
    """
    if cloud.write_json_once(bucket, claim.key, claim.as_json()):
        return True
    kept = cloud.read_newest(bucket, claim.key)
    held = json.loads(kept) if kept else None
    if held is None or held == claim.as_json():
        return True
    if claim.time <= datetime.fromisoformat(held["time"]) + LISTING_DOUBT:
        return False
    cloud.write_json(bucket, claim.key, claim.as_json())
    return True


def mark_as_notified(claim: Claim, bucket: str, cloud: Cloud) -> None:
    """Note that people were notified: whoever handles the trigger again need not."""
    cloud.write_json(bucket, claim.key, {**claim.as_json(), "told": True})
