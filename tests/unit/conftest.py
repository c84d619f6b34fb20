"""What the tests of several pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.web import service
from dashboard.web.service import Service
from tests.unit.people_stage import JudgedHandle


@pytest.fixture
def handle(tmp_path: Path) -> Iterator[JudgedHandle]:
    """A judge, its commands and a real database, which the pages of this process are given."""
    found = JudgedHandle(tmp_path)
    service.install(Service(found, found.life.clock))
    yield found
    service.uninstall()
    found.life.end()
