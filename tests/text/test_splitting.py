import pytest

from pipeline.text.splitting import split_text, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", "hello world"),
        ("It's a well-known “fact”.", "its a wellknown fact"),  # as in the book
        ("from 1939–1945 and/or later—much later…then", "from 1939 1945 and or later much later then"),
        ("the U.S. paid $3,000.50 (about 5%)", "the us paid 300050 about 5"),
        ("«Да», сказал он; ¿qué?", "да сказал он qué"),
        ("Ἀρχή· καὶ τέλος·", "ἀρχή καὶ τέλος"),
        ("مرحبا، بالعالم؟", "مرحبا بالعالم"),
        ("हिन्दी में लिखा। ठीक", "हिन्दी में लिखा ठीक"),  # combining vowel signs stay
        ("soft\u00adhyphen, no\u00a0break \u200eleft \u061cright i\ufe0f", "softhyphen no break left right i"),
        ("これは日本語です。東京の well-known 2018年", "これ は 日本語 です 東京 の wellknown 2018 年"),
        ("北京是中华人民共和国的首都。", "北京 是 中华 人民 共和国 的 首都"),
        ("ภาษาไทยเป็นภาษา", "ภาษา ไทย เป็น ภาษา"),
        ("한국어는 띄어쓰기가 있다", "한국어는 띄어쓰기가 있다"),
        ("བོད་ཡིག", "བོད ཡིག"),
        ("zero\u200bwidth", "zero width"),
        ('治"天下大"王, 他说,你好', "治 天下 大 王 他 说 你好"),  # a mark parts what ICU would join
        ("a--b ---c -d- ‐e", "a b c d e"),
        ("Straße İstanbul ΣΑΣ", "straße istanbul σας"),
        ("  ", ""),
        ("—", ""),
    ],
)
def test_words_of_a_sequence(text: str, words: str) -> None:
    found, lengths = split_words(["x", text, text], "en")
    assert found.to_pylist() == ["x", *words.split(), *words.split()]
    assert lengths.tolist() == [1, len(words.split()), len(words.split())]


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Mr. Smith went to St. Louis. He stayed.", ["Mr. Smith went to St. Louis.", "He stayed."]),
        ("en", "J. R. R. Tolkien wrote it in 1937. It sold.", ["J. R. R. Tolkien wrote it in 1937.", "It sold."]),
        ("de", "Er kam um ca. 3 Uhr. Dr. Maier ging.", ["Er kam um ca. 3 Uhr.", "Dr. Maier ging."]),
        ("ja", "これは本です。それはペンです。", ["これは本です。", "それはペンです。"]),
        ("hi", "यह एक है। वह दो है।", ["यह एक है।", "वह दो है।"]),
        ("ltg", "Pyrmais teikums. Ūtrais teikums.", ["Pyrmais teikums.", "Ūtrais teikums."]),
        ("en", "One paragraph\nAnother", ["One paragraph", "Another"]),
    ],
)
def test_sentences_follow_the_rules_of_the_language(language: str, text: str, sentences: list[str]) -> None:
    assert [sentence.strip() for sentence in split_text(text, "sentence", language)] == sentences
