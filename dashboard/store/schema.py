"""The tables as they are now; `migrations/versions` holds how they came to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    true,
)

metadata = MetaData()

cameras = Table(
    "cameras",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    # May hold credentials: never logged, never sent to a page as it is.
    Column("address", Text, nullable=False),
    Column("loop", Boolean, nullable=False, server_default=true()),
    Column("max_fps", Float, nullable=True),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("position", Integer, nullable=False),
    Column("added_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("backend", String(40), nullable=False, server_default="poolwatch"),
)

# What the owner chose for the whole installation: a key and its value as JSON.
choices = Table(
    "choices",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)

# One row a camera: its zones as JSON, all at once. The revision tells an editor that it is out of date.
zones = Table(
    "zones",
    metadata,
    Column("camera", String(32), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("zones", Text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("camera", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    Column("person", Integer, nullable=True),
    Column("zone", String(100), nullable=True),
    Column("detail", Text, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    # The newest of a kind first, page by page, without looking at all the others.
    *(Index(f"ix_events_{name}_id", name, "id") for name in ("kind", "level", "camera", "person")),
)

alarms = Table(
    "alarms",
    metadata,
    # Given by the alarm book, which goes on counting over restarts.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("since", DateTime, nullable=False),
    Column("level", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("resolved_at", DateTime, nullable=True, index=True),
    Column("resolved_by", String(100), nullable=True),
    Column("reason", String(20), nullable=True),
    Column("note", Text, nullable=False, server_default=""),
)

alarm_causes = Table(
    "alarm_causes",
    metadata,
    Column("alarm_id", Integer, ForeignKey("alarms.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime, nullable=False),
    Column("camera", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    Column("person", Integer, nullable=True),
    Column("zone", String(100), nullable=True),
    Column("detail", Text, nullable=False),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("alarm_id", Integer, ForeignKey("alarms.id"), primary_key=True),
    Column("who", String(100), primary_key=True),
    Column("at", DateTime, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    # A JSON list of Apprise addresses. They hold credentials: never logged, never sent to a page.
    Column("urls", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    # Gets the night's report each morning.
    Column("report", Boolean, nullable=False, server_default=false()),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("alarm_id", Integer, nullable=True, index=True),
    Column("contact_id", String(32), nullable=False),
    Column("address_index", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("due", DateTime, nullable=False),
    Column("created", DateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("last_error", Text, nullable=False, server_default=""),
)

# Who did what: modes, acknowledgements, releases of the real picture, changes of zones, contacts, PIN.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("what", String(40), nullable=False),
    Column("who", String(100), nullable=False),
    Column("origin", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_audit_what_id", "what", "id"),
)

# How many people there were at least and at most, one row a minute in which the monitor ran; no counts where
# no camera saw anything.
occupancy = Table(
    "occupancy",
    metadata,
    Column("minute", DateTime, primary_key=True),
    Column("water_min", Integer, nullable=True),
    Column("water_max", Integer, nullable=True),
    Column("deck_min", Integer, nullable=True),
    Column("deck_max", Integer, nullable=True),
)

# What the judge takes up again after a restart: a key and its value as JSON.
memory = Table(
    "memory",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)

# How animals looked of which the owner has said what they are (`said`): numbers, as JSON, and no picture.
animal_looks = Table(
    "animal_looks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("clip", String(32), nullable=False, index=True),
    Column("said", String(20), nullable=False),
    Column("label", String(20), nullable=False),
    Column("look", Text, nullable=False),
    Column("at", DateTime, nullable=False),
)

# Who may come in. A password is kept as its argon2 hash, "" while there is none yet.
accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(60), nullable=False),
    # The name as it is compared: two that look the same are the same.
    Column("folded", String(200), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password", Text, nullable=False),
    Column("email", String(200), nullable=False, server_default=""),
    Column("created_at", DateTime, nullable=False),
    # The e-mail address as it is compared, nothing where there is none.
    Column("email_key", String(200), nullable=True),
    Index("ix_accounts_email_key", "email_key", unique=True),
)

# A device that is signed in; the key is the SHA-256 of what its cookie holds.
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(32), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("began_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False, index=True),
    Column("origin", String(100), nullable=False),
    Column("device", String(100), nullable=False),
)

# By which somebody sets a password, once; the key is the SHA-256 of what the link holds.
invitations = Table(
    "invitations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(32), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("until", DateTime, nullable=False),
)

# Recorded clips. Their files lie in the data folder; `search` is what words are looked for in, in small
# letters. A page of them never looks at all the others: each filter has its index.
clips = Table(
    "clips",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("camera", String(32), nullable=False),
    Column("began_at", DateTime, nullable=False),
    Column("ended_at", DateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    # JSON lists: names, and the events in it.
    Column("people", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("label", String(20), nullable=True),
    Column("note", Text, nullable=False, server_default=""),
    Column("kept", Boolean, nullable=False, server_default=false()),
    Column("state", String(20), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("sealed", Boolean, nullable=False, server_default=false()),
    Column("open", Boolean, nullable=False, server_default=false()),
    Column("search", Text, nullable=False),
    Index("ix_clips_began_at_id", "began_at", "id"),
    *(
        Index(f"ix_clips_{name}_began_at_id", name, "began_at", "id")
        for name in ("kind", "level", "camera", "label", "kept")
    ),
)
