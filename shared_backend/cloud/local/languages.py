"""English names of languages by ISO 639-1 code: those that the bundled model can tell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

UNDETERMINED = "und"

_NAMES = """
af Afrikaans|am Amharic|an Aragonese|ar Arabic|as Assamese|av Avaric|az Azerbaijani|ba Bashkir|be Belarusian|
bg Bulgarian|bn Bengali|bo Tibetan|br Breton|bs Bosnian|ca Catalan|ce Chechen|co Corsican|cs Czech|cv Chuvash|cy Welsh|
da Danish|de German|dv Divehi|el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|
fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani|gu Gujarati|gv Manx|he Hebrew|hi Hindi|
hr Croatian|ht Haitian|hu Hungarian|hy Armenian|ia Interlingua|id Indonesian|ie Interlingue|io Ido|is Icelandic|
it Italian|ja Japanese|jv Javanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|ku Kurdish|kv Komi|kw Cornish|
ky Kyrgyz|la Latin|lb Luxembourgish|li Limburgish|lo Lao|lt Lithuanian|lv Latvian|mg Malagasy|mk Macedonian|
ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|ne Nepali|nl Dutch|nn Norwegian Nynorsk|
no Norwegian|oc Occitan|or Odia|os Ossetian|pa Punjabi|pl Polish|ps Pashto|pt Portuguese|qu Quechua|rm Romansh|
ro Romanian|ru Russian|sa Sanskrit|sc Sardinian|sd Sindhi|sh Serbo-Croatian|si Sinhala|sk Slovak|sl Slovenian|
so Somali|sq Albanian|sr Serbian|su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|tk Turkmen|
tl Tagalog|tr Turkish|tt Tatar|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|vi Vietnamese|vo Volapük|wa Walloon|yi Yiddish|
yo Yoruba|zh Chinese
"""

# Varieties that the model tells apart and ISO 639-1 does not.
_PART_OF = MappingProxyType({"arz": "ar", "azb": "az", "ckb": "ku", "als": "de", "wuu": "zh", "yue": "zh", "nb": "no"})


@cache
def names() -> Mapping[str, str]:
    """Code to name; `und` is not among them."""
    entries = (entry.strip().partition(" ") for entry in _NAMES.replace("\n", "").split("|"))
    return MappingProxyType({code: name for code, _, name in entries})


def iso_639_1(code: str) -> str:
    """The two-letter code of a language of the model or of a tag such as pt-BR; `und` where there is none."""
    code = code.lower().replace("_", "-").partition("-")[0]
    code = _PART_OF.get(code, code)
    return code if code in names() else UNDETERMINED
