"""The server opens no connection of its own, nor looks up a name, with the settings' defaults."""

import json
import os
import signal
import subprocess
import sys
import time
from ipaddress import ip_address
from pathlib import Path

import httpx

from tests.program import REFERENCE_QUESTIONS, free_port

# Python imports a module of this name at the start of every process, so that the children that
# parse documents are heard too.
_HOOK = """
import json, os, sys

_EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
           "socket.gethostbyname", "socket.gethostbyaddr"}

def _note(event, arguments):
    if event in _EVENTS:
        line = json.dumps([event, [repr(each) for each in arguments], _host(event, arguments)])
        with open(os.environ["HEARD"], "a") as heard:
            heard.write(line + "\\n")

def _host(event, arguments):
    if event.startswith("socket.get"):
        return str(arguments[0])
    address = arguments[-1]
    return str(address[0]) if isinstance(address, tuple) else "local"

sys.addaudithook(_note)
with open(os.environ["HEARD"], "a") as heard:
    heard.write(json.dumps(["process", sys.argv[:1], "local"]) + "\\n")
"""
_SWITCHES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "GRADIO_ANALYTICS_ENABLED", "DO_NOT_TRACK")


def _is_local(host: str) -> bool:
    if host in {"local", "localhost", "None"}:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def test_only_the_loopback_is_spoken_to(seeded_home: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HOOK)
    heard = tmp_path / "heard"
    kept = {name: value for name, value in os.environ.items() if name not in _SWITCHES}
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**kept, "PYTHONPATH": path, "HEARD": str(heard)}
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "pincite", "--home", str(seeded_home), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout
        assert "Pincite is on" in process.stdout.readline()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as http:
            while http.get("/ready").status_code == 503:
                time.sleep(0.1)
            for question in REFERENCE_QUESTIONS:
                assert http.post("/ask", json={"question": question}).status_code == 200
            page = b"<html><body><p>A page that is parsed by a child.</p></body></html>"
            added = http.post("/documents", files={"files": ("page.html", page)}).json()
            http.delete(f"/documents/{added['results'][0]['document_id']}")
            for address in ("/", "/metrics", "/openapi.json"):
                assert http.get(address).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    events = [json.loads(line) for line in heard.read_text().splitlines()]
    # The server and the child that parsed the page were both listened to.
    assert len([event for event in events if event[0] == "process"]) >= 2
    assert [event for event in events if not _is_local(event[2])] == []


def test_the_ear_hears(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HOOK)
    heard = tmp_path / "heard"
    code = (
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HEARD": str(heard)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    *_, last = [json.loads(line) for line in heard.read_text().splitlines()]
    assert not _is_local(last[2])
