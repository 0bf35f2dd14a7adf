"""docs/privacy.md says what the code does."""

import re
from datetime import datetime

import pytest

from patchline import cli
from patchline.database import trackers
from patchline.database.version import VERSION_TABLE
from patchline.escalation.case import Case
from patchline.escalation.notices import compose
from patchline.gateway.purging import EVERY
from patchline.gateway.retention import BATCH, KINDS
from patchline.privacy.checks import all_tables
from patchline.run.supervisor import COMMON
from patchline.settings import ROOT, Settings

TEXT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
KEPT = TEXT.partition("## What is kept")[2].partition("## ")[0]
WORDS = {20: "twenty"}


@pytest.mark.parametrize("name", [*all_tables(), trackers.events.name, VERSION_TABLE])
def test_every_table_is_in_the_list_of_what_is_kept(name):
    assert f"`{name}`" in KEPT


def test_all_rooms_tables_are_looked_at():
    found = {table.name for table in all_tables().values()}
    made = {
        name
        for path in (ROOT / "patchline" / "database" / "migrations" / "versions").glob("*.py")
        for name in re.findall(r'create_table\(\s*"(\w+)"', path.read_text())
    }
    assert {"conversations", "tickets", "upkeep"} <= made == found


def test_its_numbers_are_the_settings_defaults():
    chosen = Settings()
    assert f"{chosen.keep_transcripts_days} days after the last message (`PATCHLINE_KEEP_TRANSCRIPTS_DAYS`)" in KEPT
    assert f"{chosen.keep_tickets_days} days (six years) after they were resolved" in KEPT
    assert chosen.keep_tickets_days == 6 * 365
    (at_hand,) = re.findall(r"^MOST_AT_HAND = (\d+)", (ROOT / "patchline/nlu/tracker_store.py").read_text(), re.M)
    assert f"the latest {at_hand} chats" in KEPT
    assert f"{WORDS[BATCH]} chats at a time" in TEXT
    assert EVERY.days == 1
    assert "logfile_maxbytes=10MB" in COMMON
    assert "logfile_backups=5" in COMMON
    assert "six files of 10 MB" in KEPT


def test_everything_that_expires_is_named():
    assert {kind.table.name for kind in KINDS} == {"conversations", "tickets", "staff_audit"}


@pytest.mark.parametrize("command", ["purge", "backup", "restore", "doctor"])
def test_the_commands_exist(command):
    assert f"`patchline {command}" in TEXT
    assert command in {item.name for item in cli.COMMANDS}


def test_a_notification_holds_what_is_said_and_no_more():
    at = datetime(2026, 11, 22, 10, 30)
    secrets = {"name": "Ana López", "phone": "+12025550142", "best_time": "after 3", "details": "my leg"}
    about = dict.fromkeys(Case.__dataclass_fields__) | secrets
    about |= {"reference": "PL-7K3F9", "kind": "red_flag", "state": "open", "tier": "emergency"}
    about |= {"triggers": ("cannot pee",), "categories": ("bladder_bowel",), "opened_at": at}
    case = Case(**about)
    words = ["cannot pee", "bladder_bowel", *secrets.values()]
    for private in (False, True):
        notice = compose(case, 1, "Nurse", 1, "https://clinic.example/x", private, at)
        said = f"{notice.title} {notice.body} {notice.facts}"
        assert "EMERGENCY: a patient describes an emergency sign" in said
        assert [word in said for word in words] == [private] * len(words)
    assert "EMERGENCY: a patient describes an emergency sign" in TEXT
