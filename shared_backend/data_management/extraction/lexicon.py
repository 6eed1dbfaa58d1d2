"""Words that tell what a phrase is: a position, an employer, a school, a degree. Of the languages, not of any CV."""

from __future__ import annotations

import re
from functools import cache, lru_cache

# The head noun of a position, mostly its last word.
_POSITIONS = """
accountant accounting actor actuary acupuncturist adjuster administrator admin adviser advisor advocate
aesthetician agent aide ambassador
analyst anchor animator announcer apprentice arborist arbitrator archaeologist architect archivist artist artisan
assembler assessor assistant associate
astronomer athlete attendant attorney auctioneer audiologist auditor author babysitter baker bailiff banker barber
barista bartender bellman biochemist
biologist blogger bookkeeper botanist broker builder busser butcher buyer cameraman captain caregiver caretaker
carpenter cartographer
cashier caterer ceo cfo chair chairman chairperson chairwoman chaplain chauffeur chef chemist chief chiropractor
choreographer cio ciso cleaner clerk
clinician cmo coach cobbler collector colonel comedian commander commissioner composer comptroller concierge
conductor conservator
constable consultant contractor controller cook coo coordinator copywriter co-founder cofounder corporal
correspondent cosmetologist counsel counsellor
counselor courier craftsman crew critic cto curator custodian dancer dealer dean dentist deputy dermatologist
designer detailer detective developer
dietician dietitian director dispatcher dj doctor doorman draftsman dramatist dressmaker driver drummer dba
ecologist economist editor educator electrician
employee engineer engraver entertainer entrepreneur environmentalist epidemiologist esthetician estimator
evaluator examiner executive expert expeditor fabricator
facilitator faculty farmer fellow fighter filmmaker firefighter fisherman fitter florist foreman founder
freelancer fundraiser gardener generalist
geographer geologist geophysicist goldsmith governess grader grocer groundskeeper guard guide hairdresser
hairstylist handyman head headmaster helper historian host hostess
housekeeper hr hygienist illustrator inspector installer instructor intern internee internship interpreter
interviewer investigator investor ironworker
jailer janitor jeweler journalist journeyman judge junior laborer labourer landlord landscaper laundress lawyer
lead leader lecturer lexicographer liaison librarian
lieutenant lifeguard linguist lobbyist locksmith logistician machinist magistrate maid maintainer maker manager
marketer marketeer marine
marshal mason massage masseur master mathematician matron mayor mechanic mediator member mentor merchandiser
merchant messenger meteorologist microbiologist
midwife miller miner minister model moderator mortician musician nanny naturalist navigator negotiator neurologist
nurse nutritionist
obstetrician officer operator optician optometrist orderly organiser organizer orthodontist owner packer
paediatrician painter paralegal paramedic
partner pastor pathologist pediatrician performer pharmacist philosopher phlebotomist photographer physician
physicist physiotherapist pianist picker
pilot planner plasterer plumber podiatrist poet police policeman politician porter postman practitioner preparer
president presenter presser
principal printer processor producer professional professor programmer proofreader proprietor prosecutor
prosthetist psychiatrist
psychologist publicist publisher radiographer radiologist ranger realtor receptionist recruiter referee registrar
reporter rep representative researcher
restorer retoucher reviewer rigger roofer sailor sales salesman salesperson salesperson saleswoman scheduler
scientist scholar screener
sculptor seamstress secretary seller sergeant server sheriff shipper singer sme soldier solicitor sonographer
specialist speaker staff stagehand statistician stenographer
steward stewardess stocker stockbroker strategist student stylist superintendent supervisor supplier support
surgeon surveyor sweeper tailor
teacher team technician technologist telemarketer teller tester therapist trader trainee trainer transcriber
transcriptionist translator treasurer
trustee tutor tvp typist umpire underwriter undertaker upholsterer usher valet vendor verifier veterinarian
videographer violinist volunteer vp
waiter waitress warden warehouseman watchman webmaster welder woodworker worker writer zoologist
werkstudent werkstudentin praktikant praktikantin entwickler entwicklerin leiter leiterin berater beraterin
ingenieur ingenieurin geschäftsführer geschäftsführerin mitarbeiter
mitarbeiterin sachbearbeiter sachbearbeiterin projektleiter projektleiterin assistentin referent referentin
kaufmann kauffrau techniker technikerin informatiker informatikerin
softwareentwickler softwareentwicklerin lehrer lehrerin dozent dozentin krankenpfleger krankenschwester verkäufer
verkäuferin vertriebsleiter buchhalter buchhalterin
auszubildender auszubildende gesellschafter teamleiter teamleiterin abteilungsleiter arzt ärztin verkaufsleiter
fachinformatiker hilfskraft koch köchin
ingénieur ingénieure développeur développeuse directeur directrice chargé chargée responsable stagiaire assistante
consultante technicien technicienne vendeur vendeuse
enseignant enseignante professeur professeure comptable infirmier infirmière chercheur chercheuse conseiller
conseillère gestionnaire formateur formatrice commercial
commerciale alternant alternante apprenti apprentie rédacteur rédactrice employé employée serveur serveuse
animateur animatrice architecte analyste
ingeniero ingeniera desarrollador desarrolladora director directora gerente jefe jefa becario becaria asistente
consultor consultora técnico técnica profesor profesora
contador contadora enfermero enfermera investigador investigadora vendedor vendedora coordinador coordinadora
analista programador programadora auxiliar encargado
encargada administrativo administrativa dependiente camarero camarera abogado abogada diseñador diseñadora
responsable
engenheiro engenheira desenvolvedor desenvolvedora diretor diretora estagiário estagiária professora coordenador
coordenadora supervisor supervisora assessor pesquisador pesquisadora
enfermeiro enfermeira vendedor gestor gestora advogado advogada atendente
"""
# Words that stand with a position and with much else; alone they tell nothing.
_WEAK_POSITIONS = frozenset(
    [
        "team",
        "sales",
        "support",
        "police",
        "massage",
        "marine",
        "master",
        "accounting",
        "member",
        "crew",
        "staff",
        "student",
        "junior",
        "chief",
        "chair",
        "head",
        "model",
        "hr",
        "commercial",
        "guide",
        "lead",
        "professional",
        "host",
        "minister",
        "miller",
        "mason",
        "cook",
        "baker",
        "butcher",
        "porter",
        "carpenter",
        "judge",
        "speaker",
        "printer",
        "faculty",
        "fellow",
        "associate",
        "master",
        "principal",
        "internship",
        "server",
        "processor",
        "supplier",
        "vendor",
        "merchant",
        "navigator",
        "controller",
        "learner",
        "partner",
        "verifier",
        "commercial",
        "technique",
        "técnica",
        "maker",
        "volunteer",
        "admin",
        "expert",
        "guard",
        "picker",
        "seller",
    ]
)
_POSITION_PHRASES = re.compile(
    r"\b(?:vice president|head of|chief \w+ officer|team lead|tech lead|scrum master|product owner|"
    r"human resources?|project management|research fellow|"
    r"help desk|front desk|customer service|customer care|sales|team member|crew member|postdoc\w*|phd student|"
    r"doctoral student|doctorand\w*|business development|"
    r"quality assurance|private practice|law practice|software engineering|web development|data entry|"
    r"full[- ]?stack|front[- ]?end|back[- ]?end|devops|ui/ux|staff member|"
    r"freelance\w*|self[- ]employed|babysitting|tutoring|internship|practicum|externship|traineeship|co-?op|"
    r"residency|student assistant|teaching assistantship|scientific employee|"
    r"board member|committee member|chief of staff|volunteer)\b",
    re.IGNORECASE,
)
SENIORITY = re.compile(
    r"^(?:senior|sr\.?|junior|jr\.?|lead|principal|chief|associate|assistant|staff|head|deputy|interim|acting|"
    r"executive|trainee|graduate|vice)\b", re.IGNORECASE
)  # fmt: skip
_COMPANY = re.compile(
    r"\b(?:inc|llc|llp|ltd|limited|plc|pvt|gmbh|ag|kg|ohg|e\.?v|se|s\.?a\.?s?|s\.?r\.?l|s\.?l|b\.?v|n\.?v|oy|ab|"
    r"a/s|corp|corporation|incorporated|company|co|group|gruppe|"
    r"holdings?|partners|associates|solutions|technologies|technology|tech|systems|services|industries|"
    r"enterprises?|international|consulting|consultants|consultancy|labs?|laborator(?:y|ies)|"
    r"studios?|bank|banque|banco|insurance|hospital|clinic|klinik|klinikum|hôpital|medical center|healthcare|"
    r"health|hotel|restaurant|cafe|café|church|school|university|universität|université|"
    r"universidad|universidade|college|institute|institut|instituto|academy|foundation|stiftung|fondation|"
    r"fundación|association|council|committee|ministry|department|district|city of|"
    r"county|state of|agency|airlines?|motors?|software|networks?|media|pharma\w*|energy|electric|electronics|"
    r"construction|logistics|stores?|supermarket|market|shop|center|centre|center|"
    r"society|club|federation|army|navy|air force|marines|guard|police|court|firm|office of|bureau|magazine|times|"
    r"news|press|radio|television|communications|telecom|"
    r"infotech|infosys|financial|capital|investments?|securities|properties|realty|management|products|foods|"
    r"advertising|marketing|security|trust|authority|farms?|salon|spa|"
    r"pharmacy|theat(?:er|re)|museum|library|union|league|nations|research|entertainment|designs?|interiors|"
    r"international|telecommunications|manufacturing|outfitters|boutique|ventures|organi[sz]ation|infirmary|nhs|"
    r"hospice|krankenhaus|clinique|clínica|airways|brewery|nightclub)\b\.?",
    re.IGNORECASE,
)
_STRONG_COMPANY = re.compile(
    r"(?:\b(?:inc|llc|llp|ltd|plc|gmbh|corp|pvt|s\.r\.l|b\.v|co)\b\.?|\b(?:limited|corporation|incorporated|"
    r"company|holdings?|group|university|universität|université|universidad|college|bank|hospital|"
    r"technologies|solutions|industries|school|systems|agency|institute|foundation)\b)[.,]?\s*(?:\([^)]*\))?$",
    re.IGNORECASE,
)
SCHOOL = re.compile(
    r"\b(?:universit\w*|univ\.?|college|colleges|school|schools|institute|institut|instituto|institution|academy|"
    r"academia|polytechnic|polytech\w*|hochschule|fachhochschule|gymnasium|realschule|gesamtschule|"
    r"berufsschule|schule|école|ecole|lycée|lycee|collège|faculté|faculty|facultad|faculdade|escuela|escola|"
    r"colegio|colégio|seminary|conservatory|akademie|iit|iim|nit|mit|eth|epfl|suny|cuny|ucla|usc|vidyalaya|"
    r"mahavidyalaya|"
    r"vidhyalaya|vidya|campus|board of|cbse|icse|iut|insa|hec|politecnico|politécnica|politécnico|conservatoire|"
    r"sorbonne|center for|community college|high ?school|hs|hsc board|state board|training center|"
    r"business training)\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?<![\w])(?:"
    r"(?:associate|bachelor|master|doctor)(?:[’']?s|â€™s)?(?:\s+degree)?(?:\s*(?:of)?\s*(?:applied\s+)?(?:science|"
    r"arts|fine arts|business(?: administration| management)?|education|engineering|technology|law|laws|medicine|"
    r"commerce|computer (?:applications?|science)|architecture|"
    r"social work|public (?:administration|health|policy)|philosophy|nursing|music|divinity|international affairs|"
    r"library science|pharmacy|accountancy|economics|management|journalism|mass communication|tourism|design|"
    r"surgery|information technology)s?)*"
    r"|post[- ]?graduate(?:\s+(?:diploma|degree|certificate|program\w*))?|pg\s?diploma|pgdm|pgdba|pgdca|pgd|"
    r"graduate(?:\s+(?:diploma|certificate|degree))?(?=\s+in\b)|undergraduate(?:\s+degree)?(?=\s+in\b)"
    r"|(?:advanced |national |higher |graduate |professional |high ?school )?diploma|diplom(?:-\w+)?|(?:leaving|"
    r"higher secondary|secondary school|senior secondary|intermediate)(?: school)? certificate|"
    r"certificate(?=\s+(?:of|in)\s*[A-Z])|high ?school(?:\s+(?:diploma|degree|graduate))?|ged|g\.e\.d\.?"
    r"|b\.?\s?s\.?\s?c\.?(?:\s?\(?hons?\.?\)?)?|m\.?\s?s\.?\s?c\.?|b\.?[\s-]?tech\.?|m\.?[\s-]?tech\.?|"
    r"btec(?: hnc| hnd)?|pgdbm?|hnc|hnd|b\.\s?e\.?|m\.\s?e\.?|BE|ME|b\.?[\s-]?com\.?|m\.?[\s-]?com\.?|"
    r"b\.?c\.?a\.?|m\.?c\.?a\.?|b\.?b\.?a\.?|m\.?b\.?a\.?|b\.?b\.?m\.?|b\.\s?a\.?|m\.\s?a\.?|BA|MA"
    r"|b\.\s?s\.?|m\.\s?s\.?|BS|MS|B\.?S\.?N|M\.?S\.?N|A\.?A\.?S?|A\.S\.?|AS(?=\s+in\b)|b\.?\s?ed\.?|m\.?\s?ed\.?|"
    r"b\.?f\.?a\.?|m\.?f\.?a\.?|b\.?arch\.?|m\.?arch\.?|ll\.?\s?b\.?|ll\.?\s?m\.?|BCL|b\.?\s?pharm\w*\.?|"
    r"m\.?\s?pharm\w*\.?|m\.?phil\.?|m\.?d\.?(?=[,\s)]|$)|MBBS|j\.?\s?d\.?"
    r"|ph\.?\s?d\.?|d\.?phil\.?|dba|ed\.?d\.?|doctorate|doctoral|jurist doctor|juris doctor|BEng|MEng|B\.Eng\.?|"
    r"M\.Eng\.?|MPhil|MPH|MPA|MSW|M\.P\.H\.?|BSW|BGS|hsc|ssc|sslc|s\.s\.c\.?|h\.s\.c\.?|s\.s\.l\.c\.?|"
    r"x(?:ii)?(?:th)? (?:class|std|standard)|(?:10|12)\s?th(?: (?:class|std|standard|grade))?|a[- ]levels?|gcses?|"
    r"o[- ]levels?|intermediate|matriculation|higher secondary|plus two"
    r"|abitur|fachabitur|mittlere reife|realschulabschluss|hauptschulabschluss|staatsexamen|magister|promotion|"
    r"berufsausbildung|ausbildung zu[rm] \w+|meisterbrief|vordiplom"
    r"|licence|maîtrise|doctorat|baccalauréat|bac(?:\s?\+\s?\d)?|bts|dut|deug|dess|dea|cap|bep|"
    r"diplôme(?:\s+d['’ ]\w+)?|ingénieur diplômé|mastère|classes? préparatoires?"
    r"|licenciatura|licenciado|licenciada|grado|máster|maestría|doctorado|bachillerato|diplomado|técnico superior|"
    r"ingeniería|bacharelado|bacharel|mestrado|mestre|doutorado|doutoramento|pós-graduação|ensino médio|tecnólogo"
    r")(?![\w])",
    re.IGNORECASE,
)  # fmt: skip
# Two capitals are a degree only as capitals.
_CASED = frozenset(
    [
        "be",
        "me",
        "ba",
        "ma",
        "bs",
        "ms",
        "aa",
        "as",
        "aas",
        "hs",
        "jd",
        "md",
        "x",
        "cap",
        "bac",
        "dea",
        "grado",
        "dba",
        "promotion",
        "intermediate",
    ]
)
# Two capitals before a program's name, or before what a state (Massachusetts, Mississippi) gives leave to, are none.
_NO_DEGREE = re.compile(
    r"MS[\s-]{0,2}(?:office|excel|word|power ?point|power bi|access|outlook|project(?! management)|windows|sql|"
    r"dynamics|teams|visio|azure|visual (?:studio|basic|c)|share ?point|dos|exchange|server|one ?note|publisher|paint|"
    r"365|planner)"
    r"(?!\w)|M[AS]\s+(?:licen[cs]\w*|certifi\w*|registered|notary|driv\w+|state(?!\s+(?:university|college))|bar)\b",
    re.IGNORECASE,
)
_ENDINGS = (
    "entwickler", "entwicklerin", "ingenieur", "ingenieurin", "leiter", "leiterin", "berater", "beraterin", "manager",
    "techniker", "technikerin", "mitarbeiter", "mitarbeiterin", "assistent", "assistentin", "arzt", "ärztin",
    "pfleger", "pflegerin", "lehrer", "lehrerin", "verkäufer", "verkäuferin", "-soignant", "-soignante",
)  # fmt: skip


@cache
def _positions() -> frozenset[str]:
    return frozenset(_POSITIONS.split())


_WORD = re.compile(r"[^\W\d_][\w’'-]*")


@lru_cache(maxsize=4096)
def position_score(text: str) -> float:
    """How much a phrase sounds like a position, 0 to 1."""
    if len(text) > 110 or not text:
        return 0.0
    words = [word.lower().strip("'’-") for word in _WORD.findall(text)]
    if not words or len(words) > 14:
        return 0.0
    strong = [n for n, word in enumerate(words) if _is_position(word) and word not in _WEAK_POSITIONS]
    weak = any(word in _WEAK_POSITIONS for word in words)
    score = 0.0
    if strong:
        # As the head noun: at the end, or before "of", "-", "for", a number.
        last = strong[-1]
        score = (
            0.9
            if last == len(words) - 1
            or words[last + 1] in ("of", "for", "in", "i", "ii", "iii", "iv", "and", "to", "de")
            else 0.75
        )
    elif _POSITION_PHRASES.search(text):
        score = 0.7
    elif weak:
        score = 0.45
    if score and _STRONG_COMPANY.search(text.strip()):
        score -= 0.45
    if score and not text[:1].isupper():
        score -= 0.1
    return max(score, 0.0)


def _is_position(word: str) -> bool:
    known = _positions()
    if word in known or (word.endswith("s") and word[:-1] in known):
        return True
    # Compounds: "Softwareentwickler", "Projektingenieurin", "teacher/coach".
    return len(word) > 9 and word.endswith(_ENDINGS)


@lru_cache(maxsize=4096)
def company_score(text: str) -> float:
    """How much a phrase sounds like an employer, 0 to 1; 0.3 is unknown."""
    if not text or len(text) > 110:
        return 0.0
    if _STRONG_COMPANY.search(text.strip(" ,.")):
        return 0.9
    if _COMPANY.search(text):
        return 0.65
    return 0.3 if text[:1].isupper() or text[:1].isdigit() else 0.15


def degrees_in(text: str) -> list[tuple[int, int]]:
    """Where degrees are named."""
    found = []
    for match in _DEGREE.finditer(text):
        word = match[0].strip(" .").lower()
        if (
            word.replace(".", "") in _CASED
            and not match[0].replace(".", "").replace(" ", "").isupper()
            and word not in ("grado", "promotion", "intermediate")
        ):
            continue
        if _NO_DEGREE.match(text, match.start()):
            continue
        found.append(match.span())
    return found


def is_bare_degree(text: str) -> bool:
    """Whether it is two capitals without points, which mean much else beside a degree."""
    return bool(re.fullmatch(r"[BM][AESM]|A[AS]", text))


def is_school(text: str) -> bool:
    """Whether a phrase names a school."""
    return bool(SCHOOL.search(text))


# What templates print where a fact is to be filled in. It says nothing of a person.
_PLACEHOLDER = re.compile(
    r"^(?:company ?name|your name|name|first ?name last ?name|city|state|city ?, ?state|city ?, ?st|"
    r"institute/board|university|institution|company|employer|job title|title|position|location|degree|"
    r"certificate|street address|address|name of (?:the )?(?:[\w/]+ ?){1,4}|town, st|your town|your city|"
    r"select one|n/?a|-+|none|xxx+|date|dates?)$",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether it is a template's word for what belongs there."""
    parts = [re.sub(r"[^\w/ -]", "", part).strip(" -") for part in text.split(",")]
    return all(_PLACEHOLDER.match(part) for part in parts if part)
