"""The labels that `{{lang-xx}}` templates put before a foreign word."""

from pipeline.wikitext.site import entries
from pipeline.wikitext.templates.renderings import Arguments

LABELS = {
    language: dict(label.split("=") for label in entries(labels, ";"))
    for language, labels in {
        "en": """
            ar=Arabic; az=Azerbaijani; be=Belarusian; ber=Berber; bg=Bulgarian; bn=Bengali; bo=Tibetan; br=Breton;
            bs=Bosnian; ca=Catalan; ceb=Cebuano; cs=Czech; cy=Welsh; da=Danish; de=German; dz=Dzongkha; el=Greek;
            eo=Esperanto; es=Spanish; et=Estonian; eu=Basque; fa=Persian; fi=Finnish; fo=Faroese; fr=French;
            fy=West Frisian; ga=Irish; gd=Scottish Gaelic; gl=Galician; grc=Ancient Greek; gu=Gujarati; haw=Hawaiian;
            he=Hebrew; hi=Hindi; hr=Croatian; hu=Hungarian; hy=Armenian; id=Indonesian; is=Icelandic; it=Italian;
            ja=Japanese; ka=Georgian; kk=Kazakh; km=Khmer; kn=Kannada; ko=Korean; ku=Kurdish; kw=Cornish; ky=Kyrgyz;
            la=Latin; lb=Luxembourgish; lo=Lao; lt=Lithuanian; lv=Latvian; mi=Māori; mk=Macedonian; ml=Malayalam;
            mn=Mongolian; mr=Marathi; ms=Malay; mt=Maltese; my=Burmese; nah=Nahuatl; nds=Low German; ne=Nepali;
            nl=Dutch; nn=Norwegian Nynorsk; no=Norwegian; nv=Navajo; oc=Occitan; pa=Punjabi; pl=Polish; ps=Pashto;
            pt=Portuguese; qu=Quechua; rm=Romansh; ro=Romanian; ru=Russian; rus=Russian; sa=Sanskrit; sco=Scots;
            sh=Serbo-Croatian; si=Sinhala; sk=Slovak; sl=Slovene; so=Somali; sq=Albanian; sr=Serbian; sv=Swedish;
            sw=Swahili; ta=Tamil; te=Telugu; th=Thai; tl=Tagalog; tr=Turkish; uk=Ukrainian; ur=Urdu; uz=Uzbek;
            vi=Vietnamese; yi=Yiddish; zh=Chinese; zu=Zulu""",
        "ru": """
            en=англ.; de=нем.; fr=фр.; es=исп.; it=итал.; la=лат.; grc=др.-греч.; el=греч.; uk=укр.; be=белор.;
            pl=польск.; cs=чеш.; sv=швед.; fi=фин.; ja=яп.; zh=кит.; ar=араб.; he=ивр.; tr=тур.; nl=нидерл.; pt=порт.;
            hu=венг.; lt=лит.; lv=латыш.; et=эст.; no=норв.; da=дат.; ro=рум.; bg=болг.; sr=серб.; hr=хорв.; fa=перс.;
            hy=арм.; ka=груз.; kk=казах.""",
        "de": """
            en=englisch; fr=französisch; la=lateinisch; it=italienisch; es=spanisch; ru=russisch; el=griechisch;
            pl=polnisch; cs=tschechisch; nl=niederländisch; sv=schwedisch; da=dänisch; hu=ungarisch; tr=türkisch;
            ja=japanisch; zh=chinesisch; ar=arabisch; pt=portugiesisch; he=hebräisch; fi=finnisch; uk=ukrainisch;
            grc=altgriechisch; no=norwegisch; ro=rumänisch; fa=persisch; ko=koreanisch; ca=katalanisch;
            hr=kroatisch; sr=serbisch""",
        "uk": """
            en=англ.; de=нім.; fr=фр.; es=ісп.; it=італ.; la=лат.; grc=дав.-гр.; el=грец.; ru=рос.; be=біл.; pl=пол.;
            cs=чеськ.""",
        "ja": """
            en=英語; de=ドイツ語; fr=フランス語; es=スペイン語; it=イタリア語; la=ラテン語; ru=ロシア語; zh=中国語;
            ko=朝鮮語""",
    }.items()
}
SEPARATORS = {"en": ": ", "de": " ", "ru": " ", "uk": " ", "ja": ": "}


def labelled(code: str, text: str | None, a: Arguments) -> str | None:
    """Return "French: mot" if the wiki has a label for the language of a code, else "mot"."""
    label = "" if "short" in code else LABELS.get(a.language, {}).get(code.partition("-")[0], "")
    return f"{label}{SEPARATORS[a.language]}{text}" if text and label else text
