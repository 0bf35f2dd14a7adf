"""The script at /patchline.js: small, with the clinic's numbers in front, for the pages that may have it."""

import gzip
import re
from dataclasses import replace

from patchline.gateway.widget import BUILT, Script, clinic_line

LIMIT = 15 * 1024  # bytes, as they go over the network
EMBEDDER = "https://clinic.example"
UNSAFE = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg)"
)


def test_the_whole_widget_is_one_file_of_15_kilobytes_at_most(client):
    response = client.get("/patchline.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-type"].startswith("text/javascript")
    assert int(response.headers["content-length"]) <= LIMIT
    assert not re.search(r"\bimport\s*[({\"']", response.text)


def test_who_takes_no_gzip_gets_the_same_script_plain(client):
    plain = client.get("/patchline.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == client.get("/patchline.js").text


def test_it_writes_no_html_runs_no_text_and_names_no_other_host():
    assert re.findall(UNSAFE, BUILT.read_text()) == []


def test_the_clinics_numbers_stand_in_front_of_it(client, content):
    first = client.get("/patchline.js").text.partition("\n")[0]
    assert first == clinic_line(content)
    assert '"href":"tel:+12025550142"' in first
    assert '"href":"tel:911"' in first


def test_a_name_with_quotes_and_odd_letters_stays_inside_its_quotes(content):
    clinic = replace(content.clinic, name='O\'Neill "Spine" </script>\u2028\\')
    line = clinic_line(replace(content, clinic=clinic))
    assert line.isascii()
    assert line.count("\n") == 0
    assert r"O'Neill \"Spine\" </script>\u2028\\" in line


def test_a_script_that_a_browser_has_already_is_not_sent_again(client):
    first = client.get("/patchline.js")
    again = client.get("/patchline.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_other_numbers_are_another_script(content):
    line = replace(content.clinic.line, display="(617) 867-5309", tel="+16178675309")
    other = replace(content, clinic=replace(content.clinic, line=line))
    scripts = [Script(content, b"//"), Script(other, b"//")]
    assert scripts[0].etag != scripts[1].etag
    assert b"867-5309" in gzip.decompress(scripts[1].gzipped)


def test_allowed_pages_may_load_it_and_no_copy_of_it_is_taken_for_another_pages(start):
    client = start(allowed_origins=(EMBEDDER,))
    response = client.get("/patchline.js", headers={"Origin": EMBEDDER})
    assert response.headers["access-control-allow-origin"] == EMBEDDER
    assert "Origin" in client.get("/patchline.js").headers["vary"]
    assert client.get("/patchline.js", headers={"Origin": "https://evil.example"}).status_code == 403
