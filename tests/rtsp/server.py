"""A real RTSP camera on loopback. Runs under the system's python3, which has GStreamer's bindings.

    python3 tests/rtsp/server.py --port 8554 --path /live --user me --password secret --auth digest

Prints "ready" when it listens. Serves one moving test picture to any number of clients.
"""

from __future__ import annotations

import argparse
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={keyint} ! rtph264pay name=pay0",
    "mjpeg": "jpegenc ! rtpjpegpay name=pay0",
}


def pipeline(options: argparse.Namespace) -> str:
    """The description of the picture, its encoder and its packets, as gst-launch writes it."""
    encoder = ENCODERS[options.codec].format(keyint=options.keyint)
    width, height = options.size.split("x")
    return (
        f"( videotestsrc is-live=true pattern={options.pattern} "
        f"! video/x-raw,format=I420,width={width},height={height},framerate={options.fps}/1 ! {encoder} )"
    )


def protect(server: Any, options: argparse.Namespace) -> None:
    """Let in only who knows the user name and the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if options.auth == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(options.user, options.password, token)
    else:
        basic = GstRtspServer.RTSPAuth.make_basic(options.user, options.password)
        auth.add_basic(basic, token)
    server.set_auth(auth)


def permit(factory: Any, role: str) -> None:
    """Let the role see the picture."""
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role(role)
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(role, permission, True)
    factory.set_permissions(permissions)


def encrypt(server: Any, certificate: str) -> None:
    """Speak rtsps with the certificate and key of one PEM file; anybody may look."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "anonymous")
    auth.set_default_token(token)
    server.set_auth(auth)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="8554")
    parser.add_argument("--path", default="/live")
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--keyint", type=int, default=25)
    parser.add_argument("--pattern", default="ball")
    parser.add_argument("--codec", choices=sorted(ENCODERS), default="h264")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--auth", choices=["basic", "digest"], default="basic")
    parser.add_argument("--tls", help="a PEM file with certificate and key")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(options))
    factory.set_shared(True)
    if options.user is not None:
        protect(server, options)
        permit(factory, "viewer")
    if options.tls is not None:
        encrypt(server, options.tls)
        permit(factory, "anonymous")
    server.get_mount_points().add_factory(options.path, factory)
    if server.attach(None) == 0:
        raise SystemExit(f"port {options.port} is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
