"""What a blob says that it is goes into headers and the journal: what no header may say is refused before both."""

from __future__ import annotations

import pytest

from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from tests.support.cloud_memory import MemoryProvider


@pytest.mark.parametrize("content_type", ["text/plain\r\nSet-Cookie: a=b", "nonsense", "text/plain; " + "x" * 300])
def test_a_content_type_that_no_header_may_say_is_refused_before_anything_is_written(
    database: Database, content_type: str
) -> None:
    provider = MemoryProvider("primary")
    blobs = BlobService(Caller(ProviderRegister(factories={"primary": lambda: provider})), database)
    with pytest.raises(CloudInvalid, match="content type"):
        blobs.put(("primary", None), "a", b"x", content_type=content_type, deadline=Deadline(5))
    assert not provider.objects and provider.calls == 0
    outcome = blobs.put(("primary", None), "a", b"x", content_type="text/plain; charset=utf-8", deadline=Deadline(5))
    assert outcome.value.content_type == "text/plain; charset=utf-8"
