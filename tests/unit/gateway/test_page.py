import re
from dataclasses import replace
from html.parser import HTMLParser

from patchline.gateway import page
from patchline.gateway.page import STATIC


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def all(self, tag, attribute):
        return [attributes[attribute] for name, attributes in self.found if name == tag and attribute in attributes]


def test_the_page_has_every_line_of_the_document_under_its_id(client, content):
    elements = Elements(client.get("/").text)
    ids = {attributes.get("id") for _, attributes in elements.found}
    assert set(content.lines) <= ids


def test_the_page_loads_nothing_from_another_site_and_has_no_inline_script_or_style(client):
    html = client.get("/").text
    elements = Elements(html)
    assert elements.all("script", "src") == ["/static/chat.js"]
    assert elements.all("link", "href") == ["data:,", "/static/chat.css"]
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)=", html)
    for name in ("chat.js", "stream.js", "chat.css"):
        assert "://" not in client.get(f"/static/{name}").text


def test_the_clinic_line_is_in_the_chat_and_in_its_data_without_any_script(client):
    html = client.get("/").text
    elements = Elements(html)
    assert elements.all("section", "data-line-href") == ["tel:+12025550142"]
    assert elements.all("section", "data-line-title") == ["Call (202) 555-0142 (clinic line)"]
    assert elements.all("a", "href").count("tel:+12025550142") == 3
    assert "demo number" in html
    assert "Monday to Friday, 8:00 am to 5:00 pm" in html


def test_a_real_number_has_no_demo_note(content):
    line = replace(content.clinic.line, display="(617) 867-5309", tel="+16178675309")
    assert "demo number" not in page.render(replace(content, clinic=replace(content.clinic, line=line)))


def test_the_chat_log_is_announced_and_its_field_has_a_label_and_no_length_limit(client):
    elements = Elements(client.get("/").text)
    (log,) = [attributes for _, attributes in elements.found if attributes.get("role") == "log"]
    assert log["aria-live"] == "polite"
    (field,) = [attributes for tag, attributes in elements.found if tag == "input"]
    assert elements.all("label", "for") == [field["id"]]
    assert "maxlength" not in field


def test_content_is_escaped(content):
    line = replace(content.lines["steps-1"], text="<script>alert(1)</script> & more")
    html = page.render(replace(content, lines={**content.lines, "steps-1": line}))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


def test_the_scripts_are_small_and_never_write_html():
    script = "".join((STATIC / name).read_text() for name in ("chat.js", "stream.js"))
    assert len(script.encode()) < 12 * 1024
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_the_files_are_checked_for_news_and_the_template_is_not_one_of_them(client):
    first = client.get("/static/chat.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = client.get("/static/chat.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    for path in ("index.html", "%00", "../page.py", "%2e%2e/page.py"):
        assert client.get(f"/static/{path}").status_code == 404
