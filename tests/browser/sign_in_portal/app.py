"""A portal that is nothing but its door: the sign-in with the real backend behind it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from shared_backend.portal_ui.auth_routes import auth_routes
from shared_backend.services.backend import get_backend

app = st.App(Path(__file__).with_name("main.py"), routes=auth_routes(get_backend().settings.process))
