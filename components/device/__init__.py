"""Says so where the browser gives no camera to this page; draws nothing where it does."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ parentElement }) {
  const note = parentElement.querySelector("p");
  note.hidden = Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
}
"""
_HTML = """<p hidden role="note">This browser gives its camera only to pages opened over https://, or on the
machine itself as http://localhost. On Poolwatch's machine run make certificate, start Poolwatch again, and
open its https:// address here.</p>"""
_CSS = """
p { margin: 0; padding: 12px 14px; border: 1px solid var(--st-orange-color); border-radius: 12px;
    font: 15px/1.45 var(--st-font); color: var(--st-text-color); }
p[hidden] { display: none; }
"""
_component = st.components.v2.component("poolwatch_device", html=_HTML, css=_CSS, js=_JS)


def device_note(key: str) -> None:
    """Mounts the note."""
    _component(key=key)
