"""Saving, merging, undoing: no edit is lost, and nothing that does not hold is written."""

import subprocess
import threading

import pytest

from patchline.workspace import Conflict, Invalid, Unchanged, Workspace, WorkspaceError
from patchline.workspace import topics as T
from tests.unit.workspace.conftest import ANA, BEN, NUMBING

SPOT = "numbs just that spot"


def reworded(workspace, words, at=None):
    return {NUMBING: workspace.read(NUMBING, at).replace(SPOT, words)}


def git(workspace, *arguments):
    command = ["git", "-c", "user.name=Eng", "-c", "user.email=eng@x", "-C", str(workspace.folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_new_workspace_holds_what_is_shipped_and_belongs_to_its_owner_alone(workspace, installation):
    assert workspace.read(NUMBING) == (installation / NUMBING).read_text()
    assert (workspace.folder / NUMBING).read_text() == (installation / NUMBING).read_text()
    assert workspace.folder.stat().st_mode & 0o777 == 0o700
    assert [change.title for change in workspace.history()] == ["The installation's files"]


def test_a_save_is_a_commit_with_the_editors_name_and_sentence(workspace):
    change = workspace.save(reworded(workspace, "numbs it"), ANA, "Numbing: shorter", workspace.head())
    assert (change.author, change.title, change.paths) == (ANA, "Numbing: shorter", (NUMBING,))
    assert workspace.head() == change.id
    assert "numbs it" in (workspace.folder / NUMBING).read_text()
    assert "Ana López <ana@desk>" in git(workspace, "log", "-1")
    assert git(workspace, "status", "--short") == ""


def test_edits_of_different_lines_since_the_same_base_are_both_kept(workspace):
    base = workspace.head()
    workspace.save(reworded(workspace, "numbs it", base), ANA, "a", base)
    other = workspace.read(NUMBING, base).replace("- is it gonna hurt\n", "- is it gonna hurt me\n")
    workspace.save({NUMBING: other}, BEN, "b", base)
    assert "numbs it" in workspace.read(NUMBING)
    assert "- is it gonna hurt me\n" in workspace.read(NUMBING)


def test_edits_of_the_same_line_are_a_question_that_holds_both_and_nothing_is_written(workspace):
    base = workspace.head()
    workspace.save(reworded(workspace, "numbs it", base), ANA, "a", base)
    head = workspace.head()
    with pytest.raises(Conflict) as asked:
        workspace.save(reworded(workspace, "numbs the place", base), BEN, "b", base)
    assert "numbs the place" in asked.value.mine
    assert "numbs it" in asked.value.theirs
    assert "<<<<<<< yours" in asked.value.merged
    assert workspace.head() == head == asked.value.base
    workspace.save({NUMBING: asked.value.mine}, BEN, "mine is right", asked.value.base)
    assert "numbs the place" in workspace.read(NUMBING)


def test_two_who_add_sentences_to_one_topic_both_keep_theirs(workspace):
    base = workspace.head()
    text = workspace.read(NUMBING)
    workspace.save({NUMBING: T.with_examples(text, "faq/numbing", ["will i feel a thing"])}, ANA, "a", base)
    more = T.with_examples(text, "faq/numbing", ["do u numb it twice"], ["is it gonna hurt"])
    workspace.save({NUMBING: more}, BEN, "b", base)
    examples = T.topic(workspace, "faq/numbing").examples
    assert {"will i feel a thing", "do u numb it twice"} <= set(examples)
    assert "is it gonna hurt" not in examples


def test_twenty_who_save_at_once_lose_nothing(workspace, settings):
    base, text = workspace.head(), workspace.read(NUMBING)
    failed = []

    def save(number):
        try:
            edited = T.with_examples(text, "faq/numbing", [f"quite another sentence {number}"])
            Workspace(settings).open().save({NUMBING: edited}, ANA, f"{number}", base)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failed == []
    assert sum("quite another sentence" in one for one in T.topic(workspace, "faq/numbing").examples) == 20
    assert len(workspace.history()) == 21


@pytest.mark.parametrize(
    ("path", "before", "after", "named", "words"),
    [
        (NUMBING, "responses:", "responses", True, "not valid YAML"),
        (NUMBING, "    - is it gonna hurt\n", "    is it gonna hurt\n", True, "begins with '- '"),
        (NUMBING, "steps-2", "steps-99", False, "no line of the document"),
        (NUMBING, "faq/procedure_steps", "faq/nothing", False, "no topic"),
        (NUMBING, "{line}", "{lines}", False, "unknown placeholder"),
        ("content/clinic.yml", "monday: 08:00-17:00", "monday: 8-17", True, "write hours as"),
        ("content/wordings.yml", "- id: greeting", "- id: greetings", False, "'greeting' is needed"),
        ("content/red_flags.yml", "  - dropped back\n", "  - Dropped back\n", True, "can never match"),
        ("content/document.yml", "id: steps-2", "id: steps-22", False, "no line of the document"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line_and_nothing_is_written(
    workspace, path, before, after, named, words
):
    head, text = workspace.head(), workspace.read(path)
    assert before in text
    with pytest.raises(Invalid, match=words) as refused:
        workspace.save({path: text.replace(before, after, 1)}, ANA, "wrong", head)
    assert refused.value.line == (text[: text.index(before)].count("\n") + 1 if named else None)
    assert workspace.head() == head
    assert workspace.read(path) == text


@pytest.mark.parametrize(
    "path", ["../x.yml", "data/../../x.yml", "/etc/x.yml", "data/.git/x.yml", "patchline/x.py", "-x"]
)
def test_no_other_file_can_be_written_or_read(workspace, path):
    with pytest.raises(WorkspaceError):
        workspace.save({path: "a: b\n"}, ANA, "x", workspace.head())
    with pytest.raises(WorkspaceError):
        workspace.read(path)


def test_nothing_to_save_is_said(workspace):
    with pytest.raises(Unchanged):
        workspace.save({NUMBING: workspace.read(NUMBING)}, ANA, "x", workspace.head())


def test_undoing_one_change_leaves_all_others(workspace):
    first = workspace.save(reworded(workspace, "numbs it"), ANA, "Shorter", workspace.head())
    workspace.save({NUMBING: workspace.read(NUMBING).replace("gonna hurt", "going to hurt")}, BEN, "b", first.id)
    undone = workspace.revert(first.id, BEN)
    assert undone.title == "Undone: Shorter"
    assert SPOT in workspace.read(NUMBING)
    assert "going to hurt" in workspace.read(NUMBING)


def test_undoing_a_change_whose_lines_were_changed_later_is_a_question(workspace):
    first = workspace.save(reworded(workspace, "numbs it"), ANA, "a", workspace.head())
    workspace.save({NUMBING: workspace.read(NUMBING).replace("numbs it", "numbs all")}, BEN, "b", first.id)
    with pytest.raises(Conflict) as asked:
        workspace.revert(first.id, BEN)
    assert "numbs all" in asked.value.theirs
    assert "numbs all" in workspace.read(NUMBING)


def test_a_snapshot_has_the_files_of_its_commit_byte_for_byte(workspace, installation, tmp_path):
    first = workspace.head()
    workspace.save(reworded(workspace, "numbs it"), ANA, "a", first)
    workspace.snapshot(first, tmp_path / "files")
    for path in ("data/faq/numbing.yml", "content/red_flags.yml", "domain.yml", "config.yml"):
        assert (tmp_path / "files" / path).read_bytes() == (installation / path).read_bytes()


def test_a_good_edit_by_hand_is_committed_at_the_next_open(workspace):
    file = workspace.folder / NUMBING
    file.write_text(file.read_text().replace(SPOT, "numbs it"))
    workspace.open()
    assert (workspace.history()[0].title, workspace.trouble) == ("Edited by hand on the server", [])
    assert "numbs it" in workspace.read(NUMBING)


def test_a_broken_edit_by_hand_is_named_with_its_line_and_harms_nothing(workspace):
    file = workspace.folder / NUMBING
    broken = file.read_text().replace("    - is it gonna hurt\n", "    is it gonna hurt\n")
    file.write_text(broken)
    workspace.open()
    assert str(workspace.trouble[0]).startswith(f"{NUMBING} line 19: each example")
    assert "- is it gonna hurt\n" in workspace.read(NUMBING)
    other = "data/faq/relief.yml"
    changed = T.with_examples(workspace.read(other), "faq/relief", ["when is it over with"], path=other)
    workspace.save({other: changed}, ANA, "Others go on", workspace.head())
    assert file.read_text() == broken
    workspace.save(reworded(workspace, "numbs it"), ANA, "Even of this file", workspace.head())
    assert "numbs it" in workspace.read(NUMBING)
    assert "numbs it" in file.read_text()
    assert "    is it gonna hurt\n" in file.read_text()
    file.write_text(file.read_text().replace("    is it gonna hurt\n", "    - is it gonna hurt now\n"))
    assert workspace.open().trouble == []
    assert "numbs it" in workspace.read(NUMBING)
    assert "- is it gonna hurt now\n" in workspace.read(NUMBING)


def test_a_file_that_is_needed_cannot_go_and_a_topic_that_is_offered_cannot_either(workspace):
    (workspace.folder / "content" / "clinic.yml").unlink()
    workspace.open()
    assert str(workspace.trouble[0]) == "content/clinic.yml: the file is needed and is missing"
    with pytest.raises(Invalid, match="which is no topic"):
        workspace.save({"data/faq/procedure_steps.yml": None}, ANA, "x", workspace.head())


def test_the_first_commit_cannot_be_undone(workspace):
    with pytest.raises(WorkspaceError, match="where it began"):
        workspace.revert(workspace.head(), ANA)


def test_a_save_that_was_killed_before_it_wrote_the_folder_is_no_edit_by_hand(workspace, settings, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(workspace._here, "finish", lambda *_: None)
        workspace.save(reworded(workspace, "numbs it"), ANA, "killed here", workspace.head())
    assert SPOT in (workspace.folder / NUMBING).read_text()
    again = Workspace(settings).open()
    assert again.history()[0].title == "killed here"
    assert "numbs it" in (workspace.folder / NUMBING).read_text()


def test_an_engineer_commits_by_git_and_the_desk_sees_it(workspace):
    file = workspace.folder / NUMBING
    file.write_text(file.read_text().replace(SPOT, "numbs it"))
    git(workspace, "commit", "-qam", "By git")
    assert workspace.open().history()[0].title == "By git"
    assert "numbs it" in workspace.read(NUMBING)


def test_nothing_is_saved_while_somebody_merges_in_the_folder(workspace):
    (workspace.folder / ".git" / "MERGE_HEAD").write_text(f"{workspace.head()}\n")
    with pytest.raises(WorkspaceError, match="merges by git"):
        workspace.save(reworded(workspace, "numbs it"), ANA, "x", workspace.head())


def test_an_upgrade_is_merged_with_what_staff_changed(workspace, installation, settings):
    workspace.save(reworded(workspace, "numbs it"), ANA, "a", workspace.head())
    shipped = installation / NUMBING
    shipped.write_text(shipped.read_text().replace("gonna hurt", "going to hurt"))
    workspace = Workspace(settings).open()
    assert "numbs it" in workspace.read(NUMBING)
    assert "going to hurt" in workspace.read(NUMBING)
    assert workspace.waiting_for_shipped() is None
    assert Workspace(settings).open().history()[0].title == "An upgrade's files merged with staff's"


def test_an_upgrade_of_the_same_lines_waits_for_an_answer_and_staffs_text_stays(workspace, installation, settings):
    workspace.save(reworded(workspace, "numbs it"), ANA, "a", workspace.head())
    shipped = installation / NUMBING
    shipped.write_text(shipped.read_text().replace(SPOT, "numbs the lower back"))
    workspace = Workspace(settings).open()
    assert "numbs it" in workspace.read(NUMBING)
    question = workspace.waiting_for_shipped()
    assert "numbs it" in question.mine
    assert "numbs the lower back" in question.theirs
    workspace.save({"data/faq/relief.yml": workspace.read("data/faq/relief.yml").replace("- ", "- ", 1) + "# x\n"}, BEN,
                   "others go on", workspace.head())  # fmt: skip
    question = workspace.waiting_for_shipped()
    workspace.take_shipped({NUMBING: question.theirs}, ANA, question.base)
    assert "numbs the lower back" in workspace.read(NUMBING)
    assert workspace.waiting_for_shipped() is None


def test_without_git_a_sentence_says_what_to_install(settings, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WorkspaceError, match="apt-get install git"):
        Workspace(settings).open()


def test_the_users_own_git_configuration_and_hooks_take_no_part(workspace, monkeypatch, tmp_path):
    (tmp_path / ".gitconfig").write_text("[commit]\n\tgpgsign = true\n[user]\n\tname = Somebody else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    hook = workspace.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    change = workspace.save(reworded(workspace, "numbs it"), ANA, "a", workspace.head())
    assert change.author == ANA
    assert not (workspace.folder / "ran").exists()
