"""The labels that `{{lang-xx}}` templates put before a foreign word."""

from babel import Locale

from pipeline.wikitext.site import entries
from pipeline.wikitext.templates.renderings import Arguments

# The wikis with labels, and the sign after one.
SEPARATORS = {"en": ": ", "de": " ", "ru": " ", "uk": " ", "ja": ": "}
# Labels that are not Babel's names of languages.
LABELS = {
    language: dict(label.split("=") for label in entries(labels, ";"))
    for language, labels in {
        "en": "ber=Berber; bn=Bengali; fy=West Frisian; nah=Nahuatl; rus=Russian; sl=Slovene",
        "de": "la=lateinisch",
        "ja": "ko=朝鮮語",
        "ru": """
            en=англ.; de=нем.; fr=фр.; es=исп.; it=итал.; la=лат.; grc=др.-греч.; el=греч.; uk=укр.; be=белор.;
            pl=польск.; cs=чеш.; sv=швед.; fi=фин.; ja=яп.; zh=кит.; ar=араб.; he=ивр.; tr=тур.; nl=нидерл.; pt=порт.;
            hu=венг.; lt=лит.; lv=латыш.; et=эст.; no=норв.; da=дат.; ro=рум.; bg=болг.; sr=серб.; hr=хорв.; fa=перс.;
            hy=арм.; ka=груз.; kk=казах.""",
        "uk": """
            en=англ.; de=нім.; fr=фр.; es=ісп.; it=італ.; la=лат.; grc=дав.-гр.; el=грец.; ru=рос.; be=біл.; pl=пол.;
            cs=чеськ.""",
    }.items()
}


def label_of(code: str, language: str) -> str:
    """Return the label of the language of a code on a wiki; empty if there is none."""
    if language in ("ru", "uk") or code in LABELS.get(language, {}):
        return LABELS[language].get(code, "")
    name = Locale(language).languages.get(code, "") if language in SEPARATORS else ""
    return name.lower() if language == "de" else name


def labelled(code: str, text: str | None, a: Arguments) -> str | None:
    """Return "French: mot" if the wiki has a label for the language of a code, else "mot"."""
    label = "" if "short" in code else label_of(code.partition("-")[0], a.language)
    return f"{label}{SEPARATORS[a.language]}{text}" if text and label else text
