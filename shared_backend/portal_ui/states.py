"""The states of a page that is not showing its data: empty, refused, gone, broken."""

from __future__ import annotations

import streamlit as st
import structlog

from shared_backend.utils.exception_handler import DatabaseUnavailable, IntelliCVError, NotFound, PermissionDenied
from shared_backend.utils.logging_config import new_correlation_id
from shared_backend.utils.performance_monitor import performance_monitor


def empty(title: str, next_step: str, *, icon: str = ":material/inbox:") -> None:
    """An empty list: what would be here, and the next step."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.markdown(f"#### {icon} {title}")
        st.caption(next_step)


def draw_error(error: Exception) -> bool:
    """Draws an error in the person's words, never a traceback; answers that it has been drawn.

    What we did not foresee is logged under a reference that the person can tell us.
    """
    performance_monitor().error(error.code if isinstance(error, IntelliCVError) else type(error).__name__)
    if isinstance(error, PermissionDenied):
        st.error(str(error), title="You can't see this", icon=":material/lock:")
    elif isinstance(error, NotFound):
        st.warning(str(error), title="There is nothing here", icon=":material/search_off:")
    elif isinstance(error, DatabaseUnavailable):
        st.error(str(error), title="The database can't be reached", icon=":material/cloud_off:")
    elif isinstance(error, IntelliCVError):
        st.error(str(error), icon=":material/error:")
    else:
        reference = new_correlation_id()
        structlog.get_logger(__name__).error("page.failed", reference=reference, exc_info=error)
        st.error(
            f"Something went wrong on our side, and nothing was lost. Reload the page; if it happens again, tell your "
            f"administrator the reference {reference}.",
            title="This page could not be shown",
            icon=":material/error:",
        )
    return True
