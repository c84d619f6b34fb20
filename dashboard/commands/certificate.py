"""`python -m dashboard certificate`: HTTPS for this house, and what to do on each phone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboard.certificate.folder import PUBLIC, Made, certificate_folder, make
from dashboard.certificate.machine import own_names
from dashboard.certificate.making import CertificateError, checked_name, fingerprint, names_of
from dashboard.certificate.words import STEPS, WHY
from dashboard.clock import SystemClock
from dashboard.settings import data_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", nargs="+", default=[], metavar="HOST", help="other names or addresses of this machine"
    )
    parser.add_argument(
        "--new-authority", action="store_true", help="begin anew; every device has to trust it anew"
    )
    parser.add_argument("--data", type=Path, default=None, help="data folder")


def run(options: argparse.Namespace) -> int:
    folder = certificate_folder(options.data or data_folder())
    try:
        asked = [checked_name(name) for name in options.name]
        made = make(folder, own_names(), asked, SystemClock().utc(), options.new_authority)
    except CertificateError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(told(made, folder)))
    return 0


def told(made: Made, folder: Path) -> list[str]:
    """What was made and what is to be done, line by line."""
    lines = [
        f"This machine's certificate is good until {made.server.not_valid_after_utc:%d %B %Y}, for "
        f"{', '.join(names_of(made.server))}.",
        "Start Poolwatch again with: make run. Its address then begins with https://",
    ]
    if made.left_out:
        lines.append(
            f"It is not for {', '.join(made.left_out)}, which your authority may not vouch for; a new "
            "one may (--new-authority), which every device has to trust anew."
        )
    if not made.fresh:
        return [*lines, "Devices that trust the authority already have nothing to do."]
    lines += [
        "",
        "Once on every phone and laptop: get the file, and say that you trust it.",
        f"The file: {folder / PUBLIC}, or https://ADDRESS-OF-POOLWATCH/certificate, where the browser warns "
        "the first time.",
        f"Its fingerprint (SHA-256): {fingerprint(made.authority)}",
        WHY,
    ]
    for device, steps in STEPS:
        lines += ["", f"{device}:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]
    return lines
