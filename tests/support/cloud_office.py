"""An administrator at the pages of the clouds, and what they press."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Company
from tests.support.cloud_desks import TwoProvider

Office = tuple[Company, TwoProvider, TwoProvider]

HOSTILE = (
    "<script>alert(1)<script>.txt",
    "**bold** [link](javascript:alert(1)).md",
    ":material/lock: $x$ `code`.txt",
    "=HYPERLINK(1).csv",
    "мой файл 🙂 \u202egnp.exe",
)


def keys(app: AppTest) -> set[str]:
    return {str(each.key) for each in (*app.button, *app.get("download_button"))}


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def upload(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    press(app, "upload_files")
    app.file_uploader[0].set_value(list(files)).run()
    return press(app, "start_upload")
