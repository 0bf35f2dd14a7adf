"""`python -m patchline.run.action_server`: the actions of `actions/`, served to Rasa on the loopback.

The same application as `python -m rasa_sdk`, with the loopback as its only address, logs without patients' words, and
for Rasa alone: other accounts of the machine do not know the token.
"""

from __future__ import annotations

from typing import Any

from patchline import settings
from patchline.process import keep_private
from patchline.run import private_logs
from patchline.run.parsing import allowed

OPEN = "/health"  # says that it runs, and no more


def main() -> None:
    keep_private()
    logs = private_logs.configure()
    chosen = settings.from_environment()
    app = build_app(chosen.internal_token)
    logs.serving = True
    app.run(host="127.0.0.1", port=chosen.actions_port, workers=1, access_log=False, debug=False)


def build_app(token: str) -> Any:
    """The Sanic application. `token`: what a caller has to show; none is asked for when it is empty."""
    from rasa_sdk.endpoint import create_app
    from sanic import response

    app = create_app("actions", cors_origins=[])

    @app.middleware("request")
    async def for_rasa_alone(request: Any) -> Any:
        if request.path != OPEN and not allowed(token, request.headers.get("Authorization", "")):
            return response.json({"error": "only Rasa may ask"}, status=401)
        return None

    return app


if __name__ == "__main__":
    main()
