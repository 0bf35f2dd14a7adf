"""`python -m patchline.run.action_server`: the actions of `actions/`, served to Rasa on the loopback.

The same application as `python -m rasa_sdk`, with the loopback as its only address and logs without patients' words.
"""

from __future__ import annotations

from patchline import settings
from patchline.run import private_logs


def main() -> None:
    logs = private_logs.configure()
    chosen = settings.from_environment()
    from rasa_sdk.endpoint import create_app

    app = create_app("actions", cors_origins=[])
    logs.serving = True
    app.run(host="127.0.0.1", port=chosen.actions_port, workers=1, access_log=False, debug=False)


if __name__ == "__main__":
    main()
