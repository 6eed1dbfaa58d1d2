"""Azure for the contract suite: the real SDKs against Azurite, and against doubles at Azure's own addresses."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from tests.support.cloud.case import ALL, Case, Opened

if TYPE_CHECKING:
    from shared_backend.cloud.azure.provider import AzureProvider
    from shared_backend.config.cloud_azure import AzureSettings
    from tests.support.cloud.proxy import FaultProxy

VAULT = "https://myvault.vault.azure.net"
LANGUAGE = "https://mylanguage.cognitiveservices.azure.com"
OPENAI = "https://myopenai.openai.azure.com"
DIMENSION = 256


@contextmanager
def azure_doubles() -> Iterator[FaultProxy]:
    """A proxy behind which Azure's addresses answer."""
    from tests.support.cloud import doubles_key_vault, doubles_language, doubles_monitor, doubles_openai
    from tests.support.cloud.proxy import FaultProxy

    with FaultProxy() as proxy:
        proxy.route("login.microsoftonline.com", doubles_key_vault.EntraDouble())
        proxy.route("*.vault.azure.net", doubles_key_vault.KeyVaultDouble())
        proxy.route("*.cognitiveservices.azure.com", doubles_language.LanguageDouble())
        proxy.route("*.openai.azure.com", doubles_openai.OpenAiDouble())
        proxy.monitor = doubles_monitor.MonitorDouble()  # type: ignore[attr-defined]
        proxy.route(doubles_monitor.HOST, proxy.monitor)  # type: ignore[attr-defined]
        yield proxy


def azure_settings(proxy: FaultProxy, folder: Path, **given: Any) -> AzureSettings:
    """Settings for everything but blobs, through that proxy; from what is given alone."""
    from shared_backend.config.cloud_azure import AzureSettings
    from tests.support.cloud import doubles_key_vault, doubles_language, doubles_monitor, doubles_openai

    settings: dict[str, Any] = {
        "tenant_id": doubles_key_vault.TENANT,
        "client_id": doubles_key_vault.CLIENT,
        "client_secret": doubles_key_vault.CLIENT_SECRET,
        "key_vault_url": VAULT,
        "language_endpoint": LANGUAGE,
        "language_key": doubles_language.KEY,
        "openai_endpoint": OPENAI,
        "openai_key": doubles_openai.KEY,
        "openai_deployment": doubles_openai.CHAT,
        "openai_embedding_deployment": doubles_openai.EMBEDDING,
        "openai_embedding_dimension": DIMENSION,
        "monitor_connection_string": doubles_monitor.CONNECTION_STRING,
        "proxy": proxy.url,
        "ca_file": proxy.write_authority(folder),
    }
    return AzureSettings(_env_file=None, **{**settings, **given})


def blob_settings(connection_string: str, **given: Any) -> AzureSettings:
    """Settings for blobs alone."""
    from shared_backend.config.cloud_azure import AzureSettings

    return AzureSettings(_env_file=None, storage_connection_string=connection_string, **given)  # type: ignore[call-arg]


@contextmanager
def opened_provider(settings: AzureSettings) -> Iterator[AzureProvider]:
    """The provider, closed in the end."""
    from shared_backend.cloud.azure.provider import AzureProvider

    provider = AzureProvider(settings)
    try:
        yield provider
    finally:
        provider.close()


def follow(link: str) -> bytes:
    """What anybody gets from a link."""
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise PermissionError(str(error)) from error


def flip_byte(provider: AzureProvider, folder: Path, path: str) -> None:
    """Changes one bit of a blob in the emulator's files."""
    with provider.offer(Capability.BLOBS).open(path, deadline=Deadline(30)) as (_, chunks):
        content = b"".join(chunks)
    for file in sorted(folder.rglob("__blobstorage__/*")):
        data = bytearray(file.read_bytes()) if file.is_file() else bytearray()
        at = data.rfind(content)
        if at >= 0:
            data[at + len(content) // 2] ^= 1
            file.write_bytes(data)
            return
    raise LookupError(f"the emulator keeps {path} nowhere")


@contextmanager
def _open_blobs(folder: Path) -> Iterator[Opened]:
    from tests.support.cloud.azurite import running_azurite

    with running_azurite() as azurite, opened_provider(blob_settings(azurite.connection_string())) as provider:
        yield Opened(provider, flip_byte=lambda path: flip_byte(provider, azurite.folder, path), follow=follow)


@contextmanager
def _open_doubles(folder: Path) -> Iterator[Opened]:
    with azure_doubles() as proxy, opened_provider(azure_settings(proxy, folder)) as provider:

        def monitored(start: str) -> set[str]:
            double = proxy.monitor  # type: ignore[attr-defined]
            names = [item["name"] for kind in ("EventData", "RemoteDependencyData") for item in double.of(kind)]
            names += [metric["name"] for item in double.of("MetricData") for metric in item["metrics"]]
            return {name for name in names if name.startswith(start)}

        yield Opened(provider, monitored=monitored)


CASES = (
    Case("azure", frozenset({Capability.BLOBS}), _open_blobs),
    Case("azure/doubles", ALL - {Capability.BLOBS}, _open_doubles),
)
