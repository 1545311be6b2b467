"""The names of a wiki's namespaces that markup depends on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

FILE, TEMPLATE, CATEGORY = 6, 10, 14

# A dump's siteinfo lists one name per namespace, but pages also use older aliases, and translated or copied text has
# the names of other wikis.
FILE_NAMES = """
file|image|datei|bild|fichier|archivo|imagen|immagine|ficheiro|arquivo|imagem|bestand|afbeelding|plik|grafika
|fil|billede|tiedosto|kuva|soubor|obrázek|súbor|obrázok|fájl|kép|fișier|fişier|imagine|файл|изображение
|зображення|датотека|слика|datoteka|slika|картинка|выява|αρχείο|εικόνα|dosya|resim|şəkil|fayl|ملف|صورة|پرونده
|تصویر|קובץ|תמונה|चित्र|फ़ाइल|படிமம்|దస్త్రం|చిత్రం|ചിത്രം|প্রমাণ|চিত্র|ไฟล์|ภาพ|tập tin|hình|berkas|gambar|imej
|ファイル|画像|文件|图像|圖像|檔案|파일|그림|attēls|fails|vaizdas|failas|pilt|fitxategi|irudi|fitxer|imatge|skrá|mynd|íomhá
|delwedd|restr|dosiero|skeda|imago|ficheru|imaxe|pildid|სურათი|ფაილი|պատկեր|сурет|сүрәт|рәсем|wêne|talaksan
|larawan
"""
CATEGORY_NAMES = """
category|kategorie|catégorie|categoría|categoria|categorie|kategoria|kategori|luokka|kategória|kategooria
|kategorija|kategoreja|kategorio|kategorîya|категория|категорія|категорија|катэгорыя|κατηγορία|kateqoriya|turkum
|تصنيف|رده|قطعه|קטגוריה|श्रेणी|वर्ग|பகுப்பு|వర్గం|വർഗ്ഗം|বিষয়শ্রেণী|หมวดหมู่|thể loại|カテゴリ|分类|分類|분류|flokkur
|catagóir|categori|rummad|kategoriija|კატეგორია|կատեգորիա|санат|төркем|kaarangay|kaurian|jamii|kawan"""

# Wikis of languages with both ı and i, in which MediaWiki makes a title's first i an İ.
DOTTED = frozenset(["az", "kaa", "tr"])
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]+")  # which MediaWiki removes from titles


def capitalized(text: str, language: str) -> str:
    """Return a text with a capital first letter, as MediaWiki writes the titles of a language's wikis."""
    dotted = text.startswith("i") and language in DOTTED
    return ("İ" if dotted else text[:1].title()) + text[1:]  # Georgian capitals never begin a word


def names(table: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(table.split())


def entries(table: str, separator: str = "|") -> list[str]:
    """Return the entries of a table; lines may break between any two words."""
    return [entry.strip() for entry in " ".join(table.split()).split(separator)]


# The codes of Wikipedias: a prefix of a link, in any case and with blanks around it, that means another language.
CODES = names("""
    aa ab ace ady af ak als alt am ami an ang ann anp ar arc ary arz as ast atj av avk awa ay az azb ba ban bar
    bat-smg bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm bug bxr ca cbk-zam cdo ce ceb ch
    cho chr chy ckb co cr crh cs csb cu cv cy da dag de dga din diq dsb dtp dty dv dz ee el eml en eo es et eu ext fa
    fat ff fi fiu-vro fj fo fon fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor got gpe gsw gu guc gur guw gv ha
    hak haw he hi hif ho hr hsb ht hu hy hyw hz ia iba id ie ig igl ii ik ilo inh io is it iu ja jam jbo jv ka kaa kab
    kbd kbp kcg kg kge ki kj kk kl km kn knc ko koi kr krc ks ksh ku kus kv kw ky la lad lb lbe lez lfn lg li lij lld
    lmo ln lo lrc lt ltg lv lzh mad mai map-bms mdf mg mh mhr mi min mk ml mn mni mnw mos mr mrj ms mt mul mus mwl my
    myv mzn na nah nan nap nds nds-nl ne new ng nia nl nn no nov nqo nr nrm nso nup nv ny oc olo om or os pa pag pam
    pap pcd pcm pdc pfl pi pih pl pms pnb pnt ps pt pwn qu rm rmy rn ro roa-rup roa-tara rsk ru rue rup rw sa sah
    sat sc scn sco sd se sg sgs sh shi shn si simple sk skr sl sm smn sn so sq sr srn ss st stq su sv sw syl szl szy ta
    tay tcy tdd te tet tg th ti tig tk tl tly tn to tok tpi tr trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls
    vo vro wa war wo wuu xal xh xmf yi yo yue za zea zgh zh zh-classical zh-min-nan zh-yue zu""")
CANONICAL = dict.fromkeys(entries(FILE_NAMES), FILE) | dict.fromkeys(entries(CATEGORY_NAMES), CATEGORY)
CANONICAL |= {"media": -2, "template": TEMPLATE}
# Every wiki understands these and its own names.
ENGLISH = {"file": FILE, "image": FILE, "template": TEMPLATE, "category": CATEGORY}


def language_of(code: str) -> str:
    """Return the language of a wiki's code without its variant: zh for zh-TW, but zh-yue, which has a Wikipedia."""
    code = code.lower()
    language = code if code in CODES else code.partition("-")[0]
    return {"no": "nb", "simple": "en"}.get(language, language)


@dataclass(frozen=True)
class Site:
    """A wiki's language and namespace names, from a dump's `<siteinfo>`; the default is English Wikipedia.

    `language` may be given with a variant, such as zh-TW, which `variant` keeps. `namespaces` maps a name or
    an alias, in any case, to its number; the English ones are added.
    """

    name: str = "enwiki"
    language: str = "en"
    namespaces: Mapping[str, int] = field(default_factory=dict)
    variant: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variant", self.language.lower())
        object.__setattr__(self, "language", language_of(self.language))
        own = {_plain(name): number for name, number in self.namespaces.items()}
        object.__setattr__(self, "namespaces", ENGLISH | own)

    def namespace_of(self, title: str) -> int:
        """Return the namespace of a link's target; 0 if it names none.

        In "Imagine: John Lennon" the blank distinguishes a title from the Romanian word for an image.
        """
        prefix, colon, page = title.partition(":")
        if not colon:
            return 0
        name = _plain(prefix)
        return self.namespaces.get(name, 0 if page[:1].isspace() else CANONICAL.get(name, 0))


def _plain(name: str) -> str:
    # Right-to-left text often has invisible direction marks before a link's target.
    return " ".join(name.replace("_", " ").strip(" \u200e\u200f").split()).lower()
