"""The text of templates of dates, centuries and hours."""

import re

from pipeline.wikitext.templates.renderings import Arguments, integer

# The months as written in a date, and the date around them.
MONTHS = {
    language: months.split()
    for language, months in {
        "en": "January February March April May June July August September October November December",
        "ca": """de_gener de_febrer de_març d'abril de_maig de_juny de_juliol d'agost de_setembre d'octubre de_novembre
            de_desembre""",
        "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
        "da": "januar februar marts april maj juni juli august september oktober november december",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "fi": """tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta
            lokakuuta marraskuuta joulukuuta""",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "gl": "xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro",
        "he": "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
        "hu": """január február március április május június július augusztus szeptember október november december""",
        "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
        "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "nl": "januari februari maart april mei juni juli augustus september oktober november december",
        "nb": "januar februar mars april mai juni juli august september oktober november desember",
        "pl": """stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia""",
        "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
        "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "sv": "januari februari mars april maj juni juli augusti september oktober november december",
        "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
        "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        **dict.fromkeys(("ja", "ko", "vi", "zh"), "1 2 3 4 5 6 7 8 9 10 11 12"),
    }.items()
}
DAY_FIRST = "{day} {month} {year}"
FORMATS = {
    **dict.fromkeys(("es", "gl", "pt"), "{day} de {month} de {year}"),
    **dict.fromkeys(("cs", "da", "de", "fi", "nb"), "{day}. {month} {year}"),
    **dict.fromkeys(("ja", "zh"), "{year}年{month}月{day}日"),
    "ca": "{day} {month} de {year}",
    "en": "{month} {day}, {year}",
    "he": "{day} ב{month} {year}",
    "hu": "{year}. {month} {day}.",
    "ko": "{year}년 {month}월 {day}일",
    "vi": "{day} tháng {month} năm {year}",
}
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)$", re.ASCII)
FIRST_DAY = re.compile(rf"^0?1(?= (?:{'|'.join(MONTHS['fr'])})\b)")


def date(a: Arguments) -> str | None:
    """Return a date in numbers spelt out; a date that is spelt out is returned unchanged, but for the French `1er`."""
    text = _date(a)
    return FIRST_DAY.sub("1er", text) if text and a.language == "fr" else text


def _date(a: Arguments) -> str | None:
    given = [part for part in a.unnamed[:3] if part]
    if given and (iso := ISO.match(given[0])):
        given = list(iso.groups())
    numbers = [number for number in map(integer, given) if number is not None]
    if len(numbers) < len(given) or not numbers:
        return " ".join(given) or None
    day_first = (a.name == "dts" and not a.named.get("format")) or a.named.get("df", "").startswith("y")
    if len(numbers) == 3 and numbers[2]:
        return in_words(numbers, a.language, DAY_FIRST if day_first else None)
    year, month = (*numbers, 0)[:2]
    if not 1 <= month <= 12:
        return str(year)
    return f"{MONTHS['en'][month - 1]} {year}" if a.language == "en" else None


def in_words(numbers: list[int], language: str, form: str | None = None) -> str | None:
    """Return a year, a month and a day, or the reverse, as a language writes a date; None if this is not known."""
    day, month, year = numbers if numbers[2] > 31 else reversed(numbers)
    if language not in MONTHS or not (1 <= month <= 12 and 1 <= day <= 31 < year):
        return None
    form = form or FORMATS.get(language, DAY_FIRST)
    return form.format(day=day, month=MONTHS[language][month - 1].replace("_", " "), year=year)


def as_of(a: Arguments) -> str | None:
    """Return `2010|5` as "As of May 2010"."""
    if a.named.get("alt") or not a[1]:
        return a.named.get("alt") or None
    number = integer(a[2])
    month = MONTHS["en"][number - 1] if number and number <= 12 else a[2]
    opening = "since" if a.named.get("since") else "as of"
    opening = opening if a.named.get("lc") else opening.capitalize()
    return " ".join(filter(None, (opening, a[3], month, a[1])))


def century(era: str, a: Arguments) -> str | None:
    """Return the French `XIX|e` as "XIXe siècle", and `XII|e|et|XIII|e|s` as "XIIe et XIIIe siècles"."""
    if not a[1]:
        return None
    others = f" {a[3]} {a[4]}{a[5]}" if a[4] else ""
    return f"{a[1]}{a[2] or 'e'}{others} siècle{'s' if a[6] == 's' else ''}{era}"


def spanish_century(a: Arguments) -> str | None:
    """Return the Spanish `V|a|s` as "siglo V a. C.", and `XIX` alone unchanged."""
    before = {"s": "siglo ", "S": "Siglo "}.get(a[3][:1], "")
    after = {"a": " a. C.", "d": " d. C."}.get(a[2], "")
    return f"{before}{a[1]}{after}" if a[1] else None


def hour(a: Arguments) -> str | None:
    """Return the French `4|30` as "4 h 30"."""
    return " h ".join(filter(None, a.unnamed[:2])) + (" h" if not a[2] else "") if a[1] else None


def lifetime(a: Arguments) -> str | None:
    """Return the Chinese `1866年|11月11日|1936年|9月21日` as "1866年11月11日－1936年9月21日"."""
    return f"{a[1]}{a[2]}－{a[3]}{a[4]}" if a[1] or a[3] else None
