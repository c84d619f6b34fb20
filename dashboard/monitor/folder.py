"""Where the monitor keeps its things in the data folder."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero.
_SOCKET_PATH_LIMIT = 100


def lock_path(data: Path) -> Path:
    """Held with flock by the one monitor of this data folder."""
    return data / "monitor.lock"


def log_path(data: Path) -> Path:
    """The monitor's log; older parts are `.1`, `.2`, ..."""
    return data / "logs" / "monitor.log"


def start_log_path(data: Path) -> Path:
    """What a monitor that was started by the UI printed, for when it does not come up."""
    return data / "logs" / "monitor-start.log"


def background_path(data: Path, camera: str) -> Path:
    """The learnt empty picture of one camera, kept over restarts."""
    return data / "backgrounds" / f"{camera}.npz"


def lights_path(background: Path) -> Path:
    """What was normal in each light, beside the learnt `background` of the same camera."""
    return background.with_name(f"{background.stem}.lights")


def aside_path(background: Path) -> Path:
    """Where such a file goes that cannot be used."""
    return background.with_name(f"{background.stem}.lights.aside")


def forget_learnt(background: Path) -> None:
    """Removes all that was kept of a camera's view, also what a killed process left half written. OSError."""
    for path in (background, lights_path(background), aside_path(background)):
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".part").unlink(missing_ok=True)


def socket_path(data: Path) -> Path:
    """The monitor's socket: in the data folder, or under a short name where that path is too long."""
    path = data.resolve() / "monitor.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
        return path
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    return _runtime_folder() / f"{name}.sock"


def make_private(folder: Path) -> None:
    """The folder, made for its owner only when it is missing. OSError when that cannot be."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_socket_folder(data: Path) -> None:
    """The folder of the socket. OSError when it cannot be made, or when it is one in the shared temporary
    folder that somebody else has planted."""
    folder = socket_path(data).parent
    make_private(folder)
    found = folder.stat(follow_symlinks=False)
    if folder != data.resolve() and (not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid()):
        raise PermissionError(0, f"{folder} is not a folder of this user")


def _runtime_folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    # The name of a socket inside takes 21 bytes.
    if runtime and len(os.fsencode(runtime)) <= _SOCKET_PATH_LIMIT - 40 and Path(runtime).is_dir():
        return Path(runtime) / "poolwatch"
    return Path(tempfile.gettempdir()) / f"poolwatch-{os.getuid()}"
