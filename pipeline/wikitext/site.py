"""What a wiki calls its namespaces, as far as markup needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FILE, TEMPLATE, CATEGORY = 6, 10, 14

# A dump's siteinfo lists one name a namespace, but pages also use older aliases, and text that was translated
# or copied brings the names of other wikis along.
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
|catagóir|categori|rummad|kategoriija|კატეგორია|կատեգորիա|санат|төркем|kaarangay|kaurian|jamii|kawan
"""


def _numbers(names: str, number: int) -> dict[str, int]:
    return dict.fromkeys("".join(names.split("\n")).split("|"), number)


CANONICAL = _numbers(FILE_NAMES, FILE) | _numbers(CATEGORY_NAMES, CATEGORY) | {"media": -2, "template": TEMPLATE}
ENGLISH = frozenset(["file", "image", "template", "category"])  # every wiki understands these beside its own names


@dataclass(frozen=True)
class Site:
    """A wiki's language and namespace names, from a dump's `<siteinfo>`; without one, English Wikipedia's.

    `namespaces` maps a name or an alias, in any case, to its number.
    """

    name: str = "enwiki"
    language: str = "en"
    namespaces: Mapping[str, int] = field(default_factory=dict)
    _certain: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = {_plain(name): number for name, number in self.namespaces.items()}
        object.__setattr__(self, "namespaces", CANONICAL | own)
        object.__setattr__(self, "_certain", ENGLISH | own.keys())

    def namespace_of(self, title: str) -> int:
        """The namespace of a link's target: 0 where it names none.

        In "Imagine: John Lennon" the blank tells a title from the Romanian word for an image.
        """
        prefix, colon, page = title.partition(":")
        name = _plain(prefix)
        if not colon or (page[:1].isspace() and name not in self._certain):
            return 0
        return self.namespaces.get(name, 0)


def _plain(name: str) -> str:
    # Right-to-left text often carries invisible direction marks before a link's target.
    return " ".join(name.replace("_", " ").strip(" \u200e\u200f").split()).lower()
