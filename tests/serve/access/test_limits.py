"""Rate limits, by a clock that the tests turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pincite.serve.access.guard import Guard
from pincite.serve.access.keys import Access
from pincite.serve.access.limits import RateLimit, is_limited
from pincite.state.store import State
from tests.serve.calls import configured, count, sent_to


class Clock:
    """A clock that stands until it is turned."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_requests_pass_at_once_and_then_as_they_are_refilled() -> None:
    clock = Clock()
    limit = RateLimit("default", 4, clock=clock)
    taken = [limit.take("a") for _ in range(6)]
    assert [v.allowed for v in taken] == [True] * 4 + [False] * 2
    assert [v.remaining for v in taken] == [3, 2, 1, 0, 0, 0]
    assert taken[-1].seconds == 15
    clock.now += 14.9
    assert (limit.take("a").allowed, limit.take("a").seconds) == (False, 1)
    clock.now += 0.1
    assert [limit.take("a").allowed for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [limit.take("a").allowed for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize("quota", [1, 3, 7, 60, 300, 1000])
def test_who_waits_as_long_as_told_may_pass_and_never_more_pass_than_may(quota: int) -> None:
    clock = Clock()
    limit = RateLimit("default", quota, clock=clock)
    start = clock.now
    for passed in range(1, quota * 3):
        verdict = limit.take("a")
        if not verdict.allowed:
            clock.now += verdict.seconds
            verdict = limit.take("a")
            assert verdict.allowed
        assert passed <= quota + (clock.now - start) * quota / 60 + 1e-6


def test_callers_do_not_share_and_only_so_many_are_remembered() -> None:
    limit = RateLimit("default", 1, clock=Clock(), most=2)
    assert [limit.take(caller).allowed for caller in "abab"] == [True, True, False, False]
    assert limit.take("c").allowed
    assert [limit.take(caller).allowed for caller in "bca"] == [False, False, True]


def test_the_headers_are_those_of_the_draft() -> None:
    limit = RateLimit("default", 120, clock=Clock())
    assert limit.headers(limit.take("a")) == [
        (b"ratelimit-policy", b'"default";q=120;w=60'),
        (b"ratelimit", b'"default";r=119;t=1'),
    ]


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[tuple[Guard, State]]:
    with State.open(tmp_path) as state:
        limit = RateLimit("default", 2, clock=Clock())
        config = configured()
        yield Guard(count, Access(state, config), config, limit=limit), state


def test_past_the_limit_a_problem_says_when_to_come_back(limited: tuple[Guard, State]) -> None:
    guard, _ = limited
    seen = [sent_to(guard, "/ask", {}, [b""]) for _ in range(3)]
    assert [status for status, _, _ in seen] == [200, 200, 429]
    assert [headers["ratelimit"] for _, headers, _ in seen] == [
        '"default";r=1;t=30',
        '"default";r=0;t=30',
        '"default";r=0;t=30',
    ]
    assert seen[2][1]["retry-after"] == "30"
    assert b'"code": "rate_limited"' in seen[2][2]
    assert sent_to(guard, "/ask", {}, [b""], client="10.0.0.7")[0] == 200


def test_keys_have_limits_of_their_own_wherever_they_come_from(
    limited: tuple[Guard, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pincite.serve.access.keys.FRESH_SECONDS", -1.0)
    guard, state = limited
    one, other = ({"x-api-key": state.keys.add(name, "ask")[1]} for name in ("one", "other"))
    clients = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
    seen = [sent_to(guard, "/ask", one, [b""], client=client)[0] for client in clients]
    assert seen == [200, 200, 429]
    assert sent_to(guard, "/ask", other, [b""])[0] == 200
    stranger = sent_to(guard, "/ask", {}, [b""])
    assert stranger[0] == 401
    assert "ratelimit" not in stranger[1]


@pytest.mark.parametrize(
    ("path", "upload", "limited"),
    [
        ("/ask", False, True),
        ("/", False, True),
        ("/documents", False, True),
        ("/documents", True, False),
        ("/gradio_api/queue/join", False, True),
        ("/gradio_api/queue/data", False, False),
        ("/gradio_api/heartbeat/abc", False, False),
        ("/assets/index.js", False, False),
        ("/health", False, False),
        ("/healthy", False, True),
        ("/ui", False, True),
    ],
)
def test_what_counts_and_what_does_not(path: str, upload: bool, limited: bool) -> None:
    assert is_limited(path, upload=upload) is limited
