"""Cross-origin requests: nobody, save the origins that are listed."""

import pytest

from pincite.errors import InputError
from pincite.serve.access.cors import sound_origins
from tests.serve.calls import call, configured
from tests.serve.conftest import KEY

GOOD = "https://intranet.example.com"
CONFIG = configured(api_key=KEY, cors_origins=frozenset({GOOD, "http://localhost:3000"}))
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
BAD = [
    "https://evil.example",
    "null",
    "",
    "*",
    "http://intranet.example.com",
    "https://intranet.example.com:444",
    "https://intranet.example.com.evil.example",
    "https://evilintranet.example.com",
    "https://INTRANET.example.com",
]


def _access(headers: dict[str, str]) -> dict[str, str]:
    return {n: v for n, v in headers.items() if n.lower().startswith("access-control")}


@pytest.mark.parametrize("origin", [GOOD, "http://localhost:3000"])
def test_a_listed_origin_may_ask_with_a_key(origin: str) -> None:
    sent = {"origin": origin, "sec-fetch-site": "cross-site"}
    status, headers, _ = call("/x", {**sent, **ASKS}, [b""], method="OPTIONS", config=CONFIG)
    assert status == 204
    assert headers["access-control-allow-origin"] == origin
    assert "POST" in headers["access-control-allow-methods"]
    assert "X-API-Key" in headers["access-control-allow-headers"]
    for key, status in ((KEY, 200), ("wrong", 401)):
        answered = call("/x", {**sent, "x-api-key": key}, [b""], config=CONFIG)
        assert answered[0] == status
        assert answered[1]["access-control-allow-origin"] == origin
        assert "RateLimit" in answered[1]["access-control-expose-headers"]
        assert answered[1]["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answered[1]


@pytest.mark.parametrize("origin", BAD)
def test_no_other_origin_is_told_anything(origin: str) -> None:
    for config in (CONFIG, configured(api_key=KEY)):
        sent = {"origin": origin, "x-api-key": KEY}
        for method, more in (("OPTIONS", ASKS), ("POST", {}), ("GET", {})):
            status, headers, _ = call("/x", {**sent, **more}, [b""], method=method, config=config)
            assert _access(headers) == {}
            assert status == (403 if method == "POST" else 200)


def test_an_inner_application_opens_nothing(origin: str = "https://evil.example") -> None:
    _, headers, _ = call("/x", {"origin": origin}, [b""], method="GET")
    assert _access(headers) == {}
    _, headers, _ = call("/x", {"origin": GOOD, "x-api-key": KEY}, [b""], config=CONFIG)
    assert headers["access-control-allow-origin"] == GOOD


@pytest.mark.parametrize(
    ("listed", "origins"),
    [
        ("", set()),
        (
            " https://A.example , http://localhost:3000/,",
            {"https://a.example", "http://localhost:3000"},
        ),
        ("http://[::1]:8080", {"http://[::1]:8080"}),
    ],
)
def test_origins_are_read_as_browsers_send_them(listed: str, origins: set[str]) -> None:
    assert sound_origins(listed) == origins


@pytest.mark.parametrize(
    "listed",
    ["*", "null", "https://*.example.com", "example.com", "https://a.example/path", "ftp://a"],
)
def test_what_is_no_origin_is_refused(listed: str) -> None:
    with pytest.raises(InputError, match="PINCITE_CORS_ORIGINS"):
        sound_origins(f"https://good.example,{listed}")
