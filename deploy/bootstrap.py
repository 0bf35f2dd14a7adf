#!/usr/bin/env python3
"""Sets the project up in `.venv`: Python 3.11, uv, the locked packages with their hashes, and the project itself.

    python3 deploy/bootstrap.py [--dev]      what `make run` needs; with --dev what `make test` needs too
    python3 deploy/bootstrap.py --uv-only    only the tool that compiles the lock files

Needs a Python from 3.8 on with nothing installed, so it keeps to the standard library and to old syntax. Does nothing
when everything is in place. Mirrors and proxies are those of your own pip and uv settings.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = VENV / "tools"  # uv lives apart, so that installing exactly the locked packages does not remove it
STAMP = VENV / "patchline-setup.json"
WANTED = (3, 11)
GB = 10**9
NEEDED_BYTES = {"fresh": 4 * GB, "update": 1 * GB}
BUILD_TOOLS = ("setuptools", "wheel")
# multidict has no finished package for Python 3.11 in the version that Sanic takes; this builds it without a compiler,
# which a bare machine does not have (0.1 µs slower a look-up).
BUILD_ENV = {"MULTIDICT_NO_EXTENSIONS": "1"}
LOCKS = {"run": ("requirements.txt",), "dev": ("requirements.txt", "requirements-dev.txt")}

SUPPORTED = "Patchline is made for Linux on x86-64 with glibc (Debian, Ubuntu); this is {}."
NO_PYTHON = (
    "Python 3.11 was not found and could not be fetched; install it "
    "(Debian 12: apt-get install python3.11 python3.11-venv; elsewhere pyenv or python.org) and try again."
)
NO_PIP = "This Python cannot make an environment; run `apt-get install python3-venv` and try again."
NO_SPACE = "Setting up needs about {need:.0f} GB of free disk; {folder} has {free:.1f} GB. Free some and try again."
FAILED = "Setting up failed at this step (the lines above say why); check the network or proxy and try again."


class SetupError(Exception):
    """Setting up cannot go on; the message says what to do."""


# --- decisions, without side effects -----------------------------------------------------------------------------


def unsupported(system, machine, libc):
    """One sentence when the packages do not exist for this machine, or None."""
    if system == "Linux" and machine in ("x86_64", "AMD64") and libc == "glibc":
        return None
    return SUPPORTED.format(" ".join(part for part in (system, machine, libc) if part))


def choose_python(found):
    """The first Python 3.11 of [(path, (major, minor))], or None."""
    return next((path for path, version in found if tuple(version) == WANTED), None)


def way_to_pip(has_ensurepip, has_pip):
    """How to get at pip: in an environment of its own, beside the system's, or not at all (None)."""
    if has_ensurepip:
        return "environment"
    return "target" if has_pip else None


def may_use_apt(env, is_root, has_apt):
    """Whether a missing system package may be installed: only when asked to, as on a CI machine."""
    return env.get("PATCHLINE_APT") == "yes" and is_root and has_apt


def lack_of_space(free, fresh, folder):
    """One sentence when the disk is too small, or None."""
    need = NEEDED_BYTES["fresh" if fresh else "update"]
    return None if free >= need else NO_SPACE.format(need=need / GB, free=free / GB, folder=folder)


def count_packages(lock):
    """How many packages a lock file pins."""
    return len(re.findall(r"^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?==", lock, flags=re.MULTILINE))


def entries(lock, names):
    """The part of a lock file that pins some packages, hashes included."""
    pinned = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return "".join(entry for entry in pinned if re.split(r"[=\[]", entry)[0] in names)


def is_current(stamp, wanted, kind):
    """Whether an earlier setup still holds. Setting up for tests holds for running too."""
    kinds = ("run", "dev") if kind == "run" else ("dev",)
    return any(stamp.get(name) and stamp.get(name) == wanted[name] for name in kinds)


def wanted_state(root):
    """What each kind of setup should have been made from: a hash over the lock files and the place of the project."""
    return {kind: _state(root, names) for kind, names in LOCKS.items()}


def _state(root, names):
    digest = hashlib.sha256(str(root).encode())  # an environment holds absolute paths: one that was moved is made anew
    for name in (*names, "requirements-bootstrap.txt", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


# --- what is done ------------------------------------------------------------------------------------------------


class Steps:
    """Says which step of how many is being done."""

    def __init__(self, count):
        self.count, self.number = count, 0

    def next(self, text):
        self.number += 1
        print(f"[{self.number}/{self.count}] {text}", flush=True)


def set_up(kind):
    steps = Steps(5)
    steps.next("Looking for Python 3.11")
    python = find_python()
    old = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    sentence = lack_of_space(shutil.disk_usage(str(ROOT)).free, not old, ROOT)
    if sentence:
        raise SetupError(sentence)
    steps.next("Preparing uv, which installs the packages")
    uv = install_uv()
    if python is None:
        print("      No Python 3.11 on this machine: uv fetches one for this project.", flush=True)
        python = fetch_python(uv)
    steps.next(f"Making the environment .venv with {python}")
    if not environment_works():
        run([uv, "venv", "--quiet", "--allow-existing", "--python", python, str(VENV)])
    locks = LOCKS[kind]
    packages = sum(count_packages((ROOT / name).read_text()) for name in locks)
    steps.next(f"Installing {packages} packages (about 1 GB to download the first time)")
    install_packages(uv, kind)
    steps.next("Installing Patchline itself")
    pip(uv, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    wanted = wanted_state(ROOT)
    STAMP.write_text(json.dumps({name: wanted[name] for name in (("run", "dev") if kind == "dev" else ("run",))}))
    print("Everything is installed.", flush=True)


def find_python():
    """The path of a Python 3.11, or None."""
    names = ("python3.11", "python3", sys.executable)
    paths = [path for path in (shutil.which(name) for name in names if name) if path]
    return choose_python([(path, version_of(path)) for path in paths])


def version_of(python):
    """(major, minor), or (0, 0) for one that does not start, as a shim without a version behind it."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        return tuple(int(part) for part in done.stdout.split()) or (0, 0)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return (0, 0)


def install_uv():
    """The path of uv, installed with its hash checked."""
    lock = str(ROOT / "requirements-bootstrap.txt")
    for uv in (TOOLS / "bin" / "uv", TOOLS / "lib-target" / "bin" / "uv"):
        if uv.exists() and (TOOLS / "lock").exists() and (TOOLS / "lock").read_text() == Path(lock).read_text():
            return str(uv)
    shutil.rmtree(str(TOOLS), ignore_errors=True)
    way = way_to_pip(has_module("ensurepip"), has_module("pip"))
    if way is None and may_use_apt(os.environ, os.geteuid() == 0, bool(shutil.which("apt-get"))):
        run(["apt-get", "install", "--yes", "--quiet", "python3-venv"], {"DEBIAN_FRONTEND": "noninteractive"})
        way = "environment"
    if way is None:
        raise SetupError(NO_PIP)
    flags = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", lock]
    if way == "environment":
        run([sys.executable, "-m", "venv", str(TOOLS)])
        run([str(TOOLS / "bin" / "python"), "-m", "pip", *flags])
        uv = TOOLS / "bin" / "uv"
    else:
        target = TOOLS / "lib-target"
        run([sys.executable, "-m", "pip", *flags, "--target", str(target)])
        uv = target / "bin" / "uv"
    (TOOLS / "lock").write_text(Path(lock).read_text())
    return str(uv)


def has_module(name):
    """Whether this Python has a module; Debian ships `venv` without the `ensurepip` that it needs."""
    return subprocess.run([sys.executable, "-c", "import " + name], stderr=subprocess.DEVNULL).returncode == 0


def fetch_python(uv):
    """A Python 3.11 that uv downloads for this account. Raises `SetupError` when it cannot."""
    try:
        run([uv, "python", "install", "3.11"])
        found = subprocess.run([uv, "python", "find", "3.11"], stdout=subprocess.PIPE, check=True)
    except (SetupError, subprocess.CalledProcessError):
        raise SetupError(NO_PYTHON) from None
    return found.stdout.decode().strip()


def environment_works():
    """Whether .venv has a Python 3.11 that starts; a broken one is removed."""
    python = VENV / "bin" / "python"
    if python.exists() and version_of(str(python)) == WANTED:
        return True
    for left in VENV.glob("*"):
        if left != TOOLS:
            shutil.rmtree(str(left)) if left.is_dir() and not left.is_symlink() else left.unlink()
    return False


def install_packages(uv, kind):
    """For tests exactly what the locks name; for running what they name, leaving test tools that are there.

    A few old packages come as source and are built with setuptools: with the one of the lock, so that nothing is used
    whose hash was not checked.
    """
    build_tools = TOOLS / "build-tools.txt"
    build_tools.write_text(entries((ROOT / "requirements.txt").read_text(), BUILD_TOOLS))
    pip(uv, "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(build_tools))
    locks = [str(ROOT / name) for name in LOCKS[kind]]
    if kind == "dev":
        pip(uv, "sync", "--require-hashes", "--no-build-isolation", *locks)
    else:
        files = [word for lock in locks for word in ("-r", lock)]
        pip(uv, "install", "--no-deps", "--require-hashes", "--no-build-isolation", *files)


def pip(uv, command, *arguments):
    run([uv, "pip", command, "--python", str(VENV / "bin" / "python"), *arguments], BUILD_ENV)


def run(command, env=None):
    """Run one command in the project's folder; its output is shown. Raises `SetupError` when it fails."""
    try:
        code = subprocess.run(command, cwd=str(ROOT), env={**os.environ, **(env or {})}).returncode
    except OSError as error:
        raise SetupError(f"{command[0]}: {error.strerror}") from error
    if code != 0:
        raise SetupError(FAILED)


def in_place(kind):
    """Whether there is nothing to do."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return is_current(stamp, wanted_state(ROOT), kind) and (VENV / "bin" / "python").exists()


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Sets the project up in .venv.")
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    parser.add_argument("--uv-only", action="store_true", help="only uv, for `make lock`")
    chosen = parser.parse_args(arguments)
    kind = "dev" if chosen.dev else "run"
    try:
        sentence = unsupported(platform.system(), platform.machine(), platform.libc_ver()[0])
        if sentence:
            raise SetupError(sentence)
        if chosen.uv_only:
            print(install_uv())
        elif not in_place(kind):
            set_up(kind)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
