"""Dates as CVs write them, with the precision that is stated and no more, in five languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.draft import Value, clean, value

MONTHS: dict[int, str] = {
    1: "january jan januar jänner janvier janv enero ene janeiro",
    2: "february feb febr februar feber février fevrier févr fevr fév febrero fevereiro fev",
    3: "march mar märz maerz mär mrz mars marzo março marco",
    4: "april apr avril avr abril abr",
    5: "may mai mayo maio",
    6: "june jun juni juin junio junho",
    7: "july jul juli juillet juil julio julho",
    8: "august aug août aout agosto ago",
    9: "september sept sep septembre septiembre setembro set",
    10: "october oct oktober okt octobre octubre outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec dezember dez décembre decembre déc diciembre dic dezembro",
}
PRESENT = (
    "present", "current", "currently", "now", "today", "till date", "till now", "to date", "ongoing", "date", "onwards",
    "till present", "until present", "to present", "up to present", "until now", "up to now", "to now", "until today",
    "up to date", "at present", "nowadays", "till today", "to this day",
    "bis heute", "bis jetzt", "bis dato", "derzeit", "gegenwärtig",
    "zur zeit", "zurzeit", "momentan", "bis zum heutigen tag", "bis aktuell", "andauernd", "fortlaufend",
    "jusqu'à présent", "jusqu’à présent", "jusqu'à ce jour", "jusqu’à ce jour", "jusqu'à aujourd'hui",
    "jusqu’à aujourd’hui", "à ce jour", "ce jour", "maintenant",
    "a la fecha", "fecha", "hasta la fecha", "hasta hoy", "hasta la actualidad", "hasta el presente", "el presente",
    "até à data", "até a data", "à data", "até hoje", "hoje", "até ao presente", "até o presente", "até agora",
    "heute", "jetzt", "aktuell", "laufend", "présent", "aujourd'hui", "aujourd’hui", "actuel", "actuellement",
    "en cours", "en poste", "à aujourd'hui", "à aujourd’hui", "en curso", "actualmente", "al presente",
    "actualidad", "presente", "actual", "hoy", "atual", "atualmente", "até o momento",
    "atualidade", "até a atualidade", "até à atualidade", "em curso", "em andamento",
)  # fmt: skip
# At an edge of a cell these are a label.
_LABELS = frozenset(("date", "fecha"))
_SHORT = re.compile(r"[1-9]/\d\d")
_IN_SENTENCE = re.compile(r"(?:^|\s)[^\W\d_A-ZÀ-Þ]+ $")
_THREE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{4}")
_DIGITS = re.compile(r"\d\d")
# A number before a month that may be its day, and the word before that; after these words it is a day.
_BARE_DAY = re.compile(r"(\d{1,2})[ \u00a0]?([^\W\d_]+)")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?[ \u00a0]$")
_BEFORE_DAYS = frozenset((
    "from", "to", "since", "till", "until", "on", "by", "of", "the", "date", "dated", "start", "started", "starting",
    "begin", "end", "ended", "joined", "left", "born", "von", "vom", "bis", "ab", "am", "seit", "geboren", "du",
    "le", "au", "dès", "depuis", "de", "des", "né", "née", "el", "del", "em", "desde", "hasta", "até", "a", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
))  # fmt: skip
_SINCE = frozenset(("since", "seit", "depuis", "desde", "dès"))
_SEASON = r"(?:spring|summer|fall|autumn|winter)"


@cache
def _months() -> dict[str, int]:
    return {word: number for number, words in MONTHS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class PartialDate:
    """`text` is 2018, 2018-09 or 2018-09-01; `piece` where it stands (a month may borrow its range's year)."""

    year: int
    month: int | None
    day: int | None
    piece: Piece

    @property
    def text(self) -> str:
        """ISO 8601, reduced to what is known."""
        parts = [f"{self.year:04d}"]
        if self.month:
            parts.append(f"{self.month:02d}")
            if self.day:
                parts.append(f"{self.day:02d}")
        return "-".join(parts)

    @property
    def precision(self) -> str:
        """year, month or day."""
        return ("year", "month", "day")[self.text.count("-")]

    def months(self, *, last: bool = False) -> int:
        """Months since year 0; of a year alone its first month, or its last."""
        return self.year * 12 + ((self.month or (12 if last else 1)) - 1)


@dataclass(frozen=True, slots=True)
class DateRange:
    """From, to, or a single date (`start` only, `single`), which may be said to be a beginning (`begins`). `piece` is
    all of it."""

    start: PartialDate | None
    end: PartialDate | None
    present: Piece | None
    piece: Piece
    single: bool = False
    begins: bool = False

    def fields(self, *, single: str = "endDate", confidence: float = 0.95) -> dict[str, Value]:
        """startDate, endDate and present, as values."""
        found: dict[str, Value] = {}
        if self.start:
            key = single if self.single and not self.begins else "startDate"
            found[key] = _value(self.start, confidence)
        if self.end:
            found["endDate"] = _value(self.end, confidence)
        if self.present:
            found["present"] = value(self.present, confidence, "date.present", precision="present")
        return found


def _value(date: PartialDate, confidence: float) -> Value:
    return value(date.piece, confidence, "date", text=date.text, precision=date.precision)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    month = "(?:" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + r")\b\.?"
    year = r"(?:19[3-9]\d|20[0-4]\d)"
    day = r"(?:0?[1-9]|[12]\d|3[01])"
    # Without a zero before its month, it is a date only where it is one of two.
    short = r"(?:0?[1-9]|1[0-2])/\d\d\b(?!/)"
    one = (
        rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?[ \u00a0]?(?:of\s+|de\s+)?)?{month}\s*(?:\d{{1,2}}(?:st|nd|rd|"
        rf"th)?\s*,\s*)?(?:,|/|-|–|de\s|of\s)?\s*(?:{year}|[’']\d\d)\b"
        rf"|{_SEASON}\s+(?:of\s+)?{year}\b"
        rf"|{year}\s?/\s?(?:0?[1-9]|1[0-2])\b(?!\s?/)|{year}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b"
        rf"|{day}[./]{day}[./]{year}\b|{day}-{day}-{year}\b"
        rf"|(?:0?[1-9]|1[0-2])\s?[/.-]\s?{year}\b|(?:0[1-9]|1[0-2])/\d\d\b(?!/)|\b{year}\b)"
    )
    mark = r"(?:-{1,3}>?|[–—]>?|―|−|~|→|⇒|➔|➜|=>|>{1,2})"
    dash = (
        rf"\s*(?:{mark}|\bto\b|\btill\b|\buntil\b|\bthru\b|\bthrough\b|\bbis\b|\bà\b|\bau\b|\bhasta\b|"
        r"\baté\b|\ba\b|â€“|â€”|ï¼\S?|\s/\s|(?:[,;|]\s{0,3})?\b(?:end(?:\s+date)?|ended|ende|fin|(?:date|fecha)\s+de\s+fin|"
        r"data\s+de\s+fim)\s*:)\s*"
    )
    # Longest first, so that `présent` is not cut at `pr`.
    now = "(?:" + "|".join(sorted(map(re.escape, PRESENT), key=len, reverse=True)) + r")\b"
    edge = r"(?=\s*(?:[)\]|,;]|$|\t|[ \u00a0]{3}))"
    since = (
        r"(?:(?:since|from|von|seit|ab|depuis|desde|dès)(?:\s*:)?\s+|(?:(?:date|fecha|data)\s+(?:of\s+|de\s+|d['’]))?"
        r"\b(?:start(?:ed|ing)?|began|begin(?:ning)?|beginn|joined|joining|eintritt|début|entrée|inicio|início|início)"
        r"(?:\s+date)?(?:\s+(?:in|on|im|am))?(?:\s*:\s*|\s{1,9}[–-]?\s{0,9}))"
    )
    pattern = (
        rf"(?<![\w$€£,.@/-])(?:(?:(?:from|von|de|du|desde|since|seit|depuis)\s+|{since})?(?:"
        rf"(?P<a>{one}|{short})(?:{dash}(?:the\s+|l[ea]\s+)?(?:(?P<b>{one}|{short})|[(\[]?\s*(?P<now>{now}))"
        rf"|(?:\s*[,;(\[/|]\s*|\s+(?:and\s+|und\s+|et\s+)?)(?!(?:{'|'.join(_LABELS)})\b)(?P<beside>{now}){edge})"
        rf"|(?P<m>{month}){dash}(?P<mb>{month}\s*,?\s*{year}\b)"
        rf"|(?P<y>{year})\s?[-–—/]\s?(?P<yy>\d\d)\b(?![\d/.-]))"
        rf"|(?:(?P<s>{since})|(?:de|du)\s+)?(?P<c>{one})"
        rf"(?P<on>\s+(?:and\s+)?onwards|\s?\+(?=[\s,;)]|$)|\s*(?:{mark}|…|\.{{3}})\s*\??{edge})?)(?![\w%])"
    )
    return re.compile(pattern, re.IGNORECASE), re.compile(rf"{month}", re.IGNORECASE)


def ranges_of(line: Line) -> list[DateRange]:
    """All dates and ranges of dates of a line; no day is taken from a neighbouring cell. A cell with a single date and
    the next with another, or with a word for now, are a range."""
    found = find_ranges(line.piece, frozenset(cell.start - line.start for cell in line.cells[1:]))
    alone = [_alone(cell, found) for cell in line.cells]
    if sum(one is not None for one in alone) > 2:
        return found
    for following, one, other in zip(line.cells[1:], alone, alone[1:], strict=False):
        if one is None or one.start is None:
            continue
        whole = line.piece.part(one.piece.start - line.start, following.end - line.start)
        if says_present(following.text):
            closed = DateRange(one.start, None, following, whole)
        elif other and other.start and one.start.months() <= other.start.months(last=True):
            closed = DateRange(one.start, other.start, None, whole)
        else:
            continue
        return [closed if old is one else old for old in found if old is not other]
    return found


def _alone(cell: Piece, ranges: list[DateRange]) -> DateRange | None:
    """The single date that is all of a cell."""
    return next((one for one in ranges if one.single and one.piece.text == cell.text.strip(" ()[],.")), None)


def says_present(text: str) -> bool:
    """Whether it is a word for now, and nothing else."""
    word = text.strip(" \u00a0()[],.;:-–—").lower()
    return word in PRESENT and word not in _LABELS


def find_ranges(piece: Piece, edges: frozenset[int] = frozenset()) -> list[DateRange]:
    """All dates and ranges of dates in it, in order. `edges`: the offsets in it at which further cells begin."""
    text = piece.text
    if not _DIGITS.search(text):
        return []
    found = []
    for match in _patterns()[0].finditer(text):
        if made := _range(piece, match, edges):
            found.append(made)
    return found


def _of_another(text: str, match: re.Match[str], edges: frozenset[int]) -> int:
    """How much of a date's beginning is a number of what stands before it, as in "Ward 23 Sept 2014"."""
    begin = match.start("a") if match["a"] else match.start("c")
    day = _BARE_DAY.match(text, begin)
    if begin != match.start() or day is None or _month(day[2]) is None:
        return 0
    if edges & set(range(begin + 1, day.start(2) + 1)):
        return day.end(1) - begin
    word = _WORD_BEFORE.search(text, 0, begin)
    if word is None or edges & set(range(word.end(1), begin + 1)) or word[1].lower() in _BEFORE_DAYS:
        return 0
    return day.end(1) - begin


def _range(piece: Piece, match: re.Match[str], edges: frozenset[int]) -> DateRange | None:
    other = _of_another(piece.text, match, edges)
    whole = piece.part(match.start() + other, match.end()).stripped()
    if match["a"]:
        # Which of two numbers is the month, one side may tell of the other.
        first = next((day for side in (match["a"], match["b"]) if (day := _day_first(side)) is not None), None)
        start = _date(piece.part(match.start("a") + other, match.end("a")), first)
        end = _date(piece.part(*match.span("b")), first) if match["b"] else None
        told = "now" if match["now"] else "beside"
        now = piece.part(*match.span(told)) if match[told] else None
        if start is None or (match["b"] and end is None):
            return None
        if any(side and _SHORT.fullmatch(side) for side in (match["a"], match["b"])) and (
            (end and end.text < start.text) or _IN_SENTENCE.search(piece.text, 0, match.start())
        ):
            # "from 3/10 to 8/10" are marks.
            return None
        return DateRange(start, end, now, whole)
    if match["m"]:
        end = _date(piece.part(*match.span("mb")))
        month = _month(match["m"])
        if end is None or month is None:
            return None
        # "May – August 2016": the first month has the range's year.
        return DateRange(PartialDate(end.year, month, None, whole), end, None, whole)
    if match["y"]:
        year, short = int(match["y"]), int(match["yy"])
        second = year // 100 * 100 + short
        if not year < second <= year + 60:
            # 2019-08 is a month, 2011/11 too.
            made = _date(piece.part(match.start("y"), match.end("yy")))
            return DateRange(made, None, None, whole, single=True) if made else None
        start = PartialDate(year, None, None, piece.part(*match.span("y")))
        return DateRange(start, PartialDate(second, None, None, whole), None, whole)
    only = _date(piece.part(match.start("c") + other, match.end("c")))
    if only is None:
        return None
    cell = max((at for at in edges if at <= match.start()), default=0)
    lead = text_before(piece.text[: match.start("c")], cell)
    if lead.isdigit() and only.month is None:
        # The last group of a telephone number.
        return None
    since = match["s"].split()[0].rstrip(":").lower() if match["s"] else ""
    if match["on"] or since == "ab":
        going = piece.part(*match.span("on")).stripped() if match["on"] else None
        return DateRange(only, None, going if going and going.text[-1].isalpha() else None, whole)
    if since in _SINCE:
        return DateRange(only, None, whole, whole)
    return DateRange(only, None, None, whole, single=True, begins=bool(since))


def main_range(ranges: list[DateRange], *, last: bool = False) -> DateRange:
    """Of an entry's dates those that say how long it was: the first range, else the first (or `last`) single date."""
    return next((one for one in ranges if not one.single), ranges[-1 if last else 0])


def only_dates(piece: Piece, *, beside: int = 3) -> bool:
    """Whether a text has dates, and nothing else but so many letters (brackets, separators)."""
    ranges = find_ranges(piece)
    return bool(ranges) and sum(len(one.piece.text) for one in ranges) + beside >= len(piece.text.strip())


def text_before(text: str, begin: int = 0) -> str:
    """The last word of what stands from an offset on, in lower case."""
    words = text[begin:].split()
    return words[-1].lower() if words else ""


def _month(word: str) -> int | None:
    return _months().get(word.strip(". ").lower())


def _day_first(text: str | None) -> bool | None:
    """Whether a date of three numbers, its year last, has its day first; None where it does not tell."""
    told = _THREE.fullmatch(text or "")
    if told is None or (int(told[1]) <= 12 and int(told[2]) <= 12):
        return None
    return int(told[1]) > 12


def _date(piece: Piece, day_first: bool | None = None) -> PartialDate | None:
    text = piece.text.lower()
    words = re.findall(r"[^\W\d_]+", text)
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    month = next((number for word in words if (number := _months().get(word))), None)
    long = [number for number in numbers if number > 1900]
    if month:
        year = long[0] if long else _century(numbers[-1]) if numbers and re.search(r"[’']\d\d", text) else None
        days = [number for number in numbers if number <= 31 and number != year]
        return PartialDate(year, month, days[0] if days and long else None, piece) if year else None
    if any(re.fullmatch(_SEASON, word) for word in words):
        return PartialDate(long[0], None, None, piece) if long else None
    if not long:
        # 05/17
        if len(numbers) == 2 and 1 <= numbers[0] <= 12:
            return PartialDate(_century(numbers[1]), numbers[0], None, piece)
        return None
    return _numeric(numbers, long[0], piece, day_first)


def _numeric(numbers: list[int], year: int, piece: Piece, day_first: bool | None) -> PartialDate | None:
    if numbers[0] == year:
        month = numbers[1] if len(numbers) > 1 else None
        return PartialDate(year, month, numbers[2] if len(numbers) > 2 else None, piece)
    if len(numbers) == 3:
        first, second = numbers[0], numbers[1]
        if first > 12 >= second:
            return PartialDate(year, second, first, piece)
        if second > 12 >= first:
            return PartialDate(year, first, second, piece)
        # 03/04/2015 is March in one country and April in another; with points it is a German day and month.
        if day_first or (day_first is None and "." in piece.text):
            return PartialDate(year, second, first, piece)
        return PartialDate(year, None, None, piece) if day_first is None else PartialDate(year, first, second, piece)
    return PartialDate(year, numbers[0], None, piece)


def _century(short: int) -> int:
    # Two digits mean the century in which a working life of today lies.
    return 2000 + short if short < 50 else 1900 + short


def without(piece: Piece, ranges: list[DateRange]) -> list[Piece]:
    """What is left of a piece beside its dates."""
    parts, begin = [], 0
    for one in ranges:
        at = one.piece.start - piece.start
        parts.append(piece.part(begin, at))
        begin = at + len(one.piece.text)
    parts.append(piece.part(begin))
    return [part for part in parts if clean(part.text)]
