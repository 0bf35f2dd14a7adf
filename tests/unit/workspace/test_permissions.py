"""Every role tries to write every kind of file, by saving, by undoing, and by answering an upgrade."""

import pytest

from patchline.workspace import Author, NotAllowed, Workspace, permissions
from patchline.workspace.files import SIGNATURES, STAFF_TESTS
from tests.unit.workspace.conftest import NUMBING

ROLES = ("nurse", "editor", "clinician", "admin", "server", "somebody")
LEAST = {
    NUMBING: "editor",
    "data/safety/clinic.yml": "editor",
    "domain.yml": "editor",
    "content/document.yml": "editor",
    "content/wordings.yml": "editor",
    STAFF_TESTS: "editor",
    SIGNATURES: "clinician",
    "content/clinic.yml": "admin",
    "content/red_flags.yml": "admin",
    "content/context_rules.yml": "admin",
    "config.yml": "server",
}
NEW = {SIGNATURES: "signatures: []\n", STAFF_TESTS: "messages: []\n"}
EVERY = [(role, path) for role in ROLES for path in LEAST]


def may(role, path):
    ladder = ROLES[1:5]
    return role in ladder and ladder.index(role) >= ladder.index(LEAST[path])


def edited(workspace, path):
    return f"{workspace.read(path)}# a remark\n" if path in workspace.files() else NEW[path]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    from patchline.settings import Settings

    folder = tmp_path_factory.mktemp("permissions")
    return Workspace(Settings(var=folder, workspace=folder / "workspace")).open()


@pytest.mark.parametrize(("role", "path"), EVERY)
def test_a_role_saves_what_is_its_own_and_nothing_else(shared, role, path):
    who, head = Author("x", "X", role), shared.head()
    edits = {path: edited(shared, path)}
    if may(role, path):
        change = shared.save(edits, who, "a remark", head)
        assert change.paths == (path,)
        shared.revert(change.id, who)
    else:
        with pytest.raises(NotAllowed, match=path):
            shared.save(edits, who, "a remark", head)
        assert shared.head() == head


@pytest.mark.parametrize(("role", "path"), EVERY)
def test_a_role_undoes_what_it_may_write_and_nothing_else(shared, role, path):
    engineer = Author("e", "Engineer", permissions.SERVER)
    change = shared.save({path: edited(shared, path)}, engineer, "a remark", shared.head())
    if may(role, path):
        shared.revert(change.id, Author("x", "X", role))
    else:
        with pytest.raises(NotAllowed, match=path):
            shared.revert(change.id, Author("x", "X", role))
        assert shared.head() == change.id
        shared.revert(change.id, engineer)


def test_one_file_that_is_not_allowed_keeps_all_from_being_written(shared):
    head = shared.head()
    edits = {path: edited(shared, path) for path in (NUMBING, "content/clinic.yml")}
    with pytest.raises(NotAllowed, match=r"clinic.yml can be changed by the role admin only"):
        shared.save(edits, Author("eddy", "Eddy"), "both", head)
    assert shared.head() == head


def upgraded(workspace, installation, settings, path, words, mine, theirs):
    """The workspace and the question of an upgrade that changed `words` of a file where they were changed here, too."""
    shipped = installation / path
    before = shipped.read_text()
    assert words in before
    engineer = Author("e", "Engineer", permissions.SERVER)
    workspace.save({path: before.replace(words, mine)}, engineer, "x", workspace.head())
    shipped.write_text(before.replace(words, theirs))
    after = Workspace(settings).open()
    return after, after.shipped_conflicts()[0]


@pytest.fixture
def question(workspace, installation, settings):
    return upgraded(workspace, installation, settings, "config.yml", "language: en", "language: 'en'", 'language: "en"')


@pytest.mark.parametrize(("role", "choice"), [("editor", "mine"), ("clinician", "theirs"), ("admin", "own")])
def test_an_upgrade_is_not_answered_with_a_text_that_the_role_may_not_write(question, role, choice):
    workspace, asked = question
    own = asked.mine.replace("language: 'en'", "language: de")
    answer = {"mine": asked.mine, "theirs": asked.theirs, "own": own}[choice]
    head = workspace.head()
    with pytest.raises(NotAllowed, match=r"config\.yml"):
        workspace.take_shipped({asked.path: answer}, Author("x", "X", role), asked.base)
    assert workspace.head() == head


def test_an_upgrade_that_asks_about_one_file_lets_nobody_write_another(workspace, installation, settings):
    workspace, asked = upgraded(
        workspace, installation, settings, NUMBING, "version: '3.1'", "version: '3.1' # a", "version: '3.1' # b"
    )
    head = workspace.head()
    answers = {asked.path: asked.theirs, "content/clinic.yml": f"{workspace.read('content/clinic.yml')}# mine\n"}
    with pytest.raises(NotAllowed, match=r"clinic\.yml"):
        workspace.take_shipped(answers, Author("eddy", "Eddy"), asked.base)
    assert workspace.head() == head


def test_an_admin_chooses_between_the_two_texts_of_an_upgrade(question):
    workspace, asked = question
    workspace.take_shipped({asked.path: asked.theirs}, Author("ada", "Ada", "admin"), asked.base)
    assert workspace.read("config.yml") == asked.theirs
