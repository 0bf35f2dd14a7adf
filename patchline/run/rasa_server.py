"""`python -m patchline.run.rasa_server ARCHIVE [gently]`: serve a trained model on the loopback.

The same parts as `rasa run --model ARCHIVE`, without what costs time and memory at every start: TensorFlow is imported
only if the model has a component that needs it (5 s and 210 MB instead of 11 s and 480 MB before the model is loaded),
and there is neither telemetry nor an HTTP API besides `POST /model/parse` and the channels of `credentials.yml`. A
model that does not load ends the process, so that the supervisor and whoever looks at the log see it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from patchline import settings
from patchline.process import keep_private
from patchline.run import parsing, private_logs
from patchline.run.deferred import defer

# Imported by every Rasa policy, used by TensorFlow components alone; the only way to TensorFlow for all others.
TENSORFLOW_USERS = "rasa.utils.train_utils"
STARTUP_FAILED = 1
ACTION_WAIT_S = 2.5
BACKGROUND = 10  # the priority with which a model is loaded beside one that answers patients
GENTLY = "gently"
T = TypeVar("T")


def main(archive: Path, gently: bool = False) -> None:
    keep_private()
    logs = private_logs.configure()
    chosen = settings.from_environment()
    app = in_background(lambda: build_app(archive, settings.ROOT, logs, loaded=True)) if gently else None
    app = app or build_app(archive, settings.ROOT, logs)
    app.run(host="127.0.0.1", port=chosen.rasa_port, workers=1, access_log=False, debug=False)


def in_background(work: Callable[[], T]) -> T:
    """Do a piece of work in a thread that gives way to whatever else wants the processor.

    A process could not take back a lower priority, except as root; but it belongs to one thread, and the thread that
    answers messages afterwards is another one.
    """

    def gently() -> T:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND)
        return work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(gently).result()


def build_app(archive: Path, root: Path, logs: private_logs.PrivateFormatter, loaded: bool = False) -> Any:
    """The Sanic application with the channels of `credentials.yml`; the model is loaded before it listens, or at once
    with `loaded`."""
    defer(TENSORFLOW_USERS)
    import rasa.core.run as rasa_run
    from rasa.core.utils import AvailableEndpoints
    from rasa.engine.storage.storage import ModelMetadata
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # unconfigured, structlog prints messages
    ModelMetadata.from_dict = without_training_graph(ModelMetadata.from_dict)
    endpoints = AvailableEndpoints.read_endpoints(str(root / "endpoints.yml"))
    chosen = settings.from_environment()
    endpoints.action = action_endpoint(chosen.actions_url, chosen.internal_token)
    channels = rasa_run.create_http_input_channels(None, str(root / "credentials.yml"))
    app = rasa_run.configure_app(channels, enable_api=False, endpoints=endpoints)
    parsing.add_route(app, chosen.internal_token)

    async def load(app: Any, loop: Any) -> None:
        agent = await rasa_run.load_agent_on_start(str(archive), endpoints, None, app, loop)
        if not agent.is_ready():  # Rasa has logged why, and would serve without a model
            raise SystemExit(STARTUP_FAILED)

    async def serve(app: Any, loop: Any) -> None:
        logs.serving = True

    if loaded:
        asyncio.run(load(app, None))
    else:
        app.register_listener(load, "before_server_start")
    app.register_listener(serve, "before_server_start")
    app.register_listener(rasa_run.close_resources, "after_server_stop")
    return app


def action_endpoint(url: str, token: str = "", limit_s: float = ACTION_WAIT_S) -> Any:
    """Where actions run, what to show there, and how long Rasa waits for one.

    Rasa itself waits five minutes. What was said before the action, a warning sign's wording above all, would wait with
    it, and the gateway gives up after some seconds.
    """
    from rasa.utils.endpoints import EndpointConfig

    class Actions(EndpointConfig):
        async def request(self, *args: Any, **kwargs: Any) -> Any:
            return await super().request(*args, **kwargs | {"timeout": limit_s})

    return Actions(url, headers={"Authorization": f"Bearer {token}"} if token else None)


def without_training_graph(from_dict: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Rasa's reader of a model's metadata, told that the graph it was trained with has no nodes.

    An archive names the classes of two graphs, and Rasa imports all of both. Only the other one answers messages; the
    one for training brings a validator that imports every component Rasa has, and so TensorFlow.
    """

    def read(serialized: dict[str, Any]) -> Any:
        return from_dict(serialized | {"train_schema": {"nodes": {}}})

    return read


if __name__ == "__main__":
    main(Path(sys.argv[1]), GENTLY in sys.argv[2:])
