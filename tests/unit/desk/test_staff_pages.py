"""The accounts and the audit, as an admin keeps them at the desk."""

import csv
import io
import re

from patchline.database.schema import now
from patchline.desk import accounts, audit, audit_pages
from tests.unit.desk.conftest import PASSWORD, SQLITE, Browser

pytestmark = SQLITE

ONCE = re.compile(r'<code class="once">([^<]+)</code>')


def test_an_admin_adds_a_nurse_who_then_chooses_a_password(app, ada, deeds):
    page = ada.submit("/desk/staff", name="Bo Tan", login="Bo", role="nurse")
    assert page.status_code == 200
    password = ONCE.search(page.text)[1]
    assert password not in ada.get("/desk/staff").text  # shown once
    assert ("ada", "staff_added", None, "login:bo,role:nurse") in deeds()
    assert password not in str(deeds())
    bo = Browser(app)
    assert bo.sign_in("bo", password).status_code == 303
    assert bo.get("/desk").headers["location"] == "/desk/account?first=password"


def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(ada, engine):
    before = accounts.everybody(engine)
    page = ada.submit("/desk/staff", name="Another <Nina>", login="nina", role="editor")
    assert page.status_code == 422
    assert "There is an account nina already." in page.text
    assert 'value="Another &lt;Nina&gt;"' in page.text
    assert accounts.everybody(engine) == before


def test_a_new_password_signs_the_person_out_and_must_be_changed(app, ada, nina, deeds):
    page = ada.submit("/desk/staff/nina/password")
    password = ONCE.search(page.text)[1]
    assert nina.get("/desk/account").status_code == 303
    other = Browser(app)
    assert other.sign_in("nina", PASSWORD).status_code == 401
    assert other.sign_in("nina", password).status_code == 303
    assert ("ada", "staff_password_reset", None, "login:nina") in deeds()


def test_who_is_switched_off_is_out_at_the_next_click_and_can_come_back(app, ada, nina, deeds):
    assert ada.submit("/desk/staff/nina/disable").headers["location"] == "/desk/staff?done=disabled"
    assert nina.get("/desk/account").status_code == 303
    assert Browser(app).sign_in("nina").status_code == 401
    assert "switched off" in ada.get("/desk/staff").text
    ada.submit("/desk/staff/nina/enable")
    assert Browser(app, address="198.51.100.7").sign_in("nina").status_code == 303
    assert [deed[1] for deed in deeds() if deed[0] == "ada" and "nina" in (deed[3] or "")] == [
        "staff_disabled",
        "staff_enabled",
    ]


def test_another_role_holds_at_the_next_click(ada, nina, deeds):
    assert nina.get("/desk/staff").status_code == 403
    ada.submit("/desk/staff/nina/role", role="admin")
    assert nina.get("/desk/staff").status_code == 200
    ada.submit("/desk/staff/nina/role", role="nurse")
    assert nina.get("/desk/staff").status_code == 403
    assert ("ada", "staff_role", None, "login:nina,role:admin") in deeds()


def test_the_last_admin_can_neither_be_switched_off_nor_made_a_nurse(ada, deeds):
    for path, fields in (("disable", {}), ("role", {"role": "nurse"})):
        page = ada.submit(f"/desk/staff/ada/{path}", **fields)
        assert page.status_code == 422
        assert "Ada Lin is the last admin" in page.text
    assert "staff_disabled" not in {deed[1] for deed in deeds()}


def test_an_account_that_is_not_there_is_a_sentence(ada):
    for what in ("password", "disable", "enable", "role"):
        page = ada.submit(f"/desk/staff/nobody/{what}", role="nurse")
        assert page.status_code == 422
        assert "There is no account nobody." in page.text


def test_an_account_whose_name_no_account_can_have_is_not_found_and_not_shown(ada, deeds):
    for what in ("password", "disable", "enable", "role"):
        page = ada.submit(f"/desk/staff/nobody%3Cb%3E/{what}", role="nurse")
        assert page.status_code == 404
        assert "nobody<b>" not in page.text
    assert {deed[1] for deed in deeds()} <= {"signed_in", "account_viewed"}


def test_an_unknown_role_is_refused(ada):
    assert ada.submit("/desk/staff/nina/role", role="root").status_code == 422


class TestAudit:
    def test_is_filtered_by_person_ticket_and_day(self, ada, engine):
        audit.write(engine, now(), "ticket_viewed", login="nina", name="Nina Ray", reference="PL-7K3F9")
        audit.write(engine, now(), "ticket_noted", login="eddy", name="Eddy Poe", reference="PL-22222")

        def rows(query):
            page = ada.get(f"/desk/audit?{query}")
            assert page.status_code == 200
            return page.text.split("<tbody>")[1] if "<tbody>" in page.text else ""

        assert "PL-7K3F9" in rows("login=nina")
        assert "PL-22222" not in rows("login=nina")
        assert "Eddy Poe" in rows("reference=pl-22222")
        assert "Nina Ray" not in rows("reference=pl-22222")
        assert rows("since=2020-01-01&until=2020-01-02") == ""
        assert "ticket viewed" in rows("since=2020-01-01&until=2100-01-01")

    def test_a_day_that_is_none_is_a_sentence(self, ada):
        for path in ("/desk/audit", "/desk/audit.csv"):
            for day in ("yesterday", "2026-02-30", "9999-12-31", "0001-01-01"):
                page = ada.get(f"{path}?until={day}")
                if page.status_code != 200:
                    assert page.status_code == 422
                    assert "Write a day as year-month-day" in page.text

    def test_has_pages(self, ada, engine):
        for _ in range(audit_pages.PAGE + 5):
            audit.write(engine, now(), "ticket_viewed", login="nina", name="Nina Ray")
        first = ada.get("/desk/audit?login=nina").text
        older = re.search(r'href="(/desk/audit\?[^"]*below=\d+)"', first)[1].replace("&amp;", "&")
        second = ada.get(older).text
        assert first.count("ticket viewed") == audit_pages.PAGE
        assert second.count("ticket viewed") == 5
        assert "Newest" in second
        assert ada.get("/desk/audit?below=x").status_code == 200

    def test_comes_as_a_file_whole_and_without_formulas(self, ada, engine, monkeypatch):
        monkeypatch.setattr(audit_pages, "BATCH", 7)
        for number in range(20):
            audit.write(engine, now(), "ticket_viewed", login="nina", name=f"=cmd{number}")
        answer = ada.get("/desk/audit.csv?login=nina")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "audit.csv" in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert [row["name"] for row in rows] == [f"'=cmd{number}" for number in reversed(range(20))]
        assert ada.get("/desk/audit.csv").text.count("audit_exported") == 2
