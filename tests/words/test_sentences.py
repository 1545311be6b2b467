"""Sentences: cases by hand for each language and script, and what holds for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.words.sentences import split_sentences
from tests.waiting import cpu_seconds

# A bar stands where a sentence ends inside the paragraph.
CASES = [
    ("en", "The road climbs the hill (12 m) Foo built.|It ends there.|1. First comes this.|2. Second comes that."),
    ("en", "The road climbs the hill (12 m).|Foo built it."),
    ("en", "Mr. J. R. Miller met Dr. Lee at 5 p.m. on Monday.|They left."),
    ("en", "The U.S. Army paid $3.50 a head, e.g. Ohio's men.|Nobody paid more."),
    ("en", 'He was born in 1936.|In 1937. the family moved.|She said "No."|He said (quietly) "Yes!"|They left.'),
    ("en", '"Stop!" he cried.|"Why?" she asked.|It rained in 1990.|15 people came.'),
    ("en", "See fig. 3 and no. 5 of vol. 2, approx. 9 pages.|They differ from vol. I, II and vol. XII.|It is long."),
    ("en", "Wait...|What?!|No.|Text [...] goes on.|More text follows.[1]|And ends. [2]|Here."),
    ("en", "It sold well.|iPhones sold better.|The letter from McDonald's.|It was short."),
    ("en", "He left Example.org.|She stayed.|It measured 10 km.|Then it shrank."),
    ("en", "Paris (ital. Parigi, lat. Lutetia) is old.|It grew.|They saw Good Bye, Lenin! (2003) twice.|It was fun."),
    ("en", "the king rules the land.|a queen (no less) rules, too!|nobody (e.g. dr. lee) minds."),
    ("en", "It came to the U.S. Navy.|It came to the U.S.|In 1990 it left Washington, D.C.|The rest stayed."),
    ("en", "He fought in World War I.|They ate vitamin A.|A man of John A. A. Smith's came."),
    ("en", "Warner Bros. Records grew.|It is owned by Warner Bros.|In 1999 it shrank to 2.6 mpg.|He left."),
    ("de", "Am 16. Mai 1813 kam Dr. Huber.|Im 19. Jahrhundert war das z. B. üblich."),
    ("de", "Das gilt u. a. Bauern, Bürgern usw.|Danach kam der 1. FC Nürnberg.|„Ja.“|Er ging.|»Nein!«|Sie blieb."),
    ("de", "Er verkaufte ca. 10 Stück.|1924 kam ein zweites.|Im II. Weltkrieg fiel es.|Es war 1936.|Dann wuchs es."),
    ("de", "Er diente Friedrich III.|Sie lag am Platz 2.|Der General a. D. kam nach Frankfurt a. Main.|Er blieb."),
    ("als", "Am 3. Mai isch dr Dr. Huber cho.|Er isch bliibe."),
    ("et", "16. oktoobril 1990. aastal sündis prof. Tamm.|Ta läks 19. sajandil ära.|Keskmine on 70 mm.|Siis sajab."),
    ("et", "see oli 1990. aastal."),
    ("hr", "Godine 1237. grad je imao 12. okrug.|Umro je 1944.|Kći je igrala u 2. HNL."),
    ("hr", "Bio je 25.|U 26. godini ga je susreo Fridrik I. Berlin.|Vidio je vrh.|Pao je."),
    ("sr", "Рођен је 13. марта 1921. године код др. Петровића.|Умро је 1990.|Сахрањен је."),
    ("sl", "Leta 1848. je bil 2. Kongres.|Dr. Novak je šel."),
    ("lv", "No 1949. līdz 1990. gadam pilsēta bija dalīta.|Tā auga 20. gadsimtā.|Koncerts plkst. 19.|Visi nāca."),
    ("lv", "Piedalās 1. – 9. klase."),
    ("lt", "Gim. 1936 m. Vilniuje, Gedimino g. Nr. 5.|Gyveno ilgai.|Jis mirė 1950 m.|Tai buvo Mindaugas I.|Jis valdė."),
    ("pl", "W 1936 r. odbyły się igrzyska.|Urodził się w 1936 r.|Mieszkał przy ul. Długiej w kościele św. Jana."),
    ("pl", "Miasto liczyło 5 tys.|W nim mieszka 10 tys. Polaków."),
    ("cs", "V 19. století žil tzv. Velký ing. Novák.|Zemřel roku 1918.|Potom přišel tř. Míru 5."),
    ("cs", "K 1. 1. 2016 žilo 12 lidí.|Dne 12. 5. 1945 přišlo 15.|30 odešlo 6. 7. 1950.|Zůstal 12.|5. 5. 1990 odešel."),
    ("sk", "V 19. storočí žil dr. Novák.|Zomrel.|Bol to prst."),
    ("hu", "1848. március 15-én II. Lajos és Dr. Kovács jött.|Kenyér, bor stb.|Aztán elment."),
    ("fi", "Hän syntyi 6. joulukuuta esim. Turussa.|Hän kuoli vuonna 1944.|Siitä kirjoitti prof. Salo."),
    ("nb", "Den 17. mai kom ca. 10 folk til St. Olav.|De gikk.|Frp.|Høyre."),
    ("da", "I det 19. århundrede boede hr. Jensen der.|Han døde i 1901."),
    ("sv", "Den 2. maj kom bl.a. Hr. Ek och hans fru.|De gick hem.|”Ja.”|Han log."),
    ("nl", "Hij kwam.|'s Avonds ging dhr. Jansen.|'t Is laat, aldus o.a. Piet.|Zij las blz. 12.|Hij sliep."),
    ("fr", "M. Dupont vécut au Ier siècle av. J.-C. à Lyon.|Il y mourut.|« Oui. »|Il partit, dit Mme. Petit."),
    ("fr", "Il cria « Non ! » et sortit.|C'est l'art. 5 qui le dit."),
    ("fr", "C'est de l'art.|Il aime ça.|Il mesure 5 mm.|MM. Petit le virent sous Dagobert I.|Il mourut."),
    ("ca", "L'any 50 a. C. va néixer.|Va morir el 20 d. C.|Roma era gran."),
    ("es", "El Sr. García llegó a EE. UU.|¿Qué pasó?|¡Nada!|Murió en el 50 a.C.|Roma ganó."),
    ("es", "Vivió en el siglo V a. C. en Grecia.|Allí murió."),
    ("eu", "II. Mundu Gerra 1945ean amaitu zen, adib. Europan.|Ondoren hiria hazi zen."),
    ("id", "PT. Telkom didirikan oleh KH. Ahmad dan Ir. Moh. Hatta.|Kota ini luas."),
    ("it", "Il sig. Rossi e l'ing. Bianchi arrivarono.|Era il 50 a.C. circa.|Poi, ecc.|Fine."),
    ("it", "Nel sec. V a. C. visse.|Durò 20 sec.|Il resto no."),
    ("la", "Saec. I a.C.n. Ti. Gracchus et App. Claudius vixerunt.|Urbs erat magna."),
    ("pt", "O Dr. Silva vive na Av. Central, n.º 5.|A Sra. Costa saiu no séc. XIX.|Foi no séc. V a. C. em Roma."),
    ("ro", "Dl. Popescu s-a născut în anul 50 î.Hr.|A murit la Roma în sec. I î. Hr. acolo."),
    ("tr", "19. yüzyılda Prof. Dr. Ali geldi.|II. Dünya Savaşı başladı.|M.Ö. 500 yılıydı."),
    ("ru", "В 1990 г. он жил на ул. Ленина и т. д.|Потом уехал А. С. Иванов."),
    ("ru", "Он родился в 1990 г.|Москва выросла.|17 апреля он ушёл."),
    ("ru", "Город (нем. Berlin) вырос на 5 км.|Затем уменьшился."),
    ("ru", "Он родился 5 янв. 1900 г. в г. Москва на оз. Сенеж.|В 1920 г. его видел Пётр I.|Он умер."),
    ("uk", "У 1990 р. він жив у м. Київ на вул. Садовій біля р. Дніпро.|Потім поїхав у XX ст.|Про це є у ст. 5."),
    ("bg", "Роден е през 1990 г. в гр. Русе.|Живее на ул. Дунав."),
    ("el", "Τι είναι;|Είναι ο κ. Παπάς.|Έζησε το 50 π.Χ. στη Ρώμη.|Πέθανε."),
    ("hy", "Քաղաքը մեծ է։|Այն հին է:|Ծնվել է 1990 թ. Երևանում։"),
    ("hyw", "Ծնած է 1990 թ. Երեւանի մէջ։|Դր. Մ. Պետրոսեան եւ պրոֆ. Յակոբեան եկան:|Գնացին։"),
    ("ka", "ქალაქი დიდია.|ის ძველია ძვ. წ. V საუკუნიდან.|იხ. ისტორია."),
    ("ar", "جاء د. أحمد.|هل بقي؟|نعم؛ بقي.|ولد عام 570 م. في مكة."),
    ("fa", "او آمد.|آیا ماند؟|بله."),
    ("ur", "یہ ایک ہے۔|وہ دو ہے۔"),
    ("he", 'ד"ר כהן בא.\u200f|א. ב. לוי כתב.|"כן."|הוא הלך.'),
    ("hi", "डॉ. राम ने बी. आर. से कहा।|वह गया॥ १ ॥|वह ई. पू. 500 में था।"),
    ("mr", "डॉ. राम आले.|ते गेले."),
    ("bn", "ড. রহিম এলেন।|সে গেল।|খ্রি. পূ. ৩০০ সালে এ. কে. হক এলেন।"),
    ("ta", "திரு. ராமன் கி.பி. 1000 இல் வந்தார்.|அவர் சென்றார்.|எம். ஜி. ஆர். மு. வரதராசன் வந்தார்."),
    ("te", "డా. బి. ఆర్. అంబేద్కర్ వచ్చాడు.|ఎన్. టి. రామారావు నటుడు.|ఇది పెద్దది."),
    ("kn", "ಡಾ. ರಾಜ್ ಬಂದರು.|ಕೆ. ಎಸ್. ನರಸಿಂಹಸ್ವಾಮಿ ಕವಿ.|ಇದು ನಗರ."),
    ("ml", "ഡോ. പൽപ്പു വന്നു.|എം. ടി. നായർ എഴുത്തുകാരൻ ആണ്.|ഇത് നഗരം ആണ്."),
    ("gu", "ડૉ. આંબેડકર આવ્યા.|એમ. કે. ગાંધી મહાન છે.|શહેર મોટું છે."),
    ("sat", "ᱱᱚᱣᱟ ᱢᱤᱫ᱾|ᱵᱟᱨ᱾"),
    ("km", "ប្រទេសធំ។|មានផ្លែឈើ ។ល។|ផ្សារ៕|ចប់។"),
    ("bo", "སྐད་ཡིག་ཡིན། །|དེ་ནས་ཡོད།།|གཞན་ཡང་།"),
    ("dz", "འབྲུག་ཡུལ་ཨིན།|དེ་ནས་ཡོད།"),
    ("am", "ከተማው ትልቅ ነው።|የት ነው፧|እዚህ ነው፡፡|በ1990 ዓ.ም. ነበር።"),
    ("ti", "ከተማ ዓባይ እዩ።|ኣበይ ኣሎ፧|ኣብዚ።"),
    ("my", "ရန်ကုန်၏ မြို့သည် ကြီး၏။|၎င်းသည် ၊ ဟောင်းသည်။"),
    ("th", "ใน ค.ศ. 1932 สยาม เปลี่ยน ดร. สมชาย มา"),
    ("lo", "ລາວໃຫຍ່.|ໃນ ຄ.ສ. 1975 ມີ"),
    ("vi", "TP. Hồ Chí Minh là thành phố.|Đây là GS. Trần."),
    ("ja", "彼は「行く。」と言った。|「はい。」|そう。|本当！？|次。"),
    ("ja", "円周率は3．14です。|注（古い。）|終わり。|彼は「いや。」。|以上。"),
    ("zh", "他说：“好。”|然后走了。|她笑……走。|（完。）|下。"),
    ("ko", '그는 왔다.|"갔다."|2.5배가 되었다.'),
    ("crh", "Atatürk cad. Aqmescit.|Soñ."),
    ("xx", "Prof. Foo came to St. Bar.|Nobody stayed."),
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_sentences_end_where_a_reader_ends_them(language: str, marked: str) -> None:
    gap = "" if language in ("ja", "zh") else " "
    found = split_sentences(marked.replace("|", gap), language)
    assert [sentence.strip() for sentence in found] == marked.split("|")


@given(
    st.sampled_from(["en", "de", "ja", "bo", "hi", "el", "th", "xx"]),
    st.lists(
        st.one_of(
            st.text(max_size=5),
            st.sampled_from([*'?…"()「」。 \u00a0', ". ", "! ", "...", "། ", "॥ १ ॥", "፡፡", "។ល។"]),
            st.sampled_from([*"Ab．;", "Dr", "12", "1990", "word", "Longer", "'s", "e.g", "- ", "[1]", "XI"]),
        ),
        max_size=30,
    ).map("".join),
)
@settings(max_examples=160)
def test_sentences_joined_are_the_paragraph(language: str, paragraph: str) -> None:
    sentences = split_sentences(paragraph, language)
    assert "".join(sentences) == paragraph
    assert all(sentences)


HOSTILE = [
    "a. ", "(((((", '"', "...", "1. ", '. " ', ".)", "a.b.", "A. B. ", "! ", ". »", "。", "。、", "。」と", "།", "། ",
    "፡፡", "॥ १ ", "1", "។ល។", "( . ", ". - ", ".\u00a0", "[1]", ".[1]", "a. b ", "'",
    ".'s ", "܀ ", "．1", "  ", "I. ", "٠. ",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_time_grows_with_the_length(part: str) -> None:
    """Four times the length may cost nine times the time; a square would be sixteen."""
    small, large = part * (25_000 // len(part)), part * (100_000 // len(part))
    for _ in range(10):
        once, often = (cpu_seconds(split_sentences, text, "hi") for text in (small, large))
        if often < 9 * max(once, 0.002):
            return
    raise AssertionError(f"{once:.3f} s, then {often:.3f} s")
