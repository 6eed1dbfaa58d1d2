"""The admin portal's pages, by section."""

from __future__ import annotations

from typing import Final

from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.frame import Navigation, NavItem

NAVIGATION: Final[Navigation] = {
    "": (
        NavItem(
            "app_pages/dashboard.py",
            "Dashboard",
            ":material/space_dashboard:",
            "dashboard",
            "What needs attention: people, edits, conflicts and the health of the bridge.",
            Permission.READ_ALL,
            default=True,
        ),
    ),
    "People": (
        NavItem(
            "app_pages/candidates.py",
            "Candidates",
            ":material/groups:",
            "candidates",
            "All candidates: search, filter, sort, export, invite.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/candidate.py",
            "Candidate",
            ":material/person:",
            "candidate",
            "One candidate: profile, history, conflicts, and what has reached their screen.",
            Permission.READ_ALL,
            hidden=True,
        ),
        NavItem(
            "app_pages/cv_intake.py",
            "CV intake",
            ":material/move_to_inbox:",
            "cv_intake",
            "CVs in bulk: read in the background, and given to candidates.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/announcements.py",
            "Announcements",
            ":material/campaign:",
            "announcements",
            "Write, publish and withdraw what all candidates read.",
            Permission.READ_ALL,
        ),
    ),
    "Knowledge": (
        NavItem(
            "app_pages/job_titles.py",
            "Job titles",
            ":material/work:",
            "job_titles",
            "What a title means: occupations, pay, outlook, moves, and your company's aliases.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/skills.py",
            "Skills",
            ":material/construction:",
            "skills",
            "Who needs a skill and how much, and which candidates have it.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/industries.py",
            "Industries",
            ":material/factory:",
            "industries",
            "What employers do, as LinkedIn, NAICS and ISIC name it, with figures and candidates.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/data_sources.py",
            "Data sources",
            ":material/database:",
            "data_sources",
            "Releases that figures come from: versions, imports, comparing, switching.",
            Permission.READ_ALL,
        ),
    ),
    "Lockstep": (
        NavItem(
            "app_pages/lockstep_monitor.py",
            "Lockstep monitor",
            ":material/sync:",
            "lockstep_monitor",
            "The health of the bridge between the portals, with its reasons.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/conflicts.py",
            "Conflicts",
            ":material/call_split:",
            "conflicts",
            "Edits that met on one field: what stands, what was kept, and the decision.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/event_log.py",
            "Event log",
            ":material/receipt_long:",
            "event_log",
            "Every event in commit order, searchable.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/admin_debug.py",
            "Admin debug",
            ":material/bug_report:",
            "admin_debug",
            "This process from the inside: settings, watcher, sockets, tables.",
            Permission.OPERATE,
        ),
    ),
    "Operations": (
        NavItem(
            "app_pages/cloud_storage.py",
            "Cloud storage",
            ":material/cloud:",
            "cloud_storage",
            "The company's files, on whichever cloud holds them.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/secrets.py",
            "Secrets",
            ":material/key:",
            "secrets",
            "Keys and passwords that the product uses: names, ages, rotation.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/providers.py",
            "Providers",
            ":material/hub:",
            "providers",
            "Who serves what and why, how well, and what waits for whom.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/system_health.py",
            "System health",
            ":material/monitor_heart:",
            "system_health",
            "How long things take, memory, queues and errors, over all processes.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/jobs.py",
            "Jobs",
            ":material/work_history:",
            "jobs",
            "Work that goes on behind the pages: what runs, what waits, and how it ended.",
            Permission.READ_ALL,
        ),
        NavItem(
            "app_pages/job.py",
            "Job",
            ":material/work_history:",
            "job",
            "One piece of background work: how it gets on, and what it has done.",
            Permission.READ_ALL,
            hidden=True,
        ),
    ),
}
