"""Every route of the desk: who may use it, which forms it takes, and whether it is on record."""

import re

import pytest
from starlette.routing import Mount, Route

from patchline.desk.access import ARTICLES
from patchline.desk.acts import NAMES
from patchline.desk.app import ROUTES
from patchline.desk.roles import ROLES
from patchline.escalation.tickets import open_ticket
from patchline.review.tables import review_items
from patchline.workspace import Workspace
from tests.review import write
from tests.unit.desk.conftest import SQLITE, Browser

# Without a session: the way in, the way out, and the link that is its own key (see `patchline.desk.ack`).
OPEN_TO_ALL = {"/desk/sign-in", "/desk/sign-out", "/desk/ack/{token}"}
NO_FORM_TOKEN = {"/desk/ack/{token}"}  # the signed link cannot be guessed, and must work where cookies do not
# Counts without a patient's words, which a page asks for that is on record; an empty form; and an empty frame.
NOT_ON_RECORD = {("GET", path) for path in ("/desk/events", "/desk/search", "/desk/review/scan", "/desk/preview")}
FIELDS = {
    "/desk/search": {"words": "PL-7K3F9"},
    "/desk/staff": {"login": "bo", "name": "Bo", "role": "nurse"},
    "/desk/staff/{login}/role": {"role": "nurse"},
    "/desk/account/password": {"password": "wrong", "new_password": "x", "new_password_again": "x"},
}
QUERIES = {"/desk/tickets.csv": {"first": "2026-11-01", "last": "2026-11-30"}}


def walk():
    """(method, path template, needed role or None) of every route."""
    found = []
    for route in ROUTES:
        assert isinstance(route, Route), route
        methods = route.methods or ()
        found += [(method, route.path, getattr(route.endpoint, "role", None)) for method in sorted(methods)]
    return [item for item in found if item[0] != "HEAD"]


GUARDED = [item for item in walk() if item[1] not in OPEN_TO_ALL]
POSTS = [item for item in walk() if item[0] == "POST"]


@pytest.fixture
def address(engine, numb_leg, settings):
    """`address("/desk/tickets/{reference}")`: a path that leads to something."""
    reference = open_ticket(engine, numb_leg).reference
    values = {"reference": reference, "login": "eddy", "token": "x", "act": "note"}
    values |= {"source": "3f2a91bc", "topic": "faq.numbing", "wording": "greeting", "conversation": "new"}
    values["change"] = Workspace(settings).open().head()
    write(engine, "c2", "m1", "can i swim", "nlu_fallback", 0.2, "fallback")
    item = {"group_id": 1, "reasons": ["unsure"], "masked": "can i swim", "confidence": 0.2, "doubt": 0.8}
    with engine.begin() as db:
        db.execute(review_items.insert(), {"message": 1, **item, "vector": b"", "model": "m"})
    return lambda template: template.format(**values, number=1 if "/review/" in template else 0)  # a group, a release


def test_the_walk_finds_the_desk():
    paths = {path for _, path, _ in walk()}
    assert {"/desk", "/desk/sign-in", "/desk/staff", "/desk/audit", "/desk/tickets/{reference}"} <= paths
    assert all(path == "/desk" or path.startswith("/desk/") for path in paths)
    assert not any(isinstance(route, Mount) for route in ROUTES)


def test_every_route_but_the_way_in_says_who_may_use_it():
    assert {path for _, path, role in walk() if role is None} == OPEN_TO_ALL
    assert {role for _, _, role in GUARDED} <= set(ROLES)


def test_nothing_changes_by_a_get_and_the_only_methods_are_get_and_post():
    assert {method for method, _, _ in walk()} == {"GET", "POST"}


@SQLITE
def test_without_a_session_every_route_is_refused(browser, address):
    for method, path, _ in GUARDED:
        if method == "GET":
            answer = browser.get(address(path))
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/desk/sign-in?next=/desk"), path
            assert browser.get(address(path), headers={"Accept": "*/*"}).status_code == 401, path
        else:
            answer = browser.submit(address(path), "/desk/sign-in", **FIELDS.get(path, {}))
            assert answer.status_code == 401, path
            assert "You are signed out" in answer.text, path


@SQLITE
@pytest.mark.parametrize("login", ["nina", "eddy", "cleo"])
def test_a_lower_role_is_refused_everywhere_and_that_is_on_record(app, address, deeds, login):
    own = ROLES[["nina", "eddy", "cleo"].index(login)]
    above = [item for item in GUARDED if ROLES.index(item[2]) > ROLES.index(own)]
    assert above
    browser = Browser(app)
    browser.sign_in(login)
    for method, path, role in above:
        if method == "GET":
            answer = browser.get(address(path))
        else:
            answer = browser.submit(address(path), **FIELDS.get(path, {}))
        assert answer.status_code == 403, (method, path)
        assert f"this is for {ARTICLES[role]}" in answer.text, (method, path)
        assert deeds()[-1] == (login, "refused", None, f"role:{role}"), (method, path)


@SQLITE
def test_a_form_without_its_token_is_refused(app, ada, address, deeds):
    other = Browser(app)
    other.sign_in("nina")
    tokens = ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": other.token()})
    before = deeds()
    for _, path, _ in POSTS:
        for token in tokens if path not in NO_FORM_TOKEN else ():
            refused = ada.post(address(path), data={**FIELDS.get(path, {}), **token})
            assert refused.status_code == 403, (path, token)
    assert deeds() == before


@SQLITE
@pytest.mark.parametrize(("method", "path", "role"), [item for item in GUARDED if item[:2] not in NOT_ON_RECORD])
def test_every_view_and_every_deed_is_on_record(ada, address, deeds, method, path, role):
    names = NAMES if "{act}" in path else ("",)
    for name in names:
        at = address(path.replace("{act}", name))
        token = ada.token() if method == "POST" else ""
        before = len(deeds())
        if method == "GET":
            answer = ada.get(at, params=QUERIES.get(path))
        else:
            about = {
                "text": "words",
                "why": "words",
                "until": "2026-11-30T10:00:00",
                "outcome": "reached",
                "ending": "other",
                "to": "Nina Ray",
            }
            answer = ada.post(at, data={"csrf": token, **about, **FIELDS.get(path, {})})
        assert answer.status_code in (200, 303, 409, 422), answer.text
        new = deeds()[before:]
        assert new, (method, at)
        assert {deed[0] for deed in new} <= {"ada", None}


@SQLITE
def test_the_audit_holds_no_words_of_patients_or_staff(ada, address, deeds):
    for name in NAMES:
        path = address("/desk/tickets/{reference}/" + name)
        fields = {"text": "secretwords", "outcome": "reached", "ending": "other", "to": "Nina Ray"}
        assert ada.submit(path, **fields).status_code != 404
    ada.submit("/desk/search", words="secretwords")
    assert len(deeds()) > len(NAMES)
    assert "secretwords" not in str(deeds())
    assert "leg is numb" not in str(deeds())


@SQLITE
@pytest.mark.parametrize("name", ["%C3%A9", "%00", "a%20b", "x" * 201, "%0A"])
def test_a_name_in_an_address_that_nothing_can_have_is_not_found(ada, name):
    for method, path, _ in GUARDED:
        if "{" not in path:
            continue
        at = re.sub(r"\{\w+\}", name, path)
        answer = ada.get(at) if method == "GET" else ada.post(at, data={"csrf": ada.token(), **FIELDS.get(path, {})})
        assert answer.status_code == 404, (method, at)
