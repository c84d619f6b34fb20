"""What the machine itself must have: looked at before anything heavy is imported, with the standard
library alone, so that a missing system library is one clear line and no traceback.

`python3 -m dashboard.preflight setup|tests` (any Python 3.11, no packages needed) installs the missing
Debian packages where it may, and says which they are where it may not.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

PYTHON = (3, 11)

# Shared library -> Debian package. What OpenCV's wheel needs from the system; without it nothing runs.
LIBRARIES: dict[str, str] = {
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
}
# What MediaPipe's own runtime needs: only the `mediapipe` pose back end.
MEDIAPIPE_LIBRARIES: dict[str, str] = {"libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}

# What the tests use beside the program: tool or feature -> Debian packages.
TEST_TOOLS: dict[str, tuple[str, ...]] = {
    # libatomic1 is for the Node.js inside playwright's wheel.
    "browser": ("chromium", "fonts-dejavu-core", "libatomic1"),
    "video": ("ffmpeg",),
    "postgres": ("postgresql",),
    "rtsp": (
        "gir1.2-gst-rtsp-server-1.0",
        "python3-gi",
        "gstreamer1.0-tools",
        "gstreamer1.0-rtsp",
        "gstreamer1.0-x",
        "gstreamer1.0-plugins-base",
        "gstreamer1.0-plugins-good",
        "gstreamer1.0-plugins-ugly",
    ),
}
LEFT_OUT = {
    "browser": "the browser tests",
    "video": "the tests that encode video",
    "postgres": "the tests on PostgreSQL",
    "rtsp": "the RTSP tests",
}


def check() -> list[str]:
    """A sentence for each thing that keeps the program from starting; empty when it can start."""
    problems = []
    if sys.version_info < PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        problems.append(f"Poolwatch needs Python 3.11 or newer; this is Python {have}.")
    packages = missing_packages(LIBRARIES)
    if packages:
        problems.append(needs(packages))
    return problems


def check_mediapipe() -> list[str]:
    """As `check`, for the `mediapipe` pose back end alone."""
    packages = missing_packages(MEDIAPIPE_LIBRARIES)
    return [needs(packages)] if packages else []


def needs(packages: Sequence[str]) -> str:
    """The one clear line."""
    return f"This machine lacks Debian packages: sudo apt-get install {' '.join(packages)}"


def missing_packages(libraries: dict[str, str]) -> list[str]:
    """The Debian packages of those shared libraries that cannot be loaded, sorted."""
    return sorted({package for library, package in libraries.items() if not _loads(library)})


def cause(error: BaseException) -> str | None:
    """One line for an import that failed because the machine lacks something: the Debian package of a
    missing library, or the missing Python package. None for every other error."""
    words = str(error)
    for table in (LIBRARIES, MEDIAPIPE_LIBRARIES):
        for library, package in table.items():
            if library in words:
                return needs(missing_packages(table) or [package])
    if "cannot open shared object file" in words:
        return f"This machine lacks a system library: {words}"
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("dashboard"):
        return (
            f"The Python package {error.name!r} is missing: make setup (or pip install -r requirements.txt)"
        )
    return None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def prepare(purpose: str) -> int:
    """Install what `setup` or `tests` lack; 1 when the program could not start without it."""
    if purpose == "tests":
        return _prepare_tests()
    needed = [*missing_packages(LIBRARIES), *_missing_venv()]
    packages = [*needed, *missing_packages(MEDIAPIPE_LIBRARIES)]
    if packages and not _install(packages):
        print(needs(packages), file=sys.stderr)
        return 1 if needed else 0
    return 0


def _prepare_tests() -> int:
    lacking = {feature: _not_installed(packages) for feature, packages in TEST_TOOLS.items()}
    wanted = [package for packages in lacking.values() for package in packages]
    if wanted and not _install(wanted):
        for feature, packages in lacking.items():
            still = _not_installed(packages)
            if still:
                print(f"Left out: {LEFT_OUT[feature]}, because {' '.join(still)} is not installed.")
    return 0


def _missing_venv() -> list[str]:
    """Debian splits the part of Python that puts pip into a new virtual environment off."""
    asked = [sys.executable, "-c", "import venv, ensurepip"]
    done = subprocess.run(asked, capture_output=True, check=False)
    return [] if done.returncode == 0 else ["python3-venv"]


def _not_installed(packages: Sequence[str]) -> list[str]:
    if shutil.which("dpkg-query") is None:
        return list(packages)
    asked = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", *packages]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    present = {line.split()[0] for line in said if line.endswith(" installed")}
    return [package for package in packages if package not in present]


def _install(packages: Sequence[str]) -> bool:
    """By apt-get, as root or where sudo asks for no password; `POOLWATCH_NO_APT` forbids it."""
    become_root = _root_prefix()
    if become_root is None or os.environ.get("POOLWATCH_NO_APT") or shutil.which("apt-get") is None:
        return False
    print(f"Installing {' '.join(packages)} ...", flush=True)
    apt = [
        *become_root,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "Acquire::Retries=1",
    ]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        print("apt-get update failed; trying with the lists that are here.", file=sys.stderr)
    return subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if allowed else None


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("setup", "tests"):
        sys.exit("usage: python3 -m dashboard.preflight setup|tests")
    sys.exit(prepare(sys.argv[1]))
