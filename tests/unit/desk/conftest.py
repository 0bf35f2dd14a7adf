"""A desk in this process, with a nurse, an editor, a clinician and an admin; and browsers that open its pages."""

import re
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from patchline import content as contents
from patchline.database.schema import now
from patchline.desk import audit, passwords
from patchline.desk.app import desk as make_desk
from patchline.desk.models import pages as models
from patchline.desk.tables import staff
from patchline.gateway.app import create_app
from patchline.releases.errors import Refused
from patchline.settings import ROOT, Settings
from tests.unit.escalation.conftest import engine, numb_leg  # noqa: F401 (tickets for the desk)

PASSWORD = "two ducks cross the yard"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
PAGE = {"Accept": "text/html"}
SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # for pages: their SQL is tried on both elsewhere


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes():
    """Passwords are hashed as in the product, with less work: most of these tests would else be hashing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


class Browser(TestClient):
    """Opens pages, and sends the forms that it finds there."""

    def __init__(self, app, address="203.0.113.5", base_url="http://testserver"):
        super().__init__(app, base_url=base_url, headers=PAGE, follow_redirects=False, client=(address, 50000))

    def token(self, path="/desk/account"):
        """The token of the forms of a page."""
        return TOKEN.search(self.get(path, follow_redirects=True).text)[1]

    def submit(self, path, page="/desk/account", **fields):
        """POST a form as the page `page` would."""
        return self.post(path, data={"csrf": self.token(page), **fields})

    def sign_in(self, login="nina", password=PASSWORD, **more):
        return self.submit("/desk/sign-in", "/desk/sign-in", login=login, password=password, **more)


@pytest.fixture(scope="session")
def content():
    return contents.load(ROOT / "content")


@pytest.fixture
def settings(tmp_path, url):
    return Settings(
        var=tmp_path, database_url=url, secret="s" * 40, rasa_port=9, rate_limit="off", workspace=tmp_path / "workspace"
    )


@pytest.fixture(scope="session")
def password_hash():
    """Made once: it takes long on purpose."""
    return passwords.hash_of(PASSWORD)


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Pages are tried here; what they begin, which takes minutes, has tests of its own."""

    def refused(settings, by, sentence, progress):
        progress.phase("asking whether there is time")
        raise Refused("No time to train.", [])

    monkeypatch.setattr(models, "build", refused)


@pytest.fixture
def people(engine, password_hash):  # noqa: F811
    """Nina is a nurse, Eddy an editor, Cleo a clinician, Ada an admin."""
    known = (
        ("nina", "Nina Ray", "nurse"),
        ("eddy", "Eddy Poe", "editor"),
        ("cleo", "Cleo Orr", "clinician"),
        ("ada", "Ada Lin", "admin"),
    )
    rows = [{"login": login, "name": name, "role": role} for login, name, role in known]
    with engine.begin() as db:
        db.execute(staff.insert(), [row | {"password_hash": password_hash, "created_at": now()} for row in rows])


@pytest.fixture
def start(settings, content):
    """`start(public_url=…)`: the application of a gateway with the desk in it."""
    running = []

    def start(**changes):
        changed = replace(settings, **changes)
        app = create_app(changed, content, mounts=[make_desk(changed, content)])
        running.append(TestClient(app))
        running[-1].__enter__()
        return app

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def app(start, people):
    return start()


@pytest.fixture
def browser(app):
    """One where nobody is signed in."""
    return Browser(app)


@pytest.fixture
def nina(app):
    browser = Browser(app)
    assert browser.sign_in("nina").status_code == 303
    return browser


@pytest.fixture
def ada(app):
    browser = Browser(app)
    assert browser.sign_in("ada").status_code == 303
    return browser


@pytest.fixture
def deeds(engine):  # noqa: F811
    """`deeds()`: (login, action, reference, detail) of every line of the audit, oldest first."""
    return lambda: [(deed.login, deed.action, deed.reference, deed.detail) for deed in reversed(audit.read(engine))]
