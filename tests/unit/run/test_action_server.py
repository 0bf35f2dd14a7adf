"""The action server answers Rasa alone."""

import os
import subprocess
import sys

import httpx
import pytest

from tests.system import free_ports, wait_for

MODULE = "patchline.run.action_server"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("actions")
    environment = {"PATCHLINE_VAR": str(folder), "PATCHLINE_ACTIONS_PORT": str(port)}
    environment["PATCHLINE_INTERNAL_TOKEN"] = "between-us"
    with open(folder / "output.txt", "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE], env=os.environ | environment, stdout=output, stderr=output
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _status(f"{address}/health") == 200, 60)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _status(url, **headers):
    try:
        return httpx.get(url, headers=headers, timeout=5).status_code
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer guess"}])
def test_without_the_token_nobody_runs_an_action_or_lists_them(server, sent):
    assert _status(f"{server}/actions", **sent) == 401
    call = {"next_action": "action_listen", "tracker": {}}
    assert httpx.post(f"{server}/webhook", json=call, headers=sent, timeout=5).status_code == 401


def test_with_the_token_rasa_may(server):
    sent = {"Authorization": "Bearer between-us"}
    assert httpx.get(f"{server}/actions", headers=sent, timeout=5).json()
