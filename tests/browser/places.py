"""The pages, as the table in `dashboard/main.py` has them: a new line there is tested like the others."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.server import CHECKOUT

START_MS = 60_000


@dataclass(frozen=True)
class Place:
    """One line of the table."""

    file: str
    title: str
    path: str
    in_bar: bool


def places() -> list[Place]:
    """All of them, in the order of the bar."""
    tree = ast.parse((CHECKOUT / "dashboard" / "main.py").read_text(encoding="utf-8"))
    given = [node for node in tree.body if isinstance(node, ast.Assign)]
    (table,) = [node.value for node in given if ast.unparse(node.targets[0]) == "PLACES"]
    rows = ast.literal_eval(table)
    return [Place(row[0], row[1], f"/{row[3]}", row[4] == "bar") for row in rows]


def settle(page: Page) -> None:
    """Waits until the page's script has run and the frame hears the site."""
    expect(page.locator(".mode[data-ready='true']")).to_be_visible(timeout=START_MS)
    page.wait_for_function(_SETTLED, timeout=START_MS)


_SETTLED = """() => document.querySelector(".stApp")?.dataset.testScriptState === "notRunning"
  && !document.querySelector("[data-stale='true']:not(figure)")"""
