"""NOTICE names everything that is installed, as it is installed."""

from deploy import notice


def test_it_is_made_of_todays_lock_file():
    said = (notice.ROOT / "NOTICE").read_text()
    packages = notice.PINNED.findall((notice.ROOT / "requirements.txt").read_text())
    lines = {line.split(": ")[0]: line.split(": ")[1] for line in said.splitlines()[5:]}
    assert set(lines) == {f"{name} {version}" for name, version in packages}, "run `make notice`"
    assert all(lines.values())
