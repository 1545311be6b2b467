import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings.text_sections import Tokens
from pipeline.words.words import split_words

DROPPED = [  # marks; rows of a language, a text, its words
    ("en", " — ", ""),
    ("en", "Hello, World! It's a well-known “fact”. བོད་ཡིག", "hello world its a wellknown fact བོད ཡིག"),
    ("en", "from 1939–1945 and/or later—much later…then", "from 1939 1945 and or later much later then"),
    ("en", "the U.S. paid $3,000.50 (about 5%) Ἀρχή· καὶ τέλος·", "the us paid 300050 about 5 ἀρχή καὶ τέλος"),
    ("en", "«Да», сказал он; ¿qué? مرحبا، بالعالم؟ zero\u200bwidth", "да сказал он qué مرحبا بالعالم zero width"),
    ("en", "हिन्दी में लिखा। ठीक 北京是中华人民共和国的首都。", "हिन्दी में लिखा ठीक 北京 是 中华 人民 共和国 的 首都"),
    ("en", "soft\xadhyphen, no\xa0break \u200eleft \u061cright i\ufe0f", "softhyphen no break left right i"),
    ("en", "これは日本語です。東京の well-known 2018年", "これ は 日本語 です 東京 の wellknown 2018 年"),
    ("en", "ภาษาไทยเป็นภาษา a--b ---c -d- ‐e", "ภาษา ไทย เป็น ภาษา a b c d e"),
    ("en", '治"天下大"王, 他说,你好', "治 天下 大 王 他 说 你好"),  # a mark parts what ICU would join
    ("en", "Straße İstanbul ΣΑΣ ISPARTA İzmir", "straße istanbul σας isparta izmir"),
    ("en", "Ο ΛΟΓΟΣ (logos) compete...That end. cafe\u0301", "ο λογος logos compete that end café"),
    ("en", "10×20 2+2=4 500±100 35°13′ C≡C x<y→z 5÷2", "10 20 2 2 4 500 100 35 13 c c x y z 5 2"),
    ("en", "foo(bar) word[s] foo,bar;baz? 3,000 S9 1:250,000", "foo bar word s foo bar baz 3000 s9 1 250000"),
    ("en", "AT&T US$9 R&B foo_bar e.g. node.js", "att us9 rb foobar eg nodejs"),
    ("tr", "ISPARTA İzmir I\u0307ğdır IRMAK Hürriyet'in “Ulus”ta", "ısparta izmir iğdır ırmak hürriyetin ulusta"),
    ("az", "BAKI İçərişəhər", "bakı içərişəhər"),
    ("crh", "QIRIM İnkerman", "qırım inkerman"),
    ("lt", "ĮSTATYMAS Ìr JI", "įstatymas ìr ji"),
    ("de", "STRASSE Straße ẞ", "strasse straße ß"),
    ("el", "ΟΔΥΣΣΕΑΣ, ΑΣ. Σ' ένα ΣΑΣ", "οδυσσεας ας σ ένα σας"),
    ("ko", "베를린(독일어: Berlin)은 한국·일본 “서울”은", "베를린 독일어 berlin 은 한국 일본 서울은"),
    ("am", "ኢትዮጵያ(Ethiopia)፡ሰላም፣ዓለም።", "ኢትዮጵያ ethiopia ሰላም ዓለም"),
    ("ar", "شبريه(Spree)،نهر العربـــية مُحَمَّد و«الكتاب» ١٬٠٠٠", "شبريه spree نهر العربية محمد والكتاب ١٠٠٠"),
    ("ur", "یہ ہے۔وہ", "یہ ہے وہ"),
    ("fa", "می\u200cخواهم \u200c \u200cکتاب", "می\u200cخواهم کتاب"),
    ("fa", "است\u200c، «است\u200c» می\u200c\u200cشود ه\u200d", "است است می\u200cشود ه\u200d"),
    ("te", "నగర్\u200c నగర్\u200cలో (నగర్\u200c).", "నగర్ నగర్\u200cలో నగర్"),
    ("he", 'צה"ל צה״ל שָׁלוֹם בית־ספר ב"הארץ"', "צהל צהל שלום ביתספר בהארץ"),
    ("yi", "ייִדיש אַ", "ייִדיש אַ"),
    ("hy", "Ինչո՞ւ է՝ այո՛։", "ինչու է այո"),
    ("ru", "Москва\u0301 (Росси\u0301я),река; 16:00, №5", "москва россия река 16 00 5"),
    ("mk", "Ѓорѓи и г\u0301", "ѓорѓи и ѓ"),  # g with an acute is a letter
    ("uk", "м’ята м'ята мʼята", "мята мята мята"),
    ("be-tarask", "сʼезд", "сезд"),
    ("uz", "oʻzbek o‘zbek o'zbek", "ozbek ozbek ozbek"),
    ("th", "ใน พ.ศ. 2475 พศ", "ใน พศ 2475 พศ"),
    ("my", "သူ၏ ဥရောပတိုက်၌ ၎င်း။ ၍", "သူ ၏ ဥရောပတိုက် ၌ ၎င်း ၍"),
    ("hi", "डॉ॰ राम।श्याम १२,३४५ क,ख", "डॉ राम श्याम १२३४५ क ख"),
    ("bn", "১২:৩০ ১,২৩৪ ক:খ", "১২ ৩০ ১২৩৪ কখ"),
    ("ja", "ＡＢＣ２０１８年（平成）S9,S45 ｶﾞｽ", "abc2018 年 平成 s9 s45 ガス"),
    ("zh", "作者：鲁迅《呐喊》", "作者 鲁迅 呐喊"),
    ("ca", "col·lecció d'«art»", "collecció dart"),
    ("sv", "EU:s 1:a klockan 12:30", "eus 1a klockan 12 30"),
    ("haw", "Hawaiʻi", "hawaiʻi"),
]
KEPT = [  # marks, as words or within one
    ("en", "“It's a well-known fact,” she said.", "“ it's a well-known fact , ” she said ."),
    ("en", "the U.S. paid $3,000.50 (about 5%)...", "the u.s . paid $ 3,000.50 ( about 5 % ) . . ."),
    ("en", "dogs' AT&T foo--bar 10×20 at 12:30, and/or", "dogs ' at&t foo - - bar 10 × 20 at 12 : 30 , and / or"),
    ("en", "soft\xadhyphen zero\u200bwidth \u200c", "softhyphen zero width"),
    ("te", "నగర్\u200c నగర్\u200cలో (నగర్\u200c).", "నగర్ నగర్\u200cలో ( నగర్ ) ."),
    ("de", "„Ja“, sagte er – 1939–1945.", "„ ja “ , sagte er – 1939 – 1945 ."),
    ("ko", "베를린(독일어: Berlin)은 한국·일본", "베를린 ( 독일어 : berlin ) 은 한국 · 일본"),
    ("ja", "これは「本」です。", "これ は 「 本 」 です 。"),
    ("he", 'צה"ל אמר "שלום"', 'צה"ל אמר " שלום "'),
    ("ca", "Col·lecció", "col·lecció"),
    ("sv", "EU:s mål:", "eu:s mål :"),
    ("my", "သူ၏ မြို့။", "သူ ၏ မြို့ ။"),
    ("hy", "Ինչո՞ւ։", "ինչո՞ւ ։"),
    ("hi", "यह है।", "यह है ।"),
    ("ar", "مُحَمَّد، نعم؟", "محمد ، نعم ؟"),
    ("el", "ΣΑΣ;", "σας ;"),
    ("uz", "oʻzbek o‘zbek", "o'zbek o'zbek"),
    ("th", "พ.ศ. 2475", "พ.ศ . 2475"),
]
CAPITALS = [("de", "The U.S. (USA), Ärger", "The US USA Ärger"), ("tr", "ISPARTA ΣΑΣ", "ISPARTA ΣΑΣ")]
NUMBERS = "In 1939–1945 3,000.50 of 20th B52 ١٢٣ ১২,৩৪৫ ½ 10×20 12:30"


@pytest.mark.parametrize(
    ("settings", "language", "text", "words"),
    [
        *((Tokens(), *case) for case in DROPPED),
        *((Tokens(punctuation="keep"), *case) for case in KEPT),
        *((Tokens(lowercase=False), *case) for case in CAPITALS),
        (Tokens(digits="zero", punctuation="keep"), "en", NUMBERS, "in 0 – 0 0 of 20th b52 0 0 0 0 × 0 0 : 0"),
    ],
)
def test_words_of_a_sequence(settings: Tokens, language: str, text: str, words: str) -> None:
    found, lengths = split_words(["x", text, text], language, settings)
    assert found.to_pylist() == ["x", *words.split(), *words.split()]
    assert lengths.tolist() == [1, len(words.split()), len(words.split())]


SETTINGS = st.builds(
    Tokens,
    lowercase=st.booleans(),
    punctuation=st.sampled_from(["drop", "keep"]),
    digits=st.sampled_from(["keep", "zero"]),
)
# Letters and marks of many scripts; not those without blanks, in which the words around one may decide where it ends.
PIECES = st.sampled_from(
    [
        *"aIİıßΣσςéЯ́ѓ한ክאשًّـ٫٣১क्ʻ½²Ａ９",
        *" \n\t.,:;'’-–—(«»“”\"·×+<…&@_/%$€°′։՞॰।፡״־،،",
        *"\u0301\u0307\u200b\u200c\u200d\u00ad\u05b7\u0338",
        *("--", "..", "I\u0307", "U.S.", "3,000", "12:30"),
    ]
)
TEXTS = st.lists(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=8), max_size=4)


@hypothesis.settings(max_examples=160)
@given(SETTINGS, st.sampled_from(["en", "tr", "yi"]), TEXTS)
def test_splitting_words_again_changes_nothing(settings: Tokens, language: str, texts: list[str]) -> None:
    texts = [text.replace("\n", " ") for text in texts]  # a sequence is one line
    words, lengths = split_words(texts, language, settings)
    found = words.to_pylist()
    assert lengths.sum() == len(found)
    assert not any(word.split() != [word] for word in found)
    ends = lengths.cumsum()
    rows = [found[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    again, lengths_again = split_words([" ".join(row) for row in rows], language, settings)
    assert again.to_pylist() == found
    assert lengths_again.tolist() == lengths.tolist()
    alone = [split_words([text], language, settings)[0].to_pylist() for text in texts]
    assert alone == rows
    if settings.punctuation == "drop" and settings.digits == "keep":  # marks are all that is dropped
        assert not set("".join(found)) & set("\n\t.,:;'’-–—(«»“”\"·×+<…&@_/%$€°′։՞॰।፡״־،")
