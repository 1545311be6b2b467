"""The kind of a page, by its wikitext: a redirect or a disambiguation page."""

import re
from collections.abc import Set

from pipeline.wikitext.site import DIRECTION_MARKS, entries

# The magic word of redirects, in English and in the languages of wikis.
REDIRECT = re.compile(
    r"""\s*+\#(?:redirect|redirection|redirección|redireccion|weiterleitung|doorverwijzing|rinvia|patrz|przekieruj|tam
    |omdirigering|omdiriger|ohjaus|uudelleenohjaus|přesměruj|presmeruj|preusmjeri|preusmeri|преусмери|átirányítás
    |yönlendirme|yönlendir|перенаправление|перенапр|перенаправлення|перанакіраваньне|пренасочване|виж|転送|リダイレクト
    |重定向|넘겨주기|تحويل|تغییر[ _]?مسیر|הפניה|अनुप्रेषित|เปลี่ยนทาง|đổi|alih|lencong|redirecionamento|redirecteer|suunamine
    |peradresavimas|pāradresācija|birzuzendu|redirige[ix]|alidirektu|ανακατευθυνση|ανακατεύθυνση|ohjaa|ymdirigering)
    \s*+:?\s*+\[\[([^\[\]|\n\#]++)""",
    re.VERBOSE | re.IGNORECASE,
)
MAGIC_WORD = re.compile("__DISAMBIG__", re.IGNORECASE)
TEMPLATE = re.compile(r"\{\{\s*+([^\s|{}<>\[\]][^|{}\n<>\[\]]{0,60}+)")
# Names of the templates that mark such pages, on many wikis.
DISAMBIGUATION = frozenset(
    entries("""
    disambig|disambiguation|dab|disamb|hndis|geodis|numberdis|schooldis|hospitaldis|mil-unit-dis|roaddis
    |chinese title dis|disambiguation page|disambiguation cleanup|human name disambiguation
    |place name disambiguation|begriffsklärung|bks|homonymie|paronymie|toponymie|homonymie de personnes
    |homonymie de localités|desambiguación|desambiguacion|desambig|disambigua|desambiguação
    |desambiguació|dp|doorverwijspagina|ujednoznacznienie|strona ujednoznaczniająca|неоднозначность
    |многозначность|неоднозначність|неадназначнасць|förgrening|grensida|peker|flertydig|flertydigside
    |täsmennyssivu|rozcestník|rozlišovacia stránka|egyért|egyértelműsítő|egyert|anlam ayrımı|anlamayrımı
    |aimai|曖昧さ回避|消歧义|消歧義|消歧义页|동음이의|동음이의어|동음이의어 문서|توضيح|صفحة توضيح|פירושונים
    |ابهام\u200cزدایی|ابهامزدایی|αποσαφήνιση|dezambiguizare|razdvojba
    |višeznačna odrednica|вишезначна одредница|вишезначна|пояснение
    |nuorodinis|nuorodinis straipsnis|täpsustus|täpsustuslehekülg|täpsustusmärkus|razločitev|định hướng
    |trang định hướng|แก้กำกวม|argipen|apartigilo|discretiva|երկիմաստություն|maaramid|bisongil|aðgreining
    |aðgreiningarsíða|nozīmju atdalīšana|nesklaidos puslapis|многозначна одредница|बहुविकल्पी
    |দ্ব্যর্থতা নিরসন|பக்கவழி நெறிப்படுத்தல்|disambiguasi""")
)


def redirect_target(wikitext: str) -> str | None:
    """Return the title that a redirect leads to; None for any other page."""
    found = REDIRECT.match(wikitext)
    return found[1].strip().removeprefix(":") if found else None


def has_disambiguation_word(wikitext: str) -> bool:
    """Return whether wikitext has the magic word of disambiguation pages; a template's marks all its users."""
    return "__" in wikitext and bool(MAGIC_WORD.search(wikitext))


def is_disambiguation(wikitext: str, templates: Set[str]) -> bool:
    """Return whether a page lists the meanings of a name, by its magic word or template.

    `templates` are the names, in lower case, of the wiki's own templates for such pages; common names are built in.
    """
    if has_disambiguation_word(wikitext):
        return True
    names = map(lower_name, TEMPLATE.findall(wikitext))
    return any(name in DISAMBIGUATION or name in templates for name in names)


def lower_name(name: str) -> str:
    """Return the name of a template in lower case, without marks of direction; İ becomes i."""
    return DIRECTION_MARKS.sub("", name).strip().replace("_", " ").lower().replace("i\u0307", "i")
