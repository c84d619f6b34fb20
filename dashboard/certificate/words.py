"""What to do on each device so that it trusts the authority. Pure."""

from __future__ import annotations

# Device -> the steps after the file is there.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "iPhone and iPad",
        (
            "Open the file in Safari and allow that a profile is loaded.",
            "Settings, General, VPN & Device Management: choose Poolwatch and install it.",
            "Settings, General, About, Certificate Trust Settings: switch Poolwatch on.",
        ),
    ),
    (
        "Android",
        (
            "Load the file.",
            "Settings, search for: CA certificate. Choose it, Install anyway, and pick the file.",
            "Firefox: Settings, About Firefox, tap the logo five times; then Secret Settings, Use third "
            "party CA certificates.",
        ),
    ),
    (
        "Windows",
        ("Open the file, Install Certificate, Current User, and place it in Trusted Root Authorities.",),
    ),
    ("Mac", ("Open the file, then in Keychain Access open Poolwatch, Trust, Always Trust.",)),
    (
        "Linux, and Firefox anywhere",
        ("In the browser's settings search for certificates, Authorities, Import, and tick websites.",),
    ),
)
WHY = (
    "It vouches for names and addresses of a house alone, not for websites. Before you trust it, compare its "
    "fingerprint with what make certificate showed on Poolwatch's own machine."
)
