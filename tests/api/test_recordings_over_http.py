"""Recordings: handed in, heard with a key, without one for some minutes, and in parts."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server

from postcall.api.recordings import read_range

WAVE = b"RIFF" + bytes(range(256)) * 10
AUDIO = {"content-type": "audio/wav"}
PATH = "/calls/call-1/recording"
JSON = {"accept": "application/json"}


def with_recording(server: LiveServer) -> str:
    """A call and its recording; the address that needs no key."""
    server.post(a_body())
    reply = server.http.put(PATH, content=WAVE, headers=AUDIO)
    assert reply.status_code == 200, reply.text
    address: str = reply.json()["url"]
    return address


def test_what_was_handed_in_is_heard(any_server: LiveServer) -> None:
    address = with_recording(any_server)
    reply = any_server.http.get(PATH)
    assert (reply.content, reply.headers["content-type"]) == (WAVE, "audio/wav")
    assert httpx.get(address).content == WAVE
    about = any_server.http.get(PATH, headers=JSON).json()
    assert (about["size"], about["media_type"], about["kept_here"]) == (len(WAVE), "audio/wav", True)


def test_a_player_can_seek(any_server: LiveServer) -> None:
    address = with_recording(any_server)
    part = httpx.get(address, headers={"range": "bytes=4-13"})
    assert (part.status_code, part.content) == (206, WAVE[4:14])
    assert part.headers["content-range"] == f"bytes 4-13/{len(WAVE)}"
    assert httpx.get(address, headers={"range": "bytes=-3"}).content == WAVE[-3:]
    assert httpx.get(address, headers={"range": "bytes=2560-"}).content == WAVE[2560:]
    beyond = httpx.get(address, headers={"range": "bytes=9999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(WAVE)}")
    head = httpx.head(address)
    assert (head.content, head.headers["content-length"], head.headers["accept-ranges"]) == (
        b"",
        str(len(WAVE)),
        "bytes",
    )


def test_an_address_is_good_for_its_minutes_and_its_recording_alone(server: LiveServer, clock: StepClock) -> None:
    address = with_recording(server)
    server.post(a_body("call-2"))
    server.http.put("/calls/call-2/recording", content=b"other", headers=AUDIO)
    for wrong in (
        address.replace("call-1", "call-2"),
        address.replace("call-1", "nobody"),
        address.replace("/default/", "/other/"),
        re.sub(r"until=(\d)", r"until=9\1", address),
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        address.partition("?")[0],
        address + "%C3%A9",
    ):
        assert httpx.get(wrong).status_code == 403, wrong
    clock.advance(14 * 60)
    assert httpx.get(address).status_code == 200
    clock.advance(2 * 60)
    assert httpx.get(address).status_code == 403


def test_another_recording_takes_its_place_and_closes_its_address(server: LiveServer) -> None:
    address = with_recording(server)
    server.http.put(PATH, content=b"ID3", headers={"content-type": "audio/mpeg; foo=bar"})
    assert httpx.get(address).status_code == 403
    reply = server.http.get(PATH)
    assert (reply.content, reply.headers["content-type"]) == (b"ID3", "audio/mpeg")


def test_a_recording_that_others_keep_is_pointed_to(server: LiveServer) -> None:
    server.post(a_body())
    address = "https://example.org/calls/1.wav?a=b"
    assert server.http.put(PATH, json={"url": address}).json()["url"] == address
    reply = server.http.get(PATH)
    assert (reply.status_code, reply.headers["location"]) == (307, address)


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (AUDIO, b"", 400),
        ({"content-type": "text/html"}, b"<script>", 400),
        ({}, b"RIFF", 400),
        ({"content-type": "application/json"}, b"{}", 400),
        ({"content-type": "application/json"}, b'{"url": "file:///etc/passwd"}', 400),
        ({"content-type": "application/json"}, b'{"url": "http://[::1"}', 400),
        ({"content-type": "application/json"}, b'{"url": "https://example.org/a", "media_type": "text/html"}', 400),
        (AUDIO, b"x" * 2000, 413),
    ],
    ids=["empty", "html", "untyped", "no address", "a file", "no host", "not audio", "too large"],
)
def test_what_is_no_recording_is_refused(
    sqlite_url: str, tmp_path: Path, headers: dict[str, str], content: bytes, status: int
) -> None:
    with run_server(sqlite_url, tmp_path, clock=StepClock(), max_recording_bytes=1024) as server:
        server.post(a_body())
        assert server.http.put(PATH, content=content, headers=headers).status_code == status
        assert server.http.get(PATH).status_code == 404


def test_the_page_of_the_call_plays_it(server: LiveServer) -> None:
    with_recording(server)
    page = httpx.get(server.address + "/calls/call-1")
    assert '<audio controls preload="none" src="/calls/call-1/recording"' in page.text
    assert "media-src 'self'" in page.headers["content-security-policy"]
    heard = httpx.get(server.address + "/calls/call-1/recording", headers={"range": "bytes=0-3"})
    assert (heard.status_code, heard.content) == (206, b"RIFF")
    server.post(a_body("call-2"))
    assert "<audio" not in httpx.get(server.address + "/calls/call-2").text
    assert httpx.get(server.address + "/calls/call-2/recording").status_code == 404


@given(first=st.integers(0, 30), last=st.none() | st.integers(0, 30), size=st.integers(0, 20))
def test_a_range_is_the_bytes_that_it_names(first: int, last: int | None, size: int) -> None:
    content = bytes(range(size))
    found = read_range(f"bytes={first}-{'' if last is None else last}", size)
    wanted = content[first:] if last is None else content[first : last + 1]
    if last is not None and last < first:
        assert found is None
    elif found:
        assert content[found[0] : found[1] + 1] == wanted
    else:
        assert found == () and wanted == b""


@given(count=st.integers(0, 30), size=st.integers(0, 20))
def test_a_suffix_is_the_last_bytes(count: int, size: int) -> None:
    content = bytes(range(size))
    found = read_range(f"bytes=-{count}", size)
    wanted = content[-count:] if count else b""
    assert (content[found[0] : found[1] + 1] if found else b"") == wanted


@given(st.text())
def test_any_header_is_read_or_asks_for_nothing_special(header: str) -> None:
    found = read_range(header, 10)
    assert not found or 0 <= found[0] <= found[1] < 10
