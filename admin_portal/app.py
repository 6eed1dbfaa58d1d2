"""The admin portal as an ASGI application: `streamlit run admin_portal/app.py`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from shared_backend.portal_ui.process import app_options

app = st.App(Path(__file__).with_name("main.py"), **app_options("admin_portal"))
