"""What CVs call their sections, in English, German, French, Spanish and Portuguese."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

Section = Literal[
    "basics", "summary", "work", "volunteer", "education", "awards", "certificates", "publications", "skills",
    "languages", "interests", "references", "projects", "other",
]  # fmt: skip

# Whole headings, "/" between variants. A heading that joins two ("Education and training") counts as its first.
_WHOLE: dict[Section, str] = {
    "basics": 
        "personal details/personal information/contact/contact information/contact details/contact me/personal data/"
        "personal profile details/bio data/"
    "persönliche daten/personalien/kontakt/zur person/persönliche angaben/coordonnées/informations personnelles/état "
    "civil/"
    "datos personales/información personal/contacto/dados pessoais/informações pessoais/contato/contactos/personal/"
    "personal dossier/personal particulars",
    "summary": 
        "summary/professional summary/profile/professional profile/about/about me/objective/career objective/career "
        "summary/executive summary/"
    "executive profile/summary of qualifications/summary of qualification/career overview/overview/personal "
    "statement/career profile/qualifications summary/professional overview/"
    "career goal/career goals/objectives/job objective/employment objective/personal summary/profile summary/career "
    "focus/introduction/resume profile/background/synopsis/professional objective/goal/"
    "profil/kurzprofil/über mich/zusammenfassung/berufsziel/à propos/à propos de moi/résumé/résumé professionnel/"
    "objectif/objectif professionnel/profil professionnel/"
    "perfil/perfil profesional/resumen/resumen profesional/sobre mí/objetivo/objetivo profesional/perfil "
    "profissional/resumo/resumo profissional/sobre mim/objetivo profissional/extracto",
    "work": 
        "experience/work/work experience/professional experience/employment/employment history/work history/career "
        "history/career experience/job history/career experience job history/"
    "relevant experience/relevant work experience/professional background/professional history/job experience/"
    "employment experience/industry experience/working experience/experiences/"
    "internships/internship/internship experience/internships and work experience/related experience/additional "
    "experience/other experience/other work experience/legal work experience/teaching experience/research experience/"
    "military experience/military service/leadership experience/career/professional career/previous employment/"
    "current employment/positions held/academic experience/clinical experience/management experience/"
    "professional experiences/work background/organizational experience/employment details/freelance work/career "
    "progression/job profile/experience summary/work experiences/academic appointments/academic positions/academic "
    "posts/appointments/posts held/"
    "berufserfahrung/beruflicher werdegang/berufliche erfahrung/berufspraxis/praktische erfahrung/praktika/werdegang/"
    "berufstätigkeit/berufliche stationen/arbeitserfahrung/praktikum/"
    "expérience/expériences/expérience professionnelle/expériences professionnelles/parcours professionnel/stages/"
    "emplois/parcours/"
    "experiencia/experiencia profesional/experiencia laboral/trayectoria profesional/historial laboral/"
    "experiência/experiência profissional/experiências profissionais/histórico profissional/percurso profissional",
    "volunteer": 
        "volunteer/volunteer experience/volunteering/volunteer work/community service/community involvement/"
        "voluntary work/voluntary experience/social work/volunteer activities/"
    "ehrenamt/ehrenamtliche tätigkeit/ehrenamtliches engagement/engagement/soziales engagement/bénévolat/engagement "
    "associatif/expériences associatives/"
    "voluntariado/trabajo voluntario/trabalho voluntário",
    "education": 
        "education/academic background/educational background/academic qualifications/academic qualification/"
        "educational qualifications/educational qualification/academics/academic profile/"
    "education and training/education training/qualifications/academic history/academic credentials/educational "
    "details/education details/educational history/academic details/studies/schooling/degrees/training and education/"
    "scholastics/scholastic record/academic record/formal education/education qualification/education background/"
    "academia/academic/"
    "ausbildung/bildung/bildungsweg/schulbildung/studium/akademische ausbildung/bildungsgang/schule/hochschulbildung/"
    "aus- und weiterbildung/"
    "formation/formations/études/éducation/parcours académique/formation académique/cursus/diplômes/scolarité/"
    "diplômes et formations/"
    "educación/formación/formación académica/estudios/educação/formação/formação académica/formação acadêmica/"
    "escolaridade/habilitações literárias",
    "awards": 
        "awards/honors/honours/achievements/awards and honors/honors and awards/selected honors/accomplishments/key "
        "achievements/awards and achievements/scholarships/recognition/"
    "honors awards and memberships/academic achievements/distinctions/professional recognition/fellowships/prizes/"
    "major achievements/awards and recognition/awards and recognitions/grants/achievements and awards/career "
    "achievements/"
    "auszeichnungen/preise/stipendien/erfolge/prix/prix et distinctions/récompenses/bourses/premios/reconocimientos/"
    "logros/premios y reconocimientos/prêmios/prémios/conquistas/premiações",
    "certificates": 
        "certifications/certificates/licenses/certification/licenses and certifications/certifications licenses/"
        "professional certifications/certifications and licenses/licenses certifications/"
    "courses/training/trainings/professional development/professional training/training and certifications/courses "
    "and certifications/certificate/license/continuing education/workshops/technical certifications/trainings and "
    "certifications/"
    "training attended/training courses/seminars/licensure/credentials/certifications and training/coursework/"
    "relevant coursework/relevant courses/courses taken/relevant high school studies/"
    "zertifikate/zertifizierungen/weiterbildung/weiterbildungen/fortbildung/fortbildungen/kurse/schulungen/"
    "certificats/formations complémentaires/formation continue/habilitations/"
    "certificaciones/certificados/cursos/formación complementaria/certificações/formação complementar/cursos "
    "complementares",
    "publications": 
        "publications/selected publications/papers/publications and presentations/research publications/articles/"
        "books/presentations and publications/journal publications/conference papers/patents and publications/"
    "veröffentlichungen/publikationen/publicaciones/artículos/publicações/artigos/travaux et publications",
    "skills": 
        "skills/technical skills/key skills/core skills/core competencies/competencies/areas of expertise/expertise/"
        "computer skills/it skills/skills and technologies/technologies/tools/software/programming languages/"
    "professional skills/skill set/skillset/core qualifications/highlights/skill highlights/key competencies/"
    "technical expertise/technical proficiencies/technical competencies/skills summary/summary of skills/soft skills/"
    "hard skills/"
    "software programs/technical summary/technical knowledge/software skills/tools and technologies/special skills/"
    "additional skills/strengths/key strengths/specialties/specialities/personal skills/it knowledge/skill profile/"
    "skills and abilities/skills and qualifications/skills and expertise/abilities/capabilities/proficiencies/areas "
    "of strength/areas of interest and expertise/technical/key qualifications/technical qualifications/core "
    "strengths/skills and tools/"
    "computer proficiency/computer knowledge/it proficiency/functional skills/technical skill set/technical skills "
    "set/software proficiency/software knowledge/other skills/relevant skills/programming skills/management skills/"
    "kenntnisse/fähigkeiten/kompetenzen/edv-kenntnisse/it-kenntnisse/fachkenntnisse/kenntnisse und fähigkeiten/"
    "fachliche kompetenzen/technische kenntnisse/besondere kenntnisse/stärken/qualifikationen/"
    "compétences/compétences techniques/compétences informatiques/savoir-faire/atouts/informatique/compétences clés/"
    "savoir-être/logiciels/outils/"
    "habilidades/competencias/aptitudes/conocimientos/conocimientos informáticos/habilidades técnicas/destrezas/"
    "informática/"
    "competências/habilidades técnicas/conhecimentos/aptidões/competências técnicas/conhecimentos informáticos",
    "languages": 
        "languages/language/language skills/languages known/linguistic skills/foreign languages/languages spoken/"
        "language proficiency/known languages/"
    "sprachen/sprachkenntnisse/fremdsprachen/langues/compétences linguistiques/langues étrangères/idiomas/lenguas/"
    "línguas/idiomas estrangeiros",
    "interests": 
        "interests/hobbies/hobbies and interests/interests and hobbies/personal interests/activities/extracurricular "
        "activities/extra curricular activities/leisure/hobby/interests and activities/activities and interests/"
        "pastimes/"
    "hobbys/interessen/freizeit/hobbys und interessen/interessen und hobbys/centres d'intérêt/centres d’intérêt/"
    "loisirs/intérêts/activités/activités extra-professionnelles/"
    "intereses/aficiones/pasatiempos/interesses/passatempos/atividades",
    "references": 
        "references/reference/referees/recommendations/referenzen/références/referencias/referências/professional "
        "references/testimonials",
    "projects": 
        "projects/personal projects/academic projects/key projects/selected projects/research projects/project "
        "experience/project details/side projects/open source/open source projects/project/relevant projects/"
        "projects handled/"
    "projects undertaken/major projects/project work/relevant repositories/portfolio/projekte/projekterfahrung/"
    "projets/projets personnels/projets académiques/réalisations/proyectos/proyectos personales/projetos/projetos "
    "pessoais/projectos",
    "other": 
        "additional information/other information/miscellaneous/affiliations/memberships/professional affiliations/"
        "professional memberships/professional associations/associations/links/declaration/patents/invited talks/"
        "talks/presentations/"
    "conferences/other/others/personal/strengths and weaknesses/additional details/further information/weiteres/"
    "sonstiges/anlagen/mitgliedschaften/divers/informations complémentaires/autres/otros/otros datos/outros/"
    "informações adicionais/información adicional/welcome/military/security clearance/availability/salary/social/"
    "social media/web/online profiles/affiliations and memberships/memberships and affiliations/select one/industry "
    "sector/nationality/testimonies/"
    "responsibilities/roles and responsibilities/key responsibilities/duties/job responsibilities/job description/"
    "responsibility/environment",
}  # fmt: skip
# Inside of an entry these head its own text, and no section.
INSIDE = frozenset(
    [
        "responsibilities",
        "rolesandresponsibilities",
        "keyresponsibilities",
        "duties",
        "jobresponsibilities",
        "jobdescription",
        "responsibility",
        "environment",
        "projectdetails",
        "project",
        "achievements",
        "accomplishments",
        "keyachievements",
        "description",
        "work",
    ]
)
# One word of a heading that tells its section, where the line looks like a heading.
_BY_WORD: tuple[tuple[Section, str], ...] = (
    ("references", "references referees"),
    ("volunteer", "volunteer volunteering bénévolat ehrenamt voluntariado"),
    ("publications", "publications publikationen publicaciones publicações"),
    ("certificates", 
        "certifications certification certificates licenses licensure trainings courses zertifikate certificaciones"),
    ("awards", "awards honors honours achievements accomplishments recognition scholarships auszeichnungen"),
    ("languages", "sprachkenntnisse idiomas"),
    ("work", 
        "experience employment berufserfahrung expérience experiencia experiência werdegang expériences internships "
        "internship appointments positions posts"),
    ("education", "education academic educational ausbildung formation educación educação qualifications"),
    ("projects", "projects projekte projets proyectos projetos"),
    ("skills", 
        "skills competencies expertise proficiencies technologies strengths kenntnisse compétences habilidades "
        "competências kompetenzen qualifications highlights tools"),
    ("summary", "summary objective profile overview profil perfil"),
    ("interests", "hobbies interests"),
)  # fmt: skip
# These words speak of work only where none of those stands beside them.
_ROLES = frozenset(["positions", "posts", "appointments"])
_BESIDE_ROLES: tuple[tuple[Section, frozenset[str]], ...] = (
    ("volunteer", frozenset(["responsibility", "leadership", "student", "elected", "honorary"])),
    ("other", frozenset(["blog", "speaking", "board", "guest", "forum", "media"])),
)
_LETTERS = re.compile(r"[^\W\d_]+")


def squashed(text: str) -> str:
    """Only its letters, in lower case, without accents: PDFs lose spaces, and some headings are letter-spaced."""
    plain = text.casefold().replace("&", " and ")
    if plain.isascii():
        return "".join(_LETTERS.findall(plain))
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(_LETTERS.findall("".join(one for one in plain if not unicodedata.combining(one))))


@cache
def _known() -> dict[str, Section]:
    found: dict[str, Section] = {}
    for section, names in _WHOLE.items():
        for name in names.split("/"):
            found.setdefault(squashed(name), section)
    return found


@cache
def _words() -> dict[str, Section]:
    return {squashed(word): section for section, words in reversed(_BY_WORD) for word in words.split()}


def section_of(text: str) -> Section | None:
    """The section that a text names as a whole; None for any other text."""
    # Most lines are text: told by their length, before anything is done to them.
    if len(text) > 120:
        return None
    key = squashed(text)
    if not 3 < len(key) < 60:
        return None
    if key in _known():
        return _known()[key]
    for joint in (r"\s*(?:&|/|\+|,|\band\b|\bund\b|\bet\b|\by\b|\be\b)\s*",):
        parts = [part for part in re.split(joint, text, flags=re.IGNORECASE) if part.strip()]
        if 1 < len(parts) <= 4 and all(squashed(part) in _known() for part in parts):
            return _known()[squashed(parts[0])]
    return None


def section_by_word(text: str) -> Section | None:
    """The section that one of its words speaks for; ask only for what looks like a heading."""
    words = [squashed(word) for word in text.split()]
    if not 0 < len(words) <= 6:
        return None
    for section, names in _BY_WORD:
        if found := [word for word in map(squashed, names.split()) if word in words]:
            return _beside_roles(words) or section if _ROLES.issuperset(found) else section
    return None


def _beside_roles(words: list[str]) -> Section | None:
    return next((section for section, names in _BESIDE_ROLES if not names.isdisjoint(words)), None)
