"""The inbox as a spreadsheet: out, filled in, and back; all of it or nothing."""

import csv
import io

import pytest

from patchline import cli
from patchline.review import inbox, sheet
from patchline.review.sheet import BadSheet
from patchline.workspace import Workspace
from patchline.workspace.topics import topic
from tests.unit.review.conftest import SQLITE

pytestmark = SQLITE
TITLES = {"faq/activity": "Rest and activity after it", "faq/clothing": "What to wear"}


@pytest.fixture
def command(monkeypatch, settings, capsys):
    """`command("export", path)`: exit code, output, errors."""
    monkeypatch.setenv("PATCHLINE_VAR", str(settings.var))
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PATCHLINE_WORKSPACE", str(settings.workspace))

    def command(*arguments):
        code = cli.main(["review", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def filled(groups, decisions, delimiter=",", sentence=None):
    """A file as a spreadsheet would save it: `decisions` by a word of the sentence."""
    rows = list(csv.reader(io.StringIO(sheet.table(groups, TITLES, str))))
    for row in rows[1:]:
        for word, (decision, test) in decisions.items():
            if word in row[1]:
                row[7:9] = [decision, test]
                row[1] = sentence or row[1]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def test_a_table_goes_out_and_comes_back_by_name_title_or_word(engine, journal):
    groups = inbox.waiting(engine)
    wanted = {"nail": ("What to wear", ""), "swim": ("faq/activity", "yes"), "vyvanse": ("discard", ""),
              "water": ("warning: crisis", ""), "vegan": ("not ours", "")}  # fmt: skip
    for delimiter in ",;\t":
        rows = sheet.read(filled(groups, wanted, delimiter), groups, TITLES)
        found = {(row.act, row.topic, row.test) for row in rows}
        assert found == {
            ("topic", "faq/clothing", False), ("topic", "faq/activity", True), ("discard", None, False),
            ("sign", "red_flag/crisis", False), ("not_ours", "out_of_scope", False),
        }  # fmt: skip


def test_every_fault_names_its_line(engine, journal):
    groups = inbox.waiting(engine)
    wanted = {"nail": ("hat", ""), "swim": ("faq/activity", "maybe"), "vyvanse": ("warning: soon", "")}
    with pytest.raises(BadSheet) as found:
        sheet.read(filled(groups, wanted), groups, TITLES)
    assert len(found.value.faults) == 3
    assert all(fault.startswith("Line ") for fault in found.value.faults)
    for data, fault in (
        (b"", "empty"),
        (b"group,x\n", "'decision' is missing"),
        (b"group,decision\n1,\xff\n", "Line 2"),
    ):
        with pytest.raises(BadSheet, match=fault):
            sheet.read(data, groups, TITLES)
    with pytest.raises(BadSheet, match="export again"):
        sheet.read(b"group,decision\n999999,discard\n", groups, TITLES)


def test_no_cell_is_a_formula_and_the_mark_against_it_does_not_come_back(engine, journal):
    from dataclasses import replace

    group = inbox.waiting(engine)[0]
    evil = replace(group, items=tuple(replace(item, masked="=HYPERLINK(1) me please") for item in group.items))
    table = sheet.table([evil], TITLES, str)
    assert "'=HYPERLINK" in table
    data = table.rsplit(",,", 1)[0].encode() + b",discard,\r\n"
    assert sheet.read(data, [evil], TITLES)[0].sentence == "=HYPERLINK(1) me please"


def test_the_commands_export_and_import_and_say_what_they_did(engine, journal, command, settings, tmp_path):
    file = tmp_path / "review.csv"
    code, said, _ = command("export", "--no-scan", file)
    assert (code, file.stat().st_mode & 0o777) == (0, 0o600)
    assert f"{len(inbox.waiting(engine))} lines" in said
    wanted = {"nail": ("faq/clothing", ""), "vyvanse": ("discard", "")}
    file.write_bytes(filled(inbox.waiting(engine), wanted))
    assert "dry run" in command("import", "--dry-run", file)[1]
    before = len(inbox.waiting(engine))
    code, said, _ = command("import", "--name", "Ana", file)
    assert (code, said.splitlines()[0]) == (0, "2 lines: 1 taught, 1 discarded; 3 messages.")
    assert len(inbox.waiting(engine)) == before - 2
    assert Workspace(settings).open().history(limit=1)[0].author.name == "Ana"


def test_one_bad_line_and_nothing_is_done(engine, journal, command, settings, tmp_path):
    file, before = tmp_path / "review.csv", len(inbox.waiting(engine))
    file.write_bytes(filled(inbox.waiting(engine), {"nail": ("faq/clothing", ""), "vyvanse": ("hat", "")}))
    code, _, fault = command("import", file)
    assert code == 1
    assert "there is no decision or topic 'hat'" in fault
    assert len(inbox.waiting(engine)) == before
    assert command("import", tmp_path / "none.csv")[0] == 1


def test_a_name_that_somebody_types_into_a_cell_is_masked(engine, journal, command, settings, tmp_path):
    file = tmp_path / "review.csv"
    words = "my name is Olga Petrova, can i wear nail polish"
    file.write_bytes(filled(inbox.waiting(engine), {"nail": ("faq/clothing", "")}, sentence=words))
    assert command("import", file)[0] == 0
    examples = topic(Workspace(settings).open(), "faq/clothing").examples
    assert "my name is [name], can i wear nail polish" in examples
