"""What wikis put before a foreign word: the labels of `{{lang-xx}}` templates."""

from pipeline.wikitext.renderings import Arguments, parameter


def _table(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in " ".join(text.split()).split("; "))


LABELS = {
    "en": _table("""
        ar=Arabic; az=Azerbaijani; be=Belarusian; ber=Berber; bg=Bulgarian; bn=Bengali; bo=Tibetan;
        br=Breton; bs=Bosnian; ca=Catalan; ceb=Cebuano; cs=Czech; cy=Welsh; da=Danish; de=German;
        dz=Dzongkha; el=Greek; eo=Esperanto; es=Spanish; et=Estonian; eu=Basque; fa=Persian; fi=Finnish;
        fo=Faroese; fr=French; fy=West Frisian; ga=Irish; gd=Scottish Gaelic; gl=Galician; grc=Ancient
        Greek; gu=Gujarati; haw=Hawaiian; he=Hebrew; hi=Hindi; hr=Croatian; hu=Hungarian; hy=Armenian;
        id=Indonesian; is=Icelandic; it=Italian; ja=Japanese; ka=Georgian; kk=Kazakh; km=Khmer; kn=Kannada;
        ko=Korean; ku=Kurdish; kw=Cornish; ky=Kyrgyz; la=Latin; lb=Luxembourgish; lo=Lao; lt=Lithuanian;
        lv=Latvian; mi=Māori; mk=Macedonian; ml=Malayalam; mn=Mongolian; mr=Marathi; ms=Malay; mt=Maltese;
        my=Burmese; nah=Nahuatl; nds=Low German; ne=Nepali; nl=Dutch; nn=Norwegian Nynorsk; no=Norwegian;
        nv=Navajo; oc=Occitan; pa=Punjabi; pl=Polish; ps=Pashto; pt=Portuguese; qu=Quechua; rm=Romansh;
        ro=Romanian; ru=Russian; rus=Russian; sa=Sanskrit; sco=Scots; sh=Serbo-Croatian; si=Sinhala;
        sk=Slovak; sl=Slovene; so=Somali; sq=Albanian; sr=Serbian; sv=Swedish; sw=Swahili; ta=Tamil;
        te=Telugu; th=Thai; tl=Tagalog; tr=Turkish; uk=Ukrainian; ur=Urdu; uz=Uzbek; vi=Vietnamese;
        yi=Yiddish; zh=Chinese; zu=Zulu
    """),
    "ru": _table("""
        en=англ.; de=нем.; fr=фр.; es=исп.; it=итал.; la=лат.; grc=др.-греч.; el=греч.; uk=укр.; be=белор.;
        pl=польск.; cs=чеш.; sv=швед.; fi=фин.; ja=яп.; zh=кит.; ar=араб.; he=ивр.; tr=тур.; nl=нидерл.;
        pt=порт.; hu=венг.; lt=лит.; lv=латыш.; et=эст.; no=норв.; da=дат.; ro=рум.; bg=болг.; sr=серб.;
        hr=хорв.; fa=перс.; hy=арм.; ka=груз.; kk=казах.
    """),
    "de": _table("""
        en=englisch; fr=französisch; la=lateinisch; it=italienisch; es=spanisch; ru=russisch; el=griechisch;
        pl=polnisch; cs=tschechisch; nl=niederländisch; sv=schwedisch; da=dänisch; hu=ungarisch; tr=türkisch;
        ja=japanisch; zh=chinesisch; ar=arabisch; pt=portugiesisch; he=hebräisch; fi=finnisch; uk=ukrainisch
    """),
    "uk": _table("""
        en=англ.; de=нім.; fr=фр.; es=ісп.; it=італ.; la=лат.; grc=дав.-гр.; el=грец.; ru=рос.; be=біл.;
        pl=пол.; cs=чеськ.
    """),
    "ja": _table("""
        en=英語; de=ドイツ語; fr=フランス語; es=スペイン語; it=イタリア語; la=ラテン語; ru=ロシア語;
        zh=中国語; ko=朝鮮語
    """),
}
SEPARATORS = {"en": ": ", "de": " ", "ru": " ", "uk": " ", "ja": ": "}


def labelled(a: Arguments) -> str | None:
    """`{{lang-fr|mot}}` as "French: mot" where the wiki's word for the language is known, else "mot"."""
    _, _, code = a.name.partition("-")
    return _labelled(code, parameter(1, a), a)


def labelled_by_prefix(a: Arguments) -> str | None:
    """`{{frS|mot}}` of German Wikipedia."""
    return _labelled(a.name.removesuffix("s"), parameter(1, a), a)


def labelled_by_parameter(a: Arguments) -> str | None:
    """`{{langx|fr|mot}}`, which replaced `{{lang-fr|mot}}` on English Wikipedia in 2024."""
    return _labelled(a[1], parameter(2, a), a)


def _labelled(code: str, text: str | None, a: Arguments) -> str | None:
    label = "" if "short" in code else LABELS.get(a.language, {}).get(code.partition("-")[0], "")
    return f"{label}{SEPARATORS[a.language]}{text}" if text and label else text
