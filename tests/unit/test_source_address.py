"""What may be opened as a camera's address, and what of it is ever shown."""

from __future__ import annotations

import pytest

from dashboard.source.address import LONGEST_SHOWN, network_address, redact, scrub
from dashboard.source.base import SourceError
from dashboard.values import CameraSpec, SourceKind

SHOWN = [
    ("", ""),
    ("0", "0"),
    ("/dev/video0", "/dev/video0"),
    ("garden_pool:overview", "garden_pool:overview"),
    ("/home/me/pool party.mp4", "/home/me/pool party.mp4"),
    ("rtsp://10.0.0.5/live", "rtsp://10.0.0.5/live"),
    ("rtsp://10.0.0.5:8554/live?channel=1&subtype=0", "rtsp://10.0.0.5:8554/live?channel=1&subtype=0"),
    ("rtsp://me:PW1@10.0.0.5/live", "rtsp://***@10.0.0.5/live"),
    ("RTSP://me:PW1@camera.local:554/", "RTSP://***@camera.local:554/"),
    ("rtsp://me@10.0.0.5/live", "rtsp://***@10.0.0.5/live"),
    ("rtsp://me:P@W1@10.0.0.5/live", "rtsp://***@10.0.0.5/live"),
    ("rtsp://me:P%40W1@10.0.0.5/live", "rtsp://***@10.0.0.5/live"),
    ("rtsp://me:P:W1@[fe80::1]:554/live", "rtsp://***@[fe80::1]:554/live"),
    ("rtsp://[2001:db8::7]/live", "rtsp://[2001:db8::7]/live"),
    # Where a password holds / ? or #, nothing says where it ends.
    ("rtsp://me:P/W1@10.0.0.5/live", "rtsp://***"),
    ("rtsp://me:1234/W1@10.0.0.5/live", "rtsp://***"),
    ("rtsp://me:P?W1@10.0.0.5/live", "rtsp://***"),
    ("rtsp://me:P#W1@10.0.0.5/live", "rtsp://***"),
    ("rtsp://me:a@b/W1@10.0.0.5/live", "rtsp://***"),
    ("rtsp://me:PW1@/live", "rtsp://***"),
    ("rtsp://me:PW1/live", "rtsp://***"),
    ("rtsp://:554/live", "rtsp://***"),
    ("rtsp:///live", "rtsp://***"),
    ("rtsp://10.0.0.5/live?user=me&password=PW1", "rtsp://10.0.0.5/live?user=***&password=***"),
    ("rtsp://10.0.0.5/live?token=PW1&channel=2#PW1", "rtsp://10.0.0.5/live?token=***&channel=2#***"),
    ("rtsp://10.0.0.5/live?PW1", "rtsp://10.0.0.5/live?***"),
    ("rtsp://10.0.0.5/live?channel=PW1PW1PW1PW1PW1", "rtsp://10.0.0.5/live?channel=***"),
    ("rtsp://10.0.0.5/user=me_password=PW1_channel=1.sdp", "rtsp://10.0.0.5/***"),
    ("rtsp://10.0.0.5/us%65r=me_pass%77ord=PW1", "rtsp://10.0.0.5/***"),
    ("rtsps://10.0.0.1:7441/aB3dE5fG7hPW1Jkl", "rtsps://10.0.0.1:7441/***"),
    # Mistyped addresses hold passwords too.
    ("me:PW1@10.0.0.5/live", "***"),
    ("rtsp:/me:PW1@10.0.0.5/live", "***"),
    ("rtsp//me:PW1@10.0.0.5/live", "***"),
    ("10.0.0.5/live?password=PW1", "10.0.0.5/live?password=***"),
    ("me PW1://x", "***"),
]


@pytest.mark.parametrize(("address", "shown"), SHOWN)
def test_redacted(address: str, shown: str) -> None:
    assert redact(address) == shown
    assert "PW1" not in shown and "W1" not in shown


def test_redacted_is_short_and_printable() -> None:
    shown = redact("rtsp://10.0.0.5/" + "x" * 10_000 + "\n\x1b[31m")
    assert len(shown) <= LONGEST_SHOWN + 3
    assert redact("rtsp://10.0.0.5/a\nb\x1b[31m") == "rtsp://10.0.0.5/a?b?[31m"


def test_spec_never_shows_its_address() -> None:
    spec = CameraSpec("a", "Pool", SourceKind.RTSP, "rtsp://me:PW1@10.0.0.5/live")
    assert "PW1" not in repr(spec) and "PW1" not in str(spec)


ALLOWED = [
    ("rtsp://10.0.0.5/live", "rtsp://10.0.0.5:554/live", "10.0.0.5 port 554"),
    ("RTSP://camera.local:8554/a/b?c=d", "rtsp://camera.local:8554/a/b?c=d", "camera.local port 8554"),
    ("rtsps://10.0.0.5", "rtsps://10.0.0.5:322", "10.0.0.5 port 322"),
    ("http://10.0.0.5/video.mjpg", "http://10.0.0.5:80/video.mjpg", "10.0.0.5 port 80"),
    ("https://10.0.0.5/video.mjpg", "https://10.0.0.5:443/video.mjpg", "10.0.0.5 port 443"),
    ("rtsp://[fe80::1]/x", "rtsp://[fe80::1]:554/x", "fe80::1 port 554"),
    ("rtsp://me:a@b:c@10.0.0.5/x", "rtsp://me:a%40b%3Ac@10.0.0.5:554/x", "10.0.0.5 port 554"),
    ("rtsp://me:a%2Fb@10.0.0.5/x", "rtsp://me:a%2Fb@10.0.0.5:554/x", "10.0.0.5 port 554"),
    ("rtsp://me:ä$`;|@10.0.0.5/x", "rtsp://me:%C3%A4%24%60%3B%7C@10.0.0.5:554/x", "10.0.0.5 port 554"),
    ("rtsp://cam_1.local./x", "rtsp://cam_1.local.:554/x", "cam_1.local. port 554"),
]


@pytest.mark.parametrize(("address", "url", "place"), ALLOWED)
def test_allowed(address: str, url: str, place: str) -> None:
    found = network_address(address)
    assert (found.url, found.place) == (url, place)
    assert url not in repr(found) and "%" not in repr(found)


REFUSED = [
    ("", "starts with rtsp"),
    ("10.0.0.5/live", "starts with rtsp"),
    ("file:///etc/passwd", "starts with rtsp"),
    ("concat:/etc/passwd|/etc/shadow", "starts with rtsp"),
    ("subfile,,start,0,end,9,,:/etc/passwd", "starts with rtsp"),
    ("data://text/plain,hello", "starts with rtsp"),
    ("udp://10.0.0.5:5000", "starts with rtsp"),
    ("pipe://0", "starts with rtsp"),
    ("rtsp+file:///etc/passwd", "starts with rtsp"),
    ("/dev/video0", "starts with rtsp"),
    ("rtsp://10.0.0.5/a b", "space"),
    (" rtsp://10.0.0.5/a", "space"),
    ("rtsp://10.0.0.5/a\r\nX: y", "space or an invisible"),
    ("rtsp://10.0.0.5/a\0", "invisible"),
    ("rtsp://10.0.0.5/$(reboot)`x`", "'`'"),
    ("rtsp://10.0.0.5/a|b", "'|'"),
    ("rtsp://10.0.0.5;reboot/a", "no valid host"),
    ("rtsp://$(reboot)/a", "no valid host"),
    ("rtsp://-h/a", "no valid host"),
    ("rtsp:///a", "names no host"),
    ("rtsp://:554/a", "names no host"),
    ("rtsp://me:PW1@/a", "names no host"),
    ("rtsp://10.0.0.5:0/a", "port"),
    ("rtsp://10.0.0.5:65536/a", "port"),
    ("rtsp://10.0.0.5:x/a", "port"),
    ("rtsp://me:PW1/x@10.0.0.5/a", "%2F"),
    ("rtsp://10.0.0.5/" + "x" * 10_000, "longer than"),
]


@pytest.mark.parametrize(("address", "reason"), REFUSED)
def test_refused(address: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        network_address(address)
    assert reason in caught.value.reason
    assert caught.value.hopeless
    assert "PW1" not in caught.value.reason
    assert len(caught.value.reason) < 200


def test_scrubbed() -> None:
    address = "rtsp://admin:p%40ss%2Fw1@10.0.0.5/live"
    text = f"open {address!r}: p@ss/w1 was sent as admin:p%40ss%2Fw1"
    assert scrub(text, address) == "open 'rtsp://***@10.0.0.5/live': *** was sent as ***"
    assert scrub("nothing here", "") == "nothing here"
