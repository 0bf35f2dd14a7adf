"""States, switches and jobs of models in plain words."""

from patchline.desk.labels import TIERS

__all__ = ["KINDS", "STATES", "TIERS", "WHYS"]

STATES = {
    "building": "being trained",
    "interrupted": "training was cut short",
    "passed": "passed its trial",
    "failed": "did not pass",
    "installed": "as installed",
}
WHYS = {"promote": "promoted", "roll back": "rolled back", "upgrade": "after an upgrade"}
KINDS = {
    "train": "Training",
    "promote": "Promoting",
    "roll_back": "Rolling back",
}
