"""The widget's source: typed, linted, tested by itself, and built into the file that the gateway serves."""

import json

import pytest

from patchline.gateway.widget import BUILT
from tests import node


@pytest.mark.parametrize(
    "command", [("tsc", "--noEmit"), ("eslint", "."), ("vitest", "run")], ids=["types", "lint", "unit tests"]
)
def test_the_source_passes(command):
    node.tools(f"the widget's {command[0]}")
    done = node.run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_file_that_the_gateway_serves_is_built_from_this_source(tmp_path):
    node.tools("whether patchline.js is the build of widget/src")
    done = node.run("vite", "build", "--outDir", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / BUILT.name).read_bytes() == BUILT.read_bytes(), "run `make widget` and commit the file"


def test_nothing_is_needed_at_run_time_and_the_lock_names_no_address_of_a_package():
    package = json.loads((node.WIDGET / "package.json").read_text())
    assert "dependencies" not in package
    lock = json.loads((node.WIDGET / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry or "integrity" not in entry] == []
