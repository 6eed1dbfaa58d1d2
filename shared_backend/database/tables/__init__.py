"""The tables, by noun. Importing this package gives `Table.metadata` all of them."""

from __future__ import annotations

from shared_backend.database.tables.account import AccountRow, SessionRow, SignInLinkRow
from shared_backend.database.tables.acknowledgement import AcknowledgementReader, AcknowledgementRow
from shared_backend.database.tables.audit import AuditRow
from shared_backend.database.tables.base import Table
from shared_backend.database.tables.cloud import (
    CloudIdentityRow,
    CloudJournalRow,
    CloudLeaseRow,
    CloudObjectRow,
    CloudSecretRow,
    CloudServingRow,
    CloudSwitchRow,
    CloudUseRow,
    CloudVectorRow,
)
from shared_backend.database.tables.conflict import ConflictRow
from shared_backend.database.tables.consumer import ConsumerRow
from shared_backend.database.tables.dataset import DatasetTableRow, DatasetUseRow, DatasetVersionRow
from shared_backend.database.tables.document import (
    DocumentCorrectionRow,
    DocumentRow,
    IntakeFileRow,
    IntakeRow,
    ProfileSourceRow,
)
from shared_backend.database.tables.entity import EntityHead, EntityVersion
from shared_backend.database.tables.idempotency import IdempotencyRow
from shared_backend.database.tables.job import JobRow, JobStepRow
from shared_backend.database.tables.log import AckCounter, EventRow, LogCounter
from shared_backend.database.tables.monitoring import MonitoringRow
from shared_backend.database.tables.process import ProcessRow

__all__ = [
    "AccountRow",
    "AckCounter",
    "AcknowledgementReader",
    "AcknowledgementRow",
    "AuditRow",
    "CloudIdentityRow",
    "CloudJournalRow",
    "CloudLeaseRow",
    "CloudObjectRow",
    "CloudSecretRow",
    "CloudServingRow",
    "CloudSwitchRow",
    "CloudUseRow",
    "CloudVectorRow",
    "ConflictRow",
    "ConsumerRow",
    "DatasetTableRow",
    "DatasetUseRow",
    "DatasetVersionRow",
    "DocumentCorrectionRow",
    "DocumentRow",
    "EntityHead",
    "EntityVersion",
    "EventRow",
    "IdempotencyRow",
    "IntakeFileRow",
    "IntakeRow",
    "JobRow",
    "JobStepRow",
    "LogCounter",
    "MonitoringRow",
    "ProcessRow",
    "ProfileSourceRow",
    "SessionRow",
    "SignInLinkRow",
    "Table",
]
