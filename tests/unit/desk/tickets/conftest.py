"""A gateway with its desk in this process, on a database of each kind, with a nurse who is signed in."""

import re

import pytest
from starlette.testclient import TestClient

from patchline import content as contents
from patchline.database import engines
from patchline.desk.app import desk
from patchline.gateway.app import create_app
from patchline.settings import ROOT, Settings
from tests.desk import PASSWORD, SECRET, Clinic
from tests.system import free_ports
from tests.tables import make_tables

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="session")
def content():
    return contents.load(ROOT / "content")


@pytest.fixture
def clinic(url):
    make_tables(url)
    engine = engines.make_engine(url)
    yield Clinic(engine)
    engine.dispose()


@pytest.fixture
def app(clinic, url, content, tmp_path):
    settings = Settings(var=tmp_path, secret=SECRET, rasa_port=free_ports(1)[0], rate_limit="off", database_url=url)
    return create_app(settings, content, mounts=[desk(settings, content)])


class Browser:
    """Somebody's browser at the desk: keeps cookies, follows redirects, and fills in forms as they are."""

    def __init__(self, app):
        self.client = TestClient(app, headers=BROWSER)

    def open(self, path, status=200, **headers):
        response = self.client.get(path, headers=headers)
        assert response.status_code == status, response.text
        return response.text

    def press(self, page, action, status=200, **fields):
        """Send the form of a page whose action is this address, with its hidden fields and some typed ones."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL)
        assert form, f"no form for {action}"
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1]))
        response = self.client.post(action, data=hidden | fields)
        assert response.status_code == status, response.text
        return response.text

    def sign_in(self, login):
        page = self.open("/desk/sign-in")
        action = re.search(r'action="(/desk/sign-in[^"]*)"', page)[1]
        return self.press(page, action, login=login, password=PASSWORD)


@pytest.fixture
def running(app):
    with TestClient(app):
        yield app


@pytest.fixture
def browser(running):
    """Somebody who is not signed in."""
    return Browser(running)


@pytest.fixture
def nurse(running):
    found = Browser(running)
    found.sign_in("dana")
    return found


@pytest.fixture
def admin(running):
    found = Browser(running)
    found.sign_in("avi")
    return found
