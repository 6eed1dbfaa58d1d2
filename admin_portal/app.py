"""The admin portal as an ASGI application: `streamlit run admin_portal/app.py`."""

from __future__ import annotations

from pathlib import Path

from shared_backend.portal_ui.process import build_app

app = build_app("admin_portal", Path(__file__).with_name("main.py"))
