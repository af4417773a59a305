import ipaddress
import sys
from typing import Any

import pytest

from pincite.errors import (
    FetchError,
    UrlForbiddenError,
)
from pincite.ingest.load import Loader
from pincite.ingest.url import Fetcher, is_public
from tests.ingest.site import HTML, Site, local_fetcher

# Every connection that this process tries, seen by the interpreter itself.
_connections: list[Any] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _connections.append(arguments[1])


sys.addaudithook(_audit)


@pytest.fixture
def connections() -> list[Any]:
    _connections.clear()
    return _connections


INNER_NAMES = {
    "inner.example": ["127.0.0.1"],
    "meta.example": ["169.254.169.254"],
    "azure.example": ["168.63.129.16"],
    "alibaba.example": ["100.100.100.200"],
    "mixed.example": ["93.184.215.14", "10.0.0.7"],
    "mixed6.example": ["2606:4700::1111", "::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "scoped.example": ["fe80::1%eth0"],
    "nowhere.example": [],
}


def inner_resolve(host: str, port: int) -> list[str]:
    if host in INNER_NAMES:
        return INNER_NAMES[host]
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1", "::1"]
    raise OSError("no such host")


HOSTILE = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/x",
    "http://127.1.2.3/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7F.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.0x1/",
    "http://127.0.0.01/",
    "http://127.0.0.1./",
    "http://4294967295/",
    "http://99999999999/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]:8080/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[5f00::1]/",
    "http://localhost/",
    "http://LOCALHOST:9200/",
    "http://app.localhost/",
    "http://localhost./",
    "http://inner.example/",
    "http://meta.example/",
    "http://azure.example/",
    "http://alibaba.example/",
    "http://mixed.example/",
    "http://mixed6.example/",
    "http://mapped.example/",
    "http://scoped.example/",
    "http://nowhere.example/",
    "http://user@inner.example/",
    "http://user:password@93.184.215.14/",
    "http://93.184.215.14@127.0.0.1/",
    "http://127.0.0.1@93.184.215.14/",
    "http://93.184.215.14\\@127.0.0.1/",
    "http://93.184.215.14#@127.0.0.1:1/ x",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\r\nHost:x/",
    " http://127.0.0.1/",
    "http:///etc/passwd",
    "http://",
    "http:127.0.0.1/",
    "http://[::1/",
    "http://a..b/",
    "http://93.184.215.14:22/",
    "http://93.184.215.14:25/",
    "http://93.184.215.14:99999/",
    "https://127.0.0.1/",
    "ftp://93.184.215.14/a",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "javascript://93.184.215.14/%0aalert(1)",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "dict://127.0.0.1:11211/stats",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_no_hostile_url_connects(url: str, connections: list[Any]) -> None:
    with pytest.raises((UrlForbiddenError, FetchError)):
        Fetcher(resolve=inner_resolve).fetch(url)
    assert connections == []


def test_there_are_enough_hostile_urls() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "223.5.5.5", "2606:4700:4700::1111", "2400:3200::1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_document_is_fetched_by_its_name(site: Site, connections: list[Any]) -> None:
    site.answers["/a/%E6%8A%A5%E5%91%8A.html?x=1"] = (200, HTML, "<p>小米</p>".encode())
    with Loader(fetcher=local_fetcher()) as loader:
        url = site.url("/a/报告.html?x=1")
        raw = loader.fetch(url)
        assert (raw.source, raw.name, raw.content_type) == (url, "报告.html", HTML["Content-Type"])
        assert loader.parse(raw).text == "小米"
    assert site.requests[0][1]["Host"] == f"site.example:{site.port}"
    assert connections == [("127.0.0.1", site.port)]


def test_a_name_is_resolved_once(site: Site, connections: list[Any]) -> None:
    site.answers["/"] = (200, HTML, b"fine")
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    fetched = local_fetcher(resolve=rebinding).fetch(site.url("/"))
    assert (fetched.data, fetched.name) == (b"fine", "site.example")
    assert asked == ["site.example"]
    assert connections == [("127.0.0.1", site.port)]


def test_a_rebinding_name_gains_nothing_by_a_redirect(site: Site, connections: list[Any]) -> None:
    site.answers["/"] = (302, {"Location": "/again"}, b"")
    answers = iter((["127.0.0.1"], ["127.0.0.2"]))
    with pytest.raises(UrlForbiddenError, match=r"leads to 127\.0\.0\.2"):
        local_fetcher(resolve=lambda host, port: next(answers)).fetch(site.url("/"))
    assert connections == [("127.0.0.1", site.port)]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2/",
        "//127.0.0.2:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://user@127.0.0.1:{port}/",
        "http://127.0.0.1:22/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://[bad/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_lead_nowhere_else(
    status: int, location: str, site: Site, connections: list[Any]
) -> None:
    site.answers["/"] = (status, {"Location": location.format(port=site.port)}, b"")
    with pytest.raises((UrlForbiddenError, FetchError)):
        local_fetcher().fetch(site.url("/"))
    assert connections == [("127.0.0.1", site.port)]


def test_five_redirects_are_followed_and_not_six(site: Site) -> None:
    for step in range(6):
        site.answers[f"/{step}"] = (302, {"Location": f"{step + 1}"}, b"")
    site.answers["/6"] = (200, HTML, b"there")
    assert local_fetcher().fetch(site.url("/1")).data == b"there"
    with pytest.raises(FetchError, match="more than 5 redirects"):
        local_fetcher().fetch(site.url("/0"))


def test_proxies_of_the_environment_are_ignored(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/"] = (200, HTML, b"direct")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert local_fetcher().fetch(site.url("/")).data == b"direct"
