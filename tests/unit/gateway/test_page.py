import re
from dataclasses import replace
from html.parser import HTMLParser

from patchline.gateway import page


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
    assert elements.all("script", "src") == ["/patchline.js"]
    assert elements.all("link", "href") == ["data:,", "/static/page.css"]
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)=", html)
    assert "://" not in client.get("/static/page.css").text


def test_the_clinic_line_is_a_link_without_any_script_also_in_the_place_of_the_chat(client):
    html = client.get("/").text
    assert Elements(html).all("a", "href").count("tel:+12025550142") == 3
    assert '<a class="no-chat" href="tel:+12025550142">Call (202) 555-0142 (clinic line)</a>' in html
    assert "demo number" in html
    assert "Monday to Friday, 8:00 am to 5:00 pm" in html


def test_a_real_number_has_no_demo_note(content):
    line = replace(content.clinic.line, display="(617) 867-5309", tel="+16178675309")
    assert "demo number" not in page.render(replace(content, clinic=replace(content.clinic, line=line)))


def test_content_is_escaped(content):
    line = replace(content.lines["steps-1"], text="<script>alert(1)</script> & more")
    html = page.render(replace(content, lines={**content.lines, "steps-1": line}))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


def test_the_files_are_checked_for_news_and_the_template_is_not_one_of_them(client):
    first = client.get("/static/page.css")
    assert first.headers["content-type"].startswith("text/css")
    again = client.get("/static/page.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    for path in ("index.html", "patchline.js", "%00", "../page.py", "%2e%2e/page.py"):
        assert client.get(f"/static/{path}").status_code == 404
