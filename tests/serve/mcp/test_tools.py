"""What a language model can do, over both transports, against real processes."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import TextResourceContents
from pydantic import TypeAdapter

from pincite.records import Answer, Question
from tests.program import REFERENCE_QUESTIONS, UNANSWERABLE
from tests.serve.mcp.clients import ERAS, over_http, over_stdio, run, text_of
from tests.serve.memory import MemoryWorkspace
from tests.serve.telling import QUESTION


async def _check_the_tools(client: Client) -> None:
    """Ask, search and read in a library of the seed articles."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert sorted(tools) == ["ask", "list_documents", "read_document", "search"]
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        assert tool.description
    schema = tools["ask"].output_schema or {}
    assert {"statements", "citations", "confidence"} <= set(schema["properties"])

    for question in REFERENCE_QUESTIONS:
        asked = await client.call_tool("ask", {"question": question})
        answer = TypeAdapter(Answer).validate_python(asked.structured_content)
        assert (asked.is_error, answer.status) == (False, "answered")
        cited = answer.citations[0]
        assert f"[{cited.marker}] {cited.title}" in text_of(asked)
        assert cited.quote in text_of(asked)
        part = {"document_id": cited.document_id, "start": cited.start, "end": cited.end}
        read = await client.call_tool("read_document", part)
        assert read.structured_content is not None
        assert read.structured_content["text"] == cited.quote
        assert cited.passage_id in [p["passage_id"] for p in read.structured_content["passages"]]

    for question in UNANSWERABLE:
        asked = await client.call_tool("ask", {"question": question})
        assert asked.structured_content is not None
        assert asked.structured_content["status"] == "not_found"
        assert asked.structured_content["answer"] in text_of(asked)

    found = await client.call_tool("search", {"query": "court", "top_k": 2})
    assert found.structured_content is not None
    hits = found.structured_content["hits"]
    assert len(hits) == 2
    uri = f"pincite://document/{hits[0]['document']['id']}"
    whole = (await client.read_resource(uri)).contents[0]
    assert isinstance(whole, TextResourceContents)
    assert whole.text[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]
    listed = await client.call_tool("list_documents", {})
    assert listed.structured_content is not None
    assert listed.structured_content["total"] == 2


@pytest.mark.parametrize("mode", ERAS)
def test_the_tools_over_http(server: str, mode: str) -> None:
    run(over_http(server, mode=mode), _check_the_tools)


@pytest.mark.parametrize("mode", ERAS)
def test_the_tools_over_stdio(seeded_home: Path, tmp_path: Path, mode: str) -> None:
    run(over_stdio(seeded_home, tmp_path / "log", mode), _check_the_tools)
    log = (tmp_path / "log").read_text()
    # The client reads every line of standard output as a message; the log is elsewhere.
    assert '"message": "question"' in log
    assert "Traceback" not in log
    assert not any(question in log for question in REFERENCE_QUESTIONS)


@pytest.mark.parametrize(
    "case",
    [
        ("ask", {"question": " "}, "bad_input", "question"),
        ("ask", {}, "bad_input", "question"),
        ("ask", {"question": "x" * 4_001}, "bad_input", "4000"),
        ("ask", {"question": "x", "mode": "magic"}, "bad_input", "mode"),
        ("ask", {"question": "x", "filters": {"since": "soon"}}, "bad_input", "since: 'soon'"),
        ("search", {"query": "x", "top_k": 21}, "bad_input", "top_k"),
        ("read_document", {"document_id": "nope"}, "document_not_found", "nope"),
        ("read_document", {"document_id": "…", "start": 10**6}, "bad_input", "1000000"),
        ("read_document", {"document_id": "…", "start": 9, "end": 9}, "bad_input", "9 to 9"),
    ],
)
def test_failures_have_the_stable_codes(
    address: str, workspace: MemoryWorkspace, case: tuple[str, dict[str, Any], str, str]
) -> None:
    tool, arguments, code, told = case
    if arguments.get("document_id") == "…":
        arguments = {**arguments, "document_id": workspace.documents()[0].id}

    async def check(client: Client) -> None:
        result = await client.call_tool(tool, arguments)
        assert result.is_error
        assert result.structured_content is not None
        assert result.structured_content["code"] == code
        assert told in result.structured_content["message"]
        assert text_of(result) == f"{code}: {result.structured_content['message']}"

    run(over_http(address), check)


def test_what_goes_wrong_inside_is_not_told(address: str, workspace: MemoryWorkspace) -> None:
    def broken(_: Question) -> None:
        raise ZeroDivisionError("a secret")

    workspace.before_asking = broken

    async def check(client: Client) -> None:
        result = await client.call_tool("ask", {"question": QUESTION})
        assert result.is_error
        assert "internal_error" in text_of(result)
        assert "secret" not in str(result)
        with pytest.raises(MCPError, match="document_not_found"):
            await client.read_resource("pincite://document/nope")

    run(over_http(address), check)


def test_a_long_document_is_read_in_parts(address: str, workspace: MemoryWorkspace) -> None:
    text = "\n\n".join(f"Paragraph {n} of the report, 第 {n} 段。" for n in range(9_000))
    long = workspace.add("Report", text, "/srv/report.txt").info.id

    async def check(client: Client) -> None:
        parts, start = [], 0
        while start is not None:
            arguments = {"document_id": long, "start": start}
            read = (await client.call_tool("read_document", arguments)).structured_content
            assert read is not None
            assert len(read["text"]) <= 20_000
            parts.append(read["text"])
            start = read["next_start"]
        assert "".join(parts) == text
        with pytest.raises(MCPError, match="read_document"):
            await client.read_resource(f"pincite://document/{long}")

    run(over_http(address), check)


def test_an_articles_image_is_none_in_what_the_model_reads(
    address: str, workspace: MemoryWorkspace
) -> None:
    image = "![chart](https://evil.example/?q=1)"
    text = f"The poisoned report\n\nThe poisoned report grew {image} a lot."
    poisoned = workspace.add("The poisoned report", text, "/srv/poisoned.md").info.id

    async def check(client: Client) -> None:
        for tool, arguments in (
            ("search", {"query": "poisoned report"}),
            ("read_document", {"document_id": poisoned}),
        ):
            result = await client.call_tool(tool, arguments)
            assert "](https://evil" in text_of(result)
            assert "![" not in text_of(result)
            assert image in json.dumps(result.structured_content)

    run(over_http(address), check)


def test_filters_and_lists(address: str, workspace: MemoryWorkspace) -> None:
    harvest = next(info for info in workspace.documents() if info.lang == "zh")
    workspace.set_tags(harvest.id, ["farm"])

    async def check(client: Client) -> None:
        filters = {"languages": ["zh"]}
        asked = await client.call_tool("ask", {"question": QUESTION, "filters": filters})
        assert asked.structured_content is not None
        assert asked.structured_content["status"] == "not_found"
        found = await client.call_tool("search", {"query": QUESTION, "filters": filters})
        assert found.structured_content is not None
        assert {h["document"]["lang"] for h in found.structured_content["hits"]} == {"zh"}
        listed = await client.call_tool("list_documents", {"tag": "farm", "query": "收成"})
        assert listed.structured_content is not None
        assert [d["id"] for d in listed.structured_content["documents"]] == [harvest.id]
        assert harvest.id in text_of(listed)

    run(over_http(address), check)
