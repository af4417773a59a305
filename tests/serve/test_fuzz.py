"""Bodies that nobody expects: whatever comes is answered in good order, never with a 5xx."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serve.memory import MemoryWorkspace

_SURROGATES = st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lo", "Nd"]), max_size=8)
_NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**400, -(10**30), 2**63, 1e308, 0.1])
)
_SCALARS = st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(max_size=20), _SURROGATES)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SURROGATES, inner, max_size=3),
    max_leaves=8,
)
_HISTORY = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "x"]), "content": _SCALARS}
    ),
    max_size=4,
)
_FILTERS = st.dictionaries(
    st.sampled_from(["since", "until", "sources", "documents", "tags", "languages", "x"]),
    st.one_of(_ANYTHING, st.lists(st.text(max_size=10), max_size=2), st.just("2024-02-30")),
    max_size=3,
)
_ASK = st.fixed_dictionaries(
    {"question": st.one_of(st.text(max_size=30), _SCALARS)},
    optional={
        "history": st.one_of(_HISTORY, _ANYTHING),
        "mode": st.one_of(st.sampled_from(["auto", "extractive"]), _SCALARS),
        "top_k": st.one_of(st.integers(1, 20), _SCALARS),
        "language": st.one_of(st.sampled_from(["zh", "en", "zh-Hant"]), _SCALARS),
        "filters": st.one_of(_FILTERS, _ANYTHING),
        "explain": st.one_of(st.booleans(), _SCALARS),
        "stream": st.one_of(st.booleans(), _SCALARS),
    },
)
_CHAT = st.fixed_dictionaries(
    {
        "model": st.one_of(st.just("pincite"), _SCALARS),
        "messages": st.one_of(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "role": st.sampled_from(["user", "assistant", "system", "tool"]),
                        "content": st.one_of(
                            _SCALARS,
                            st.lists(
                                st.fixed_dictionaries({"type": _SCALARS, "text": _SCALARS}),
                                max_size=2,
                            ),
                        ),
                    }
                ),
                max_size=4,
            ),
            _ANYTHING,
        ),
    },
    optional={
        "stream": _SCALARS,
        "stream_options": _ANYTHING,
        "temperature": _NUMBERS,
        "tools": _ANYTHING,
        "pincite": st.one_of(st.fixed_dictionaries({}, optional={"filters": _FILTERS}), _ANYTHING),
    },
)
_BODIES = {
    "/v1/ask": _ASK,
    "/v1/ask/batch": st.fixed_dictionaries({"questions": st.lists(_ASK | _ANYTHING, max_size=3)}),
    "/v1/search": st.fixed_dictionaries(
        {"query": _SCALARS},
        optional={"top_k": _SCALARS, "leg": _SCALARS, "filters": _FILTERS | _ANYTHING},
    ),
    "/v1/chat/completions": _CHAT,
    "/v1/documents/nowhere/tags": st.fixed_dictionaries({"tags": _ANYTHING}),
}


def _documented(client: TestClient, method: str, path: str) -> set[str]:
    paths = client.get("/openapi.json").json()["paths"]
    template = path.replace("nowhere", "{document_id}")
    return set(paths[template][method.lower()]["responses"])


@pytest.mark.parametrize("path", list(_BODIES))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_body_breaks_the_server(
    client: TestClient, workspace: MemoryWorkspace, path: str, data: st.DataObject
) -> None:
    assert workspace.stored
    body: Any = data.draw(_BODIES[path] | _ANYTHING)
    method = "PUT" if path.endswith("tags") else "POST"
    response = client.request(
        method,
        path,
        # Surrogates as escapes, NaN and Infinity as Python writes them.
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert str(response.status_code) in _documented(client, method, path), response.text
    assert response.status_code < 500
    if response.status_code != 200:
        content = response.json()
        assert content.get("code") or content["error"]["code"]
    elif "event-stream" in response.headers["content-type"]:
        assert "event: error" not in response.text
    elif path.endswith("batch"):
        assert all(result["status"] in {200, 422} for result in response.json()["results"])


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/documents/{x}", "/v1/models/{x}"])
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    limit=_NUMBERS | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
def test_no_address_breaks_the_server(
    client: TestClient, path: str, name: str, limit: object
) -> None:
    from urllib.parse import quote

    address = path.replace("{x}", quote(name, safe=""))
    params = {"limit": str(limit), "q": name, "tag": name, "text": name}
    assert client.get(address, params=params).status_code < 500
