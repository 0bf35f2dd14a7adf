"""What must hold before anything is started. Each failure is one sentence."""

from __future__ import annotations

import errno
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from patchline.run.supervisor import session_members
from patchline.settings import Settings, SettingsError

GB = 10**9
OURS = re.compile(rb"patchline\.(run|gateway|training|escalation)|supervisor\.supervisord")
NEEDED_BYTES = 1 * GB  # databases, logs and a new model


class StartError(Exception):
    """Something on this machine is in the way of a start; the message says what and what to do."""


def check_machine(settings: Settings, free_bytes: Callable[[Path], int] | None = None) -> None:
    """Raises `StartError` for a folder that cannot be written, a full disk or a taken port."""
    check_folder(settings.var)
    check_disk(settings.var, free_bytes or free)
    check_ports(settings)


def check_folder(var: Path) -> None:
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = var / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise StartError(f"Cannot write to {var}: {reason}; free it or set PATCHLINE_VAR to another folder") from error


def free(path: Path) -> int:
    """Bytes on the disk of a folder that may still be written."""
    return shutil.disk_usage(path).free


def check_disk(var: Path, free_bytes: Callable[[Path], int]) -> None:
    free = free_bytes(var)
    if free < NEEDED_BYTES:
        raise StartError(
            f"Only {free / GB:.1f} GB are free on the disk of {var}; Patchline needs {NEEDED_BYTES / GB:.0f} GB"
        )


def check_ports(settings: Settings) -> None:
    """All ports can be had, but for those of slot b: they are needed for another release alone, and looked at then.

    A port that an earlier run still holds is named as such.
    """
    wanted = (
        (settings.host, settings.port, "PATCHLINE_PORT"),
        ("127.0.0.1", settings.rasa_port, "PATCHLINE_RASA_PORT"),
        ("127.0.0.1", settings.actions_port, "PATCHLINE_ACTIONS_PORT"),
    )
    later = (
        ("127.0.0.1", settings.rasa_port_b, "PATCHLINE_RASA_PORT_B"),
        ("127.0.0.1", settings.actions_port_b, "PATCHLINE_ACTIONS_PORT_B"),
    )
    numbers = [port for _, port, _ in (*wanted, *later)]
    for _, port, name in (*wanted, *later):
        if not 1 <= port <= 65535:
            raise SettingsError(f"{name} must be between 1 and 65535, not {port}")
        if numbers.count(port) > 1:
            raise SettingsError(f"{name} must differ from the other ports, and {port} stands there twice")
    for host, port, name in wanted:
        fault = _fault(host, port)
        if fault == errno.EADDRINUSE:
            raise StartError(f"Port {port} is taken by {_holder(settings)}; stop it or set {name}")
        if fault == errno.EACCES:
            raise StartError(f"Port {port} may not be used by this account; set {name} to a number from 1024 on")
        if fault:
            raise SettingsError(f"This machine has no address {host!r}; set PATCHLINE_HOST")


def _fault(host: str, port: int) -> int | None:
    """The error number with which the system refuses a port, or None."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def _holder(settings: Settings) -> str:
    left = left_over(settings)
    if not left:
        return "another program"
    pids = " ".join(str(pid) for pid in left)
    return f"a run of Patchline that has not ended (`kill {pids}` ends it)"


def left_over(settings: Settings, proc: Path = Path("/proc")) -> list[int]:
    """Processes of this installation's last start to stop: its supervisor, or without one what it left behind."""
    try:
        session = int((settings.var / "run" / "session").read_text())
    except (OSError, ValueError):
        return []
    # Process numbers are used again some day, so the command must be one of ours.
    left = [pid for pid in session_members(session, proc) if OURS.search(_command(proc, pid))]
    return [session] if session in left else left


def _command(proc: Path, pid: int) -> bytes:
    try:
        return (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""
