"""A backup that is made while the system writes is restored on another machine, whole; on both kinds of database."""

import gzip
import io
import json
import os
import shutil
import sqlite3
import stat
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline import cli
from patchline.database import engines, trackers
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.escalation import desk_api, health
from patchline.escalation.escalation import Escalation
from patchline.escalation.spool import Spool
from patchline.escalation.tables import tickets, workers
from patchline.escalation.tickets import open_ticket
from patchline.gateway import purging, upkeep
from patchline.gateway.records import Entry, Records
from patchline.gateway.tables import conversations, forget, messages
from patchline.privacy import backup as backups
from patchline.privacy import postgres_client
from patchline.privacy.archive import KNOWN, MANIFEST
from patchline.privacy.backup import backup
from patchline.privacy.checks import all_tables
from patchline.privacy.errors import Failed, Refused
from patchline.privacy.restore import restore
from patchline.training.progress import Progress
from tests.receivers import closed_port

from .conftest import CHAIN, WORDS

WAITING = Escalation("c9", "m1", "emergency", "rules", now(), ("bladder_bowel",), (f"cannot pee, {WORDS}",))


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.setattr(purging, "PAUSE_S", 0.0)
    for name in [name for name in os.environ if name.startswith("PATCHLINE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def elsewhere(make_place, url, request):
    """Another machine: empty, with a database of the same kind and no tables."""
    if url.startswith("sqlite"):
        yield make_place(url, "elsewhere", migrated=False)
    else:
        server = request.getfixturevalue("postgres")
        other = server.new_database()
        yield make_place(other, "elsewhere", migrated=False)
        server.drop(other)


def quiet():
    return Progress(io.StringIO())


def back_up(place, target):
    place = replace(place.settings, port=closed_port())
    return backup(place, target, quiet())[0]


def put_back(place, archive, force=False):
    return list(restore(replace(place.settings, port=closed_port()), archive, force, quiet()))


def content(place):
    """Every row of every table, Rasa's too."""
    found = {}
    with place.engine.connect() as db:
        there = sa.inspect(db).get_table_names()
        for name, table in all_tables().items():
            if name in there and name not in ("workers", "upkeep"):
                found[name] = sorted(map(repr, db.execute(sa.select(table)).all()))
    with place.rasa.connect() as db:
        found["rasa"] = sorted(map(repr, db.execute(sa.select(trackers.events)).all()))
    return found


def fill(place):
    for number in range(5):
        place.conversation(f"c{number}", number, messages=2)
    place.ticket("c1")
    place.ticket("c2", resolved_days=1)
    Spool(place.settings.spool).keep(WAITING)
    (place.settings.spool / "broken.unreadable").write_text(WORDS)
    (place.settings.var / "secret").write_text(place.settings.secret)


def test_what_was_backed_up_is_there_again_on_another_machine(place, elsewhere, tmp_path):
    fill(place)
    before = content(place)
    assert sum(len(rows) for rows in before.values()) > 30
    archive = back_up(place, tmp_path / "b.tar.gz")
    (elsewhere.settings.var / ".restore-killed").mkdir()
    said = put_back(elsewhere, archive)
    assert content(elsewhere) == before
    assert Spool(elsewhere.settings.spool).waiting() == [WAITING]
    assert (elsewhere.settings.spool / "broken.unreadable").read_text() == WORDS
    assert stat.S_IMODE(elsewhere.settings.spool.stat().st_mode) == 0o700
    assert not list(elsewhere.settings.var.glob("replaced-*"))
    assert not list(elsewhere.settings.var.glob(".restore-*"))
    text = "\n".join(said)
    assert "There is 1 unresolved ticket; of open ones staff are told again." in text
    assert "Chats that patients deleted since the backup are back" in text
    # and it is in use again: rows get new numbers, and constraints hold
    place = elsewhere
    place.conversation("new", 0)
    reference = place.ticket("new")
    desk_api.acknowledge(place.engine, reference, "Ana", now())
    with pytest.raises(sa.exc.IntegrityError), place.engine.begin() as db:
        db.execute(conversations.insert().values(id="c1", created_at=now()))


def test_it_is_made_while_the_system_writes_and_is_of_one_moment(place, elsewhere, tmp_path):
    """Each conversation comes with its message and its ticket in one go; a backup never has one without the others."""
    for number in range(60):
        place.conversation(f"old-{number}", 1, rasa=False)
    ended, written = threading.Event(), []

    def write(writer):
        records = Records(place.engine)
        while not ended.is_set():
            name = f"w{writer}-{len(written)}"
            with place.engine.begin() as db:
                db.execute(conversations.insert().values(id=name, created_at=now()))
                row = {"conversation_id": name, "message_id": "m0", "at": now(), "text": WORDS}
                db.execute(messages.insert().values(row))
            records.settle(name, Entry("m0", WORDS, None, now(), "answered", now()))
            open_ticket(place.engine, Escalation(name, "m0", "clinic", "rules", now(), (), (WORDS,)), CHAIN)
            written.append(name)
            time.sleep(0.005)

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, number) for number in range(2)]
        while len(written) < 20:
            time.sleep(0.01)
        archives = [back_up(place, tmp_path / f"{number}.tar.gz") for number in range(2)]
        after_backup = len(written)
        time.sleep(0.1)
        ended.set()
        for writer in writers:
            writer.result()
    assert after_backup > 20
    put_back(elsewhere, archives[-1])
    began = set(elsewhere.rows(conversations, "id"))
    assert {f"old-{number}" for number in range(60)} | set(written[:20]) <= began
    assert set(elsewhere.rows(messages, "conversation_id")) == began
    named = set(elsewhere.rows(tickets, "conversation_id"))
    assert set(written[:20]) <= named <= began


def test_the_archive_is_its_owners_alone_and_lists_its_content(place, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path)  # a folder: the name says when
    assert archive.name.startswith("patchline-2")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile(MANIFEST))
    assert names[0] == MANIFEST
    assert set(names[1:]) == set(manifest["files"])
    assert all(KNOWN.fullmatch(name) for name in manifest["files"])
    assert any("content/ and data/" in line for line in manifest["not_here"])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(backups.PREFIX)] == []
    assert upkeep.last(place.engine, upkeep.BACKUP).done_at > now() - timedelta(minutes=1)


def test_it_overwrites_nothing_and_leaves_nothing_half_done(place, tmp_path, monkeypatch):
    target = tmp_path / "b.tar.gz"
    target.write_text("an older one")
    with pytest.raises(Refused, match="is there already; a backup never overwrites"):
        back_up(place, target)
    assert target.read_text() == "an older one"
    with pytest.raises(Refused, match="There is no folder"):
        back_up(place, tmp_path / "no" / "b.tar.gz")
    monkeypatch.setattr(backups.archive, "pack", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        back_up(place, tmp_path / "c.tar.gz")
    assert sorted(path.name for path in tmp_path.glob("*.tar.gz")) == ["b.tar.gz"]
    assert list(tmp_path.glob(f"{backups.PREFIX}*")) == []


def test_what_a_killed_backup_left_lying_is_removed_by_a_later_one(place, tmp_path):
    left, young = tmp_path / f"{backups.PREFIX}old", tmp_path / f"{backups.PREFIX}young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "patchline.db").write_text(WORDS)
    os.utime(left, (time.time() - 2 * backups.LEFT_S,) * 2)
    back_up(place, tmp_path)
    assert not left.exists()
    assert young.exists()


def test_before_there_is_a_database_there_is_nothing_to_back_up(elsewhere, tmp_path):
    with pytest.raises(Refused, match="nothing to back up yet"):
        back_up(elsewhere, tmp_path / "b.tar.gz")


def test_data_that_is_there_is_replaced_only_by_force_and_kept(place, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    before = content(place)
    place.conversation("later", 0)
    after = content(place)
    with pytest.raises(Refused, match="There is data here already"):
        put_back(place, archive)
    assert content(place) == after
    put_back(place, archive, force=True)
    assert content(place) == before
    (kept,) = place.settings.var.glob("replaced-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    if place.engine.dialect.name == "sqlite":
        with sqlite3.connect(kept / "patchline.db") as db:
            assert db.execute("SELECT count(*) FROM conversations WHERE id = 'later'").fetchone() == (1,)
    else:
        assert ("public", "conversations") in postgres_client.tables(kept / "database.dump")


def test_tables_without_a_row_may_be_replaced(place, make_place, elsewhere, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    migrate(elsewhere.settings.database_url)
    trackers.make_table(elsewhere.rasa)
    put_back(elsewhere, archive)
    assert content(elsewhere) == content(place)


def test_what_was_deleted_since_the_backup_is_deleted_again(place, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    Records(place.engine).forget("c3")
    said = put_back(place, archive, force=True)
    assert "Deleted again what was deleted since the backup: 1 conversation." in said
    assert "c3" not in place.rows(messages, "conversation_id")
    assert "c3" in place.rows(forget, "conversation_id")
    assert not any("are back" in line for line in said)


def test_what_has_expired_since_the_backup_is_purged_at_once(place, elsewhere, tmp_path):
    fill(place)
    place.conversation("nearly", 29)
    archive = back_up(place, tmp_path / "b.tar.gz")
    elsewhere.settings = replace(elsewhere.settings, keep_transcripts_days=28)
    said = put_back(elsewhere, archive)
    assert "Deleted: 1 transcript." in said
    assert "Rasa still has to forget 1 conversation; it does so while Patchline runs." in said


def test_tickets_that_the_backup_lacks_are_named(place, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    lost = place.ticket("c4")
    said = put_back(place, archive, force=True)
    assert any(line.startswith("SEE TO THESE NOW") and lost in line for line in said)


def test_warning_signs_that_wait_here_stay(place, elsewhere, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    mine = replace(WAITING, conversation_id="of this machine")
    Spool(elsewhere.settings.spool).keep(mine)
    with pytest.raises(Refused, match="There is data here already"):
        put_back(elsewhere, archive)
    put_back(elsewhere, archive, force=True)
    assert {item.conversation_id for item in Spool(elsewhere.settings.spool).waiting()} == {"of this machine", "c9"}


def test_a_backup_of_an_older_version_is_brought_up_to_date(place, elsewhere, tmp_path):
    from alembic import command
    from alembic.config import Config

    from patchline.database.migration import MIGRATIONS

    fill(place)
    engine = engines.make_migration_engine(place.settings.database_url)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    archive = back_up(place, tmp_path / "b.tar.gz")
    migrate(place.settings.database_url)
    put_back(elsewhere, archive)
    assert len(elsewhere.rows(tickets, "reference")) == 2
    assert upkeep.last(elsewhere.engine, upkeep.PURGE).done_at


def rewritten(archive, target, change):
    """The archive with its manifest changed."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()
            if member.name == MANIFEST:
                about = json.loads(data)
                change(about)
                data = json.dumps(about).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda about: about.update(version="9999"), "made by a newer Patchline"),
        (lambda about: about.update(format=2), "has the format 2"),
        (lambda about: about.update(database="oracle"), "This backup is of oracle"),
        (lambda about: about["files"].update(more={"bytes": 1, "sha256": ""}), "more is missing"),
        (lambda about: about["files"]["secret"].update(sha256="0" * 64), "checksum of secret does not fit"),
        (lambda about: about["files"]["secret"].update(bytes=1), "checksum of secret does not fit"),
        (lambda about: about["files"].pop("secret"), "'secret' does not belong into it"),
        (lambda about: about.pop("files"), "no list of what is in it"),
    ],
)
def test_an_archive_that_does_not_fit_touches_nothing(place, elsewhere, tmp_path, change, says):
    fill(place)
    archive = rewritten(back_up(place, tmp_path / "b.tar.gz"), tmp_path / "c.tar.gz", change)
    with pytest.raises(Refused, match=says):
        put_back(elsewhere, archive)
    assert [path.name for path in elsewhere.settings.var.iterdir()] == []


def test_a_damaged_archive_touches_nothing(place, elsewhere, tmp_path):
    fill(place)
    whole = back_up(place, tmp_path / "b.tar.gz").read_bytes()
    damaged = tmp_path / "c.tar.gz"
    for data in (whole[: len(whole) // 2], b"", b"no archive at all", gzip.compress(b"no tar"), flipped(whole)):
        damaged.write_bytes(data)
        with pytest.raises(Refused, match="not a backup of Patchline, or it is damaged"):
            put_back(elsewhere, damaged)
        assert list(elsewhere.settings.var.iterdir()) == []
    with pytest.raises(Refused, match="There is no file"):
        put_back(elsewhere, tmp_path / "none.tar.gz")


def flipped(data):
    middle = 2 * len(data) // 3
    return data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 64]) + data[middle + 64 :]


@pytest.mark.parametrize("name", ["../escaped", "/etc/escaped", "spool/../../escaped", "spool/..", "config.yml"])
def test_nothing_is_written_outside_of_its_place(place, elsewhere, tmp_path, name):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(archive) as old, tarfile.open(evil, "w:gz") as new:
        about = json.load(old.extractfile(MANIFEST))
        about["files"] = {name: {"bytes": 1, "sha256": "x"}}
        data = json.dumps(about).encode()
        for member, text in ((tarfile.TarInfo(MANIFEST), data), (tarfile.TarInfo(name), b"x")):
            member.size = len(text)
            new.addfile(member, io.BytesIO(text))
    with pytest.raises(Refused, match="does not belong into it"):
        put_back(elsewhere, evil)
    assert list(tmp_path.rglob("escaped")) == []


def test_it_is_refused_while_a_worker_is_at_work_on_the_same_server(place, tmp_path):
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    health.seen(place.engine, "nurse-pc/41", now(), now())
    if place.engine.dialect.name == "sqlite":
        put_back(place, archive, force=True)  # a file is this machine's alone, and here nothing runs
        return
    with pytest.raises(Refused, match=r"at work on this database a moment ago \(nurse-pc/41\)"):
        put_back(place, archive, force=True)


def test_nobody_seems_to_be_at_work_after_a_restore(place, elsewhere, tmp_path):
    health.seen(place.engine, "of the old machine", now(), now())
    assert upkeep.claim(place.engine, upkeep.PURGE, "of the old machine", now())
    put_back(elsewhere, back_up(place, tmp_path / "b.tar.gz"))
    assert elsewhere.rows(workers, "name") == []
    assert upkeep.last(elsewhere.engine, upkeep.PURGE).owner is None


def test_the_secret_comes_back_where_the_installation_made_it_itself(place, elsewhere, tmp_path):
    fill(place)
    secret = elsewhere.settings.var / "secret"
    secret.write_text("n" * 40)
    elsewhere.settings = replace(elsewhere.settings, secret="n" * 40)
    archive = back_up(place, tmp_path / "b.tar.gz")
    put_back(elsewhere, archive)
    assert secret.read_text() == place.settings.secret
    elsewhere.settings = replace(elsewhere.settings, secret="of a variable" * 4)
    said = put_back(elsewhere, archive, force=True)
    assert any("PATCHLINE_SECRET or PATCHLINE_SECRET_FILE says another" in line for line in said)


def test_a_secret_of_the_clinics_own_is_not_in_the_backup_and_that_is_said(place, tmp_path):
    archive = back_up(place, tmp_path / "b.tar.gz")
    with tarfile.open(archive) as tar:
        assert "secret" not in tar.getnames()
        assert "PATCHLINE_SECRET" in json.load(tar.extractfile(MANIFEST))["not_here"][1]


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole_and_can_be_replaced(make_place, tmp_path):
    place = make_place("sqlite")
    fill(place)
    archive = back_up(place, tmp_path / "good.tar.gz")
    place.dispose()
    database = place.settings.var / "patchline.db"
    data = bytearray(database.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\x5a" * (4096 * 3)
    database.write_bytes(data)
    with pytest.raises(Failed, match=r"patchline\.db"):
        back_up(place, tmp_path / "bad.tar.gz")
    put_back(place, archive, force=True)
    assert len(place.rows(conversations, "id")) == 5


def test_without_postgresqls_programs_it_says_which_package_has_them(make_place, postgres, tmp_path, monkeypatch):
    place = make_place(postgres.new_database())
    monkeypatch.setattr(postgres_client, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match=r"pg_dump is not installed.*apt-get install postgresql-client"):
        back_up(place, tmp_path / "b.tar.gz")


def test_the_password_is_in_no_argument_that_others_can_see():
    url = "postgresql+psycopg2://ana:geheim@db.example:5433/patchline?sslmode=require"
    (_, database) = postgres_client._database(url)
    assert database == "postgresql://ana@db.example:5433/patchline?sslmode=require"
    assert postgres_client._environment(url)["PGPASSWORD"] == "geheim"


def test_a_server_that_fails_in_the_middle_has_its_database_as_it_was(make_place, postgres, tmp_path):
    url = postgres.new_database()
    place = make_place(url)
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    place.conversation("later", 0)
    with place.engine.begin() as db:  # what others put there stands in the way of dropping our tables
        db.exec_driver_sql("CREATE ROLE stranger")
        db.exec_driver_sql("ALTER TABLE tickets OWNER TO stranger")
        db.exec_driver_sql("CREATE ROLE limited LOGIN; GRANT ALL ON SCHEMA public, rasa TO limited")
        db.exec_driver_sql("GRANT ALL ON ALL TABLES IN SCHEMA public, rasa TO limited")
        db.exec_driver_sql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public, rasa TO limited")
    before = content(place)
    limited = replace(place.settings, database_url=url.replace("patchline@", "limited@"), port=closed_port())
    with pytest.raises(Failed, match=r"The database was not changed: .*must be owner"):
        list(restore(limited, archive, True, quiet()))
    assert content(place) == before
    assert list(place.settings.var.glob("replaced-*")) == []
    with place.engine.begin() as db:
        db.exec_driver_sql("REASSIGN OWNED BY stranger TO patchline; DROP OWNED BY stranger, limited")
        db.exec_driver_sql("DROP ROLE stranger, limited")


def test_the_tables_of_others_in_the_same_database_stay(make_place, postgres, tmp_path):
    url = postgres.new_database()
    place = make_place(url)
    fill(place)
    archive = back_up(place, tmp_path / "b.tar.gz")
    with place.engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE of_others AS SELECT 1 AS number")
    put_back(place, archive, force=True)
    with place.engine.connect() as db:
        assert db.exec_driver_sql("SELECT number FROM of_others").scalar() == 1


def test_by_command(make_place, tmp_path, monkeypatch, capsys):
    place = make_place("sqlite")
    fill(place)
    monkeypatch.setenv("PATCHLINE_PORT", str(closed_port()))
    monkeypatch.setenv("PATCHLINE_VAR", str(place.settings.var))
    place.dispose()
    assert cli.main(["backup", str(tmp_path / "b.tar.gz")]) == 0
    said = capsys.readouterr().out
    assert f"Backup: {tmp_path / 'b.tar.gz'} (0.0 MB, checked)" in said
    assert "Not in it:\n- the code, content/ and data/" in said
    assert "the settings: PATCHLINE_PORT, PATCHLINE_VAR" in said
    assert cli.main(["backup", str(tmp_path / "b.tar.gz")]) == 2
    assert capsys.readouterr().err.startswith("patchline: ")
    assert cli.main(["restore", str(tmp_path / "b.tar.gz")]) == 2
    assert "There is data here already" in capsys.readouterr().err
    shutil.rmtree(place.settings.var)
    assert cli.main(["restore", str(tmp_path / "b.tar.gz")]) == 0
    assert "Restored the backup of 2" in capsys.readouterr().out
    assert len(place.rows(conversations, "id")) == 5


def test_it_is_refused_while_the_system_runs(make_place, tmp_path, monkeypatch):
    import subprocess
    import sys

    place = make_place("sqlite")
    archive = back_up(place, tmp_path / "b.tar.gz")
    code = "import time; print(flush=True); time.sleep(60)  # patchline.gateway"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as running:
        running.stdout.readline()
        (place.settings.var / "run").mkdir()
        (place.settings.var / "run" / "session").write_text(str(running.pid))
        try:
            with pytest.raises(Refused, match=rf"Patchline is running here; stop it first \(`kill {running.pid}`\)"):
                put_back(place, archive)
        finally:
            running.kill()
