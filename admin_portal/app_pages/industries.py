"""Industries: LinkedIn's, NAICS and ISIC as trees, with figures and with the candidates who work in them."""

from __future__ import annotations

from admin_portal import industry_list
from shared_backend.data_management.industry_tree import IndustryTree
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region


def draw(context: PageContext) -> None:
    """The chosen system's tree, or what was searched for."""
    industry_list.draw(context.backend.industries.look(actor=context.actor), context)


def export(system: str) -> bytes:
    """A whole system: asked for and authorised when the button is pressed."""
    context = page_context()
    context.actor.require(Permission.EXPORT, "export industries")
    tree: IndustryTree = context.backend.industries.look(actor=context.actor).tree
    header = ("System", "Code", "Title", "Level", "Above", "In other systems")
    rows = []
    for each in tree.all(system):
        path, pairs = tree.path(each), tree.pairs(each)
        above = path[-2].code if len(path) > 1 else ""
        others = "; ".join(f"{pair.industry.id} {pair.industry.title}" for pair in pairs if pair.of == each)
        rows.append((each.system, each.code, each.title, each.level_words, above, others))
    return csv_bytes(header, rows)


context = page_context()
with page_header(
    "Industries", "What employers do, as LinkedIn, NAICS and ISIC name it, and who of the candidates works there."
):
    if context.actor.may(Permission.EXPORT):
        system = industry_list.current_system()
        export_button(f"industries-{system}.csv", lambda: export(system), key="export_industries")
live_region("dataset", draw=draw, key="industries")
