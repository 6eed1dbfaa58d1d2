"""Languages that a person speaks, and how well where it is stated; CEFR only where it is stated as such."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import split, trim
from shared_backend.data_management.extraction.draft import Entry, value

# Each language's names in English, German, French, Spanish and Portuguese.
_NAMES = """english englisch anglais inglés inglês ingles|german deutsch allemand alemán alemão aleman|
french französisch français francés francês frances francais|
spanish spanisch espagnol español espanhol espanol castellano|
portuguese portugiesisch portugais portugués português|italian italienisch italien italiano|dutch niederländisch
néerlandais neerlandés holandês flemish|polish polnisch polonais polaco polonês|russian russisch russe ruso russo|
ukrainian ukrainisch ukrainien ucraniano|turkish türkisch turc turco|arabic arabisch arabe árabe|hebrew hebräisch
hébreu hebreo hebraico|persian persisch persan farsi dari|hindi|urdu|bengali bangla|punjabi
panjabi|gujarati|marathi|tamil|telugu|kannada|
malayalam|odia oriya|assamese|konkani|sindhi|nepali|sinhala sinhalese|chinese chinesisch chinois chino chinês
mandarin cantonese mandarín|japanese japanisch japonais japonés japonês|korean koreanisch coréen
coreano|vietnamese vietnamesisch vietnamien vietnamita|
thai thailändisch|indonesian bahasa malay|tagalog filipino|swedish schwedisch suédois sueco|norwegian norwegisch
norvégien noruego norueguês|danish dänisch danois danés dinamarquês|finnish finnisch finnois finés
finlandês|icelandic|greek griechisch grec griego grego|
czech tschechisch tchèque checo tcheco|slovak slowakisch|hungarian ungarisch hongrois húngaro|romanian rumänisch
roumain rumano romeno|bulgarian bulgarisch|croatian kroatisch|serbian serbisch|slovenian|bosnian|albanian
albanisch|catalan català catalán|basque euskera|galician gallego|
latin latein|swahili|yoruba|igbo|hausa|amharic|somali|afrikaans|zulu|sanskrit|lithuanian|latvian|estonian|armenian|
georgian|azerbaijani|kazakh|uzbek|mongolian|burmese|khmer|lao|pashto|kurdish|haitian creole|creole|sign language|
american sign language|asl|esperanto|irish|welsh|berber tamazight"""
_EACH = (re.escape(name.strip()) for name in re.split(r"[|\n ]+(?![Cc]reole|language|sign)", _NAMES) if name.strip())
_LANGUAGE = re.compile(r"(?<!\w)(?:" + "|".join(sorted(_EACH, key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE)
_CEFR = re.compile(r"(?<![\w])([ABC][12])(?:\+|\.\d)?(?![\w])", re.IGNORECASE)
_FLUENCY = re.compile(
    r"(?:(?:full |limited |native or )?(?:professional|bilingual|elementary)(?: working)? proficiency|"
    r"native(?: speaker| language| or bilingual(?: proficiency)?)?|mother tongue|bilingual|fluent(?:ly)?|"
    r"proficient|"
    r"conversational|advanced|upper intermediate|intermediate|basic|beginner|elementary|working knowledge|good|"
    r"very good|excellent|business fluent|"
    r"muttersprache|muttersprachler(?:in)?|fließend|verhandlungssicher|sehr gut(?:e kenntnisse)?|"
    r"gut(?:e kenntnisse)?|grundkenntnisse|fortgeschritten|"
    r"langue maternelle|maternelle|courant|bilingue|notions|intermédiaire|avancé|débutant|lu, écrit, parlé|"
    r"professionnel|scolaire|"
    r"lengua materna|nativo|nativa|fluido|avanzado|intermedio|básico|nivel \w+|língua materna|fluente|avançado|"
    r"intermediário|nível \w+)",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\s*[,;|•·●◦]\s*(?![^()]*\))|\t+|\s{2,}|\s+and\s+|\s+und\s+|\s+et\s+|\s+y\s+|\s*&\s*|\.\s+|\s*[\ue000-\uf8ff]+\s*"
)


def languages_in(lines: Iterable[Line], *, listed: bool = True) -> list[Entry]:
    """Each language that a section of languages names, or (not `listed`) a line that says "Languages: …"."""
    found: list[Entry] = []
    seen: set[str] = set()
    for line in lines:
        for cell in line.parts:
            last: Entry | None = None
            for item in split(cell, _ITEM):
                match = _LANGUAGE.search(item.text)
                if match is None:
                    # "English, fluent": how well it is spoken follows its comma.
                    if last is not None and "fluency" not in last:
                        _fluency(last, item)
                    continue
                if (
                    len(item.text.split()) > 12
                    or (not listed and len(item.text.split()) > 4)
                    or match[0].lower() in seen
                ):
                    continue
                seen.add(match[0].lower())
                last = {"language": value(item.part(*match.span()), 0.92 if listed else 0.75, "languages.name")}
                _fluency(last, item)
                found.append(last)
    return found


def _fluency(entry: Entry, item: Piece) -> None:
    level = _CEFR.search(item.text)
    words = _FLUENCY.search(item.text)
    match = level or words
    if match is None:
        return
    made = value(trim(item.part(*match.span())) or item.part(*match.span()), 0.9, "languages.fluency")
    if level:
        made.extra = {"cefr": level[1].upper()}
    entry["fluency"] = made


def names_language(text: str) -> bool:
    """Whether a whole text is a language's name."""
    return bool(_LANGUAGE.fullmatch(text.strip()))
