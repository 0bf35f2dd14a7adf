import pytest

from patchline.gateway.origins import same_origin

EMBEDDER = "https://clinic.example"


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("https://chat.example", "chat.example", True),
        ("https://chat.example", "chat.example:443", True),
        ("https://CHAT.example", "chat.Example", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("https://chat.example:8443", "chat.example", False),
        ("https://evil.example", "chat.example", False),
        ("https://chat.example.evil.example", "chat.example", False),
        ("null", "chat.example", False),
        ("", "", False),
        ("https://chat.example:port", "chat.example", False),
        ("file://", "", False),
        ("https://[", "chat.example", False),
    ],
)
def test_a_page_of_the_same_host_and_port_is_of_this_site(origin, host, same):
    assert same_origin(origin, host) is same


def test_a_page_of_this_site_may_use_the_api(client):
    assert client.post("/api/conversations", headers={"Origin": "http://testserver"}).status_code == 201


def test_a_page_of_another_site_is_refused_with_a_problem(client):
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        response = client.post("/api/conversations", headers={"Origin": origin})
        assert response.status_code == 403
        assert response.json()["line"] == "(202) 555-0142"
        assert "access-control-allow-origin" not in response.headers


def test_an_allowed_page_gets_cors_headers_also_on_errors(start):
    client = start(allowed_origins=(EMBEDDER,), rate_limit="1/minute")
    statuses = set()
    for _ in range(11):
        response = client.post("/api/conversations", headers={"Origin": EMBEDDER})
        statuses.add(response.status_code)
        assert response.headers["access-control-allow-origin"] == EMBEDDER
        assert "Origin" in response.headers["vary"]
        assert "access-control-allow-credentials" not in response.headers
    assert statuses == {201, 429}
    assert client.get("/no/such", headers={"Origin": EMBEDDER}).headers["access-control-allow-origin"] == EMBEDDER


def test_a_preflight_is_answered_for_allowed_pages_only(start):
    client = start(allowed_origins=(EMBEDDER,))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    response = client.options("/api/conversations", headers={"Origin": EMBEDDER, **asked})
    assert response.status_code == 204
    assert "Authorization" in response.headers["access-control-allow-headers"]
    assert "DELETE" in response.headers["access-control-allow-methods"]
    refused = client.options("/api/conversations", headers={"Origin": "https://evil.example", **asked})
    assert refused.status_code == 403
