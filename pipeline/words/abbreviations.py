"""Tables of what a period after a short word means, by language.

sentences.py knows initials, words without a vowel (`Dr.`, `nr.`, `bzw.`) and `e.g.` by their form, and no period after
a short word ends a sentence before lower case. These lists hold what is left: words of at most six letters, in lower
case but for those that are abbreviations in capitals alone.
"""

# Before a name or a number, in every language.
COMMON = "prof ing gen col mons cf ca"

# Before a name or a number. `II.` is the ordinal of a king, a war, a department: `II. Rákóczi Ferenc`.
ABBREVIATIONS = {
    "af": "mej mev adv ds genl kol",
    "az": "akad dos müəl ped",
    "be": "акад вул гл дац ім напр праф рэд св",
    "bg": "акад арх бул ген гл доц инж напр ок полк проф св ул",
    "bn": "অধ্যা আর আই এইচ এক্স এন এফ এম এল এস কিউ কে খ্রি জি জে টি ড ডা ডি পি পূ প্রফে বি ভি মো মোঃ মোহা শ্রী সি সৈ",
    "ca": "a aprox av avda excm fra núm pl sra srta",
    "cs": "angl bc cca čl doc judr mgr mudr nám např odst phdr plk popř pplk resp řím sv tř tzv ul zvl",
    "da": "adv bl cand dir eks hr jf kap kgl mag sct skt sml stud",
    "de": """a abs abt aufl bd bde bspw bzw dipl dt ehem engl evtl exkl fa fam franz geb gebr gem gest ggf griech
        habil hl hll hrn hrsg ill inkl insb jur kap lat med österr phil röm sen sog theol verh vgl zit zzgl II III IV
        VI VII VIII IX XI XII XIII XIV XV XVI""",
    "el": "αγ αρ βλ δηλ εκδ κα καθ κος κυρ λεωφ οδ πλ πρβλ σελ στρ τηλ τομ υπ χιλ",
    "en": """adm assoc brig bros capt co cmdr dept det eg esp gens gov hon ie incl insp lt maj mrs mt pres prot rep
        rev sen sgt ste supt univ viz vs""",
    "eo": "ekz kp nome vd",
    "es": """a aprox arq art av avda bros cap cc cnel dña dpto dra ej excmo gral hnos ilmo lic núm pág págs pza séc
        sra srta sta tte ud uds vds vol CC EE FF""",
    "et": "akad dots ingl jr kl kol kpt lad lk ln mnt nim nr pms pst rts saks sh tel tn vt",
    "eu": "adib II III IV VI VII VIII IX XI XII XIII XIV XV XVI",
    "fi": """arab ent esim esp evl hra ital jap kiin kreik kts kuol lat mm nk ns os puh ransk ruots rva saks srk suom
        synt toht tri ukr unk ven vir vrt""",
    "fr": "adj apr av bd boul chap coll dir éd env ex fig ill me mgr mlle mme MM ste trad vic",
    "gu": "આઈ આર ઈ એ એચ એન એફ એમ એલ એસ કુ કે જી જે ટી ડી ડૉ ડો પી પૂ પ્રો બી મો યુ વી શ્રી સી સ્વ",
    "he": "גב עמ פרופ רח שד",
    "hi": "इ ई एच एन एफ एम एल कि कु जी जे टी डा डी डॉ पं पी पू पृ प्रो बी मी मो रु वी श्री सं सी आर",
    "hr": "akad bl br čl dipl dr gđa gđica gosp kap mr npr odn prim sc sl str sv tzv ul vl",
    "hu": """biz br dr ev fszt ford gr id ifj ill kb ker közp krt ld megh old özv pl ref szerk szt szül ún vö II III
        IV VI VII VIII IX XI XII XIII XIV XV XVI""",
    "hy": "ակադ թ թթ դ դր պրոֆ",
    "id": "CV KH PT brigj drs hj hlm ir jl kab kec kol let may moh no prov sdr sdri tgl ttl ust yth",
    "is": "hr próf sbr",
    "it": """a arch art artt avv cap card cfr corr dott es fig geom ibid id lett magg on pag pagg rag sec secc sig
        sigg ss tel ten ved vol vs""",
    "ka": "ახ ბერძ გერმ გვ დაახლ იხ ივ ინგლ ლათ მაგ პროფ რუს შდრ ფრანგ ძვ",
    "kk": "акад ауд инж көш қ обл",
    "kn": "ಆರ್ ಎಕ್ಸ್ ಎಚ್ ಎನ್ ಎಫ್ ಎಮ್ ಎಲ್ ಎಸ್ ಕ್ರಿ ಪ್ರೊ ಶ್ರೀ ಹೆಚ್",
    "ky": "акад көч обл",
    "la": "app imp kal saec ser sex ti",
    "lt": "akad doc g gim gyv kun m plg pr pulk pvz red sud šv vysk",
    "lv": ("akad apr aug dec doc febr ģen jan kapt latv lpp mob nod nov okt piem plkst pulkv red sal sept sv tālr tel"),
    "mk": "акад арх бр ген гр доц инж проф св ул",
    "ml": "ആർ എക്സ് എച്ച് എൻ എഫ് എൽ എസ് ക്രി പ്രൊഫ ശ്രീ",
    "mr": "अ ॲड इ एच एन एफ एम एल कि कु जी जे टी डा डी डॉ पं पी पू प्रा प्रो बी रु व्ही श्री स सी सौ आर",
    "nb": "adv avd bl cand dir eks ev hr jf jfr kap kgl mag siv sml stud tlf",
    "nl": """afd bijv blz dhr dr drs ds excl fa geb gebr id incl inst ir jhr jl kol kon luit maj mej mevr mr mw nl
        ong resp st vgl zgn""",
    "pl": """adm al ang art asp bł bp dyr ew fr gm godz hab hist im inf inż kard kol kpt ks łac mgr mjr nadk niem odn
        ok os paraf płd płk płn por pow poz ppłk proj przeł red ros sierż św tłum tys tzw ul ur ust wg wł woj wsch
        zach zm zob zwł""",
    "pt": """a aprox arq art av cap cel dep dra eng enga ex exma exmo ilmo maj núm pág pça profa rod séc sécs sra
        srta ten trav vol""",
    "ro": "acad aprox art bd bul cca com cpt dl dna dra ex jud lt mun nr pag sec sf str vol î",
    "ru": """акад англ арх архим бул ген гл греч дер доц еп изд илл им инж итал кап кв корп лат митр муз наб напр о
        обл оз ок пер пл польск полк пос преп просп проф ред реж св сост стр табл тов ул укр худ""",
    "sk": "angl čl doc judr lat mgr mudr nám napr ods phdr resp sv tzv ul",
    "sl": "akad čl dipl doc dr gl inž kap mag npr odst ok oz polk sv tj ul",
    "sq": "akad dok inxh nr psh rr shën",
    "sr": """akad br čl dipl dr gđa gđica inž kap npr odn sc str sv tzv ul акад бр ген дипл др инж кап нпр одн проф
        св стр тзв ул чл""",
    "sv": "adv bl doc eng ev hr jfr kand kap kgl nuv resp st tekn tel",
    "ta": "ஆர் எக்ஸ் எச் எஃப் எம் எல் எஸ் என் டாக் திரு பேரா ஹெச்",
    "te": "ఆర్ ఎక్స్ ఎచ్ ఎన్ ఎఫ్ ఎమ్ ఎల్ ఎస్ క్రీ ప్రొ శ్రీ హెచ్",
    "tr": """alb apt asb av bkz cad çev dr ecz fak haz hz mad mah müh öğr org ort örn sn sok tel tuğ tüm uzm üni yrd
        yzb II III IV VI VII VIII IX XI XII XIII XIV XV XVI""",
    "uk": "акад англ бл бул вул ген гл грец див доц ім інж лат напр обл пл пом пос просп проф ред св табл фр",
    "vi": "BS Đ GS KS P PGS Q ThS Tp TP TS TT TX tp ths",
}

# Before a number alone, also a Roman one: elsewhere these may be words, or end a sentence. The first are for every
# language.
COUNTERS = {
    "": ("apr art aug cap ch circa dec feb fig jan min no nos nov nr num oct okt op pag pp sec sep sept tab tel vol"),
    "da": "omkr",
    "de": "anm dez febr jän lfd max mind",
    "en": "app approx ave eds eq est ex ext figs pop ver vols",
    "el": "απρ αυγ δεκ ιαν ιουλ ιουν μαρ νοε οκτ σεπ φεβ",
    "es": "abr ago dic ene",
    "fr": "août avr déc févr janv juil tome",
    "it": "ago dic giu lug mag ott set",
    "nb": "des omkr",
    "pl": "cze gru kwi lip lis lut maj paź sie sty wrz",
    "pt": "abr dez fev mai out set",
    "ro": "ian iul iun",
    "ru": "авг апр дек нояб окт рис род сент тел фев февр янв",
    "sv": "febr omkr",
    "uk": "рис ст тел",
}

# They look like abbreviations before a name or a number, yet end a sentence there: units, parties, `etc.` One letter
# does so after a number alone: `в 1990 г. Москва`, but `в г. Москва`. A word that is among the abbreviations, too, ends
# a sentence before one of the STARTERS: `Warner Bros. Records`, but `Warner Bros. In 1990`.
ENDINGS = {
    "": "cm db dm etc ghz gw ha hl hz kg khz km kw ltd m mg mhz ml mm mq mw tv",
    "be": "в вв г га гг кг км м мм н.э см т.д т.п тыс",
    "bg": "в г др кг км лв м мм н.е см т.н",
    "ca": "a.c d.c",
    "da": "mv osv",
    "el": "κ.ά κ.λπ κλπ κτλ μ.χ π.χ",
    "en": "a.d a.m b.c b.c.e bros c.e co d.c ft hrs jr lbs mph p.m ph.d sr yrs",
    "es": "a.c bros d.c s.a",
    "et": "jm jms jne jt",
    "fi": "mk",
    "fr": "j.-c",
    "hu": "bt kft nyrt stb zrt",
    "it": "a.c d.c s.p.a",
    "lv": "tml u.c utt",
    "nb": "frp krf mv osv sp sv",
    "pl": "gr pkt r w zł",
    "pt": "a.c d.c s.a",
    "ro": "d.c d.hr î.c î.hr",
    "ru": "в вв г га гг др кВт квт кг км л м МВт мвт мл млн млрд мм н.э руб см т.д т.п тыс",
    "sr": "кг км м мм н.е см",
    "sv": "osv",
    "uk": "га грн ін кг км л м мл млн млрд мм н.е р рр см ст т.д т.п тис",
}

# A number of so many digits with a period is an ordinal even before a capital: `2. Mai`, `3. Reich`, `2. HNL`. In other
# languages that write ordinals so, a capital after one begins a sentence more often than a name.
ORDINALS = {"de": 2, "hr": 2, "hu": 2, "sl": 2, "sr": 2, "tr": 2, "et": 1, "fi": 1}

# Words that begin many sentences and few names. Before one, a sentence ends after a letter (`vitamin A.`), a king
# (`Louis I.`), capitals (`the U.S.`), a unit and an ordinal.
STARTERS = {
    "bg": "В На По От До За С След Той Тя То Те Това Този Тази Тези При През Според",
    "ca": "El Els Les En Un Una És Va Amb Per Aquest Aquesta Segons Durant Després",
    "cs": "V Ve Na Po Do Z Ze Od Při Za Je Byl Byla Bylo Jeho Její Tento Tato Toto To Ten Dne Roku",
    "da": "Han Hun Den Det I På Som En Et Efter Under Med Ved Til For Disse Dette Denne Da Der",
    "de": "Der Die Das Er Sie Es In Im Am Nach Mit Bei Auch Dies Diese Dieser Ein Eine Als Seine Ihre Zu Für Danach",
    "el": "Ο Η Το Οι Τα Στη Στην Στο Στον Με Από Αυτός Αυτή Αυτό Ένα Μια Μετά Κατά Είναι Ήταν",
    "en": """A The In It He She They This These That His Her Its Their After Before During When While Although
        However If There For From With On At By As Since Some Another""",
    "es": """El La Las En Un Una Es Su Sus Se Este Esta Estos Estas Fue Durante Por Para Con Al Tras Según Algunos
        Algunas Como""",
    "et": "Ta See Tema Nad Need Seda Selle Kui Ka Kuid Pärast Aastal",
    "fi": "Hän Se Ne Tämä Nämä Myös Kun Sen Hänen Vuonna Siitä Siinä Mutta",
    "fr": "Il Elle Ils Elles On Un Une Les Ce Cet Cette Ces En Dans Au Aux Pour Selon Après Avec Sa Ses Sur Par C",
    "hr": "U Na Po Od Do Iz Za S Sa Nakon On Ona Oni To Taj Ova Ovaj Njegov Njegova Prema Kada Bio Bila Je",
    "hu": "A Az Ez Ezt Ő Egy Ekkor Majd Azonban Itt",
    "it": "Il Gli In Nel Nella Nei Nelle Al Un Una Questo Questa Fu È Con Per Dopo Secondo Durante Si",
    "lt": "Jis Ji Jie Nuo Po Iki Tai Šis Ši Su Vėliau Buvo Kai Taip",
    "lv": "Tas Tā Tie No Uz Pēc Ar Viņš Viņa Viņi Šis Šī Par Līdz Bet Kad Arī",
    "nb": "Han Hun Den Det I På Som En Et Etter Under Med Ved Til For Disse Dette Denne Da Der",
    "nl": "Het Een In Hij Zij Ze Deze Dit Dat Er Na Met Bij Voor Door Ook Maar Als Volgens Tijdens Daarna Vanaf",
    "pl": "W We Na Po Do Z Ze Od Przy Za Jest Był Była Było Jego Jej Ten Ta To Przed Podczas",
    "pt": "O A Os As Em No Na Nos Nas Um Uma Foi Com Para Por Após Este Esta Seu Sua Segundo Ele Ela Durante",
    "ro": "În Din Acest Această Aceasta Un O Este El Ea Pe Cu După La",
    "ru": "В Во На По С Он Она Они Это Этот Эта После Из К Для При У И А Но За От До Его Её Их",
    "sk": "V Vo Na Po Do Z Zo Od Pri Za Je Bol Bola Bolo Jeho Jej Tento Táto Toto To Ten Dňa Roku",
    "sl": "V Na Po Do Iz Za S Z On Ona To Ta Njegov Njegova Leta Ko Je Bil Bila",
    "sr": """U Na Po Od Do Iz Za S Sa Nakon On Ona Oni To Taj Ova Ovaj Njegov Njegova Prema Kada Bio Bila Je У На По
        Од До Из За С Са Након Он Она Они То Тај Ова Овај Његов Његова Према Када Био Била Је""",
    "sv": "Han Hon Den Det I På Som En Ett Efter Under Med Vid Till För Dessa Detta Denna Då Där",
    "tr": "Bu Bir O Daha Ancak Ayrıca Bunun Onun Ve Her",
    "uk": "В У На По З Із Він Вона Вони Це Цей Ця Після Для При І Й А Але За Від До Його Її Їх",
    "vi": "Ông Bà Nó Đây Trong Năm Sau Khi Các Những Theo Từ Tại Ngày",
}

# Languages that are written much like another one of these tables.
RELATIVES = {
    "be": "be-tarask be-x-old",
    "bn": "as bpy",
    "de": "als bar dsb frr gsw hsb ksh lb nds pdc pfl stq vmf",
    "en": "ang jam sco tpi",
    "es": "an ast ext gl lad oc",
    "et": "fiu-vro vro",
    "fi": "olo se smn vep",
    "fr": "frp nrm pcd wa",
    "hi": "anp awa bh bho dty mai ne new sa",
    "hr": "bs cnr sh",
    "id": "ace ban bjn bug jv map-bms min ms su",
    "it": "co eml fur lij lmo nap pms rm roa-tara sc scn vec",
    "lv": "bat-smg ltg sgs",
    "mr": "gom",
    "nb": "fo nn",
    "nl": "fy li nds-nl vls zea",
    "pl": "csb szl",
    "ro": "rmy roa-rup rup",
    "ru": "ab ady av ba bxr ce cv inh kbd koi krc kv lbe lez mdf mhr mrj myv os sah tt tyv udm xal",
    "tr": "crh gag",
    "uk": "rue",
}
LIKE = {relative: language for language, codes in RELATIVES.items() for relative in codes.split()}
