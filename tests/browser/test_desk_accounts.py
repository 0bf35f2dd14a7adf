"""Signing in and keeping accounts in a real browser, without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.desk import PASSWORD, fill_sign_in


@pytest.fixture
def page(open_page):
    return open_page(width=320, scripts=False)


def sign_in(page, desk, login, password):
    page.goto(f"{desk.base_url}/desk/account")
    fill_sign_in(page, login, password)


def fits(page):
    """Nothing is wider than the screen, and everything that is pressed is 44 px high (links in a sentence apart)."""
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide) is True
    targets = page.locator(
        "button:visible, .button:visible, input:visible, select:visible, nav a:visible, summary:visible"
    )
    for target in targets.all():
        assert target.bounding_box()["height"] >= 44, target.inner_text()


def test_without_javascript_a_nurse_signs_in_slips_once_and_signs_out(page, desk):
    sign_in(page, desk, "Dana", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    expect(page.get_by_label("Login")).to_have_value("Dana")
    fits(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.base_url}/desk/account")
    expect(page.get_by_role("heading", name="Dana Reyes")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out. New tickets do not show here.")
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()  # nothing is left in the browser


def test_without_javascript_an_admin_adds_a_nurse_who_chooses_a_password(page, open_page, desk):
    sign_in(page, desk, "avi", PASSWORD)
    page.get_by_role("link", name="Staff").click()
    page.get_by_label("Name").fill("Mia Novak")
    page.get_by_label("Login").fill("mia")
    fits(page)
    page.get_by_role("button", name="Add").click()
    password = page.locator(".once").inner_text()
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_text("login:mia,role:nurse")).to_be_visible()
    fits(page)
    other = open_page(scripts=False)
    sign_in(other, desk, "mia", password)
    other.goto(f"{desk.base_url}/desk")
    expect(other.get_by_text("Choose your own now")).to_be_visible()
    other.get_by_label("Password until now").fill(password)
    for label in ("New password", "New password once more"):
        other.get_by_label(label, exact=True).fill("seven slow green trains")
    other.get_by_role("button", name="Change the password").click()
    expect(other.get_by_text("Your password is changed.")).to_be_visible()
    page.get_by_role("link", name="Staff").click()
    row = page.get_by_role("row").filter(has_text="Mia Novak")
    row.locator("summary").click()
    row.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("The account is switched off.")).to_be_visible()
    other.goto(f"{desk.base_url}/desk")
    expect(other).to_have_url(re.compile("/desk/sign-in"))
