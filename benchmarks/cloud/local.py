"""The local provider's silence: every capability used, every attempt to connect or to look a name up counted."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import folder, settings_in
from shared_backend.config.backend_config import child_environment

# An audit hook can't be taken off again, so this has a process of its own.
_SCRIPT = """
import json, socket, sys
from pydantic import SecretStr

tried = []
def hook(event, arguments):
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        tried.append(f"connect {arguments[1]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        tried.append(f"{event} {arguments[0] if event != 'socket.sendto' else arguments[1]}")
sys.addaudithook(hook)

from shared_backend.cloud.contract import Capability, Condition, Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.config.backend_config import load_settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

settings = load_settings()
database = Database(settings.database_url)
migrate(database)
clouds = load_cloud_settings()
register = ProviderRegister((clouds, settings, database))
cloud = CloudServicesOrchestrator(
    {"primary": "local", "fallback": "none"}, settings=clouds, database=database, providers=register
)
calls = 0
for number in range(int(sys.argv[1])):
    path = f"cv/{number}.pdf"
    cloud.put(b"bytes" * 1000, path)
    cloud.get(path), cloud.stat(path), cloud.list("cv/"), cloud.link(path), cloud.delete(path)
    cloud.set_secret("a-key", SecretStr("value")), cloud.get_secret("a-key"), cloud.list_secrets()
    cloud.secret_versions("a-key")
    cloud.sentiment("I like this product very much.", language="en")
    cloud.key_phrases("The quick brown fox jumps over the lazy dog."), cloud.language("Das ist ein Satz.")
    cloud.generate([Message("user", "Say hello.")]), cloud.embed(["one", "two"])
    calls += 15
provider = register.get("local")
for capability in Capability:
    provider.check(capability, deadline=Deadline(30))
monitoring = provider.offer(Capability.MONITORING)
monitoring.metric("m", 1.0, unit="ms", attributes={})
monitoring.event("e", {})
with monitoring.trace("t", {}):
    pass
monitoring.flush(deadline=Deadline(10))
provider.close()
of_ours = len(tried)
# The control: the hook sees one that is made on purpose.
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError:
    pass
print(json.dumps({"calls": calls + len(Capability) + 4, "tried": tried[:of_ours], "control": len(tried) - of_ours}))
"""


def run(report: Report, *, quick: bool) -> None:
    """local_outbound_connections."""
    with folder() as path:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, "3" if quick else "20"],
            env=child_environment(settings_in(path)),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the local provider could not be used:\\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    beside = f"{found['calls']} calls of every capability; a connection made on purpose was seen {found['control'] > 0}"
    if found["tried"]:
        beside += f"; it tried {found['tried'][:3]}"
    assert found["control"], "the hook is blind"
    report.add(Figure("local_outbound_connections", len(found["tried"]), "connections", 0, "lower", beside))
