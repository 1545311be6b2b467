"""The units that `{{convert}}` knows by a code."""

import re

# Code: symbol, one of them, many of them.
UNITS = {
    line.split("|")[0]: line.split("|")[1:]
    for line in """\
m|m|metre|metres
km|km|kilometre|kilometres
cm|cm|centimetre|centimetres
mm|mm|millimetre|millimetres
mi|mi|mile|miles
nmi|nmi|nautical mile|nautical miles
ft|ft|foot|feet
in|in|inch|inches
yd|yd|yard|yards
km2|km²|square kilometre|square kilometres
m2|m²|square metre|square metres
ha|ha|hectare|hectares
sqmi|sq mi|square mile|square miles
mi2|sq mi|square mile|square miles
sqft|sq ft|square foot|square feet
ft2|sq ft|square foot|square feet
acre|acre|acre|acres
acres|acres|acre|acres
sqkm|km²|square kilometre|square kilometres
sqm|m²|square metre|square metres
cm2|cm²|square centimetre|square centimetres
mm2|mm²|square millimetre|square millimetres
sqyd|sq yd|square yard|square yards
sqin|sq in|square inch|square inches
cm3|cm³|cubic centimetre|cubic centimetres
cc|cc|cubic centimetre|cubic centimetres
cuyd|cu yd|cubic yard|cubic yards
cuin|cu in|cubic inch|cubic inches
m3|m³|cubic metre|cubic metres
km3|km³|cubic kilometre|cubic kilometres
cuft|cu ft|cubic foot|cubic feet
Tcuft|trillion cu ft|trillion cubic feet|trillion cubic feet
l|l|litre|litres
L|L|litre|litres
ml|ml|millilitre|millilitres
gal|gal|gallon|gallons
USgal|US gal|US gallon|US gallons
impgal|imp gal|imperial gallon|imperial gallons
oilbbl|bbl|barrel|barrels
koilbbl|thousand bbl|thousand barrels|thousand barrels
Moilbbl|million bbl|million barrels|million barrels
Goilbbl|billion bbl|billion barrels|billion barrels
g|g|gram|grams
kg|kg|kilogram|kilograms
mg|mg|milligram|milligrams
t|t|tonne|tonnes
MT|t|metric ton|metric tons
LT|long tons|long ton|long tons
ST|short tons|short ton|short tons
lb|lb|pound|pounds
lbs|lb|pound|pounds
oz|oz|ounce|ounces
st|st|stone|stone
mph|mph|mile per hour|miles per hour
km/h|km/h|kilometre per hour|kilometres per hour
kph|km/h|kilometre per hour|kilometres per hour
m/s|m/s|metre per second|metres per second
kn|kn|knot|knots
knot|kn|knot|knots
ft/s|ft/s|foot per second|feet per second
bhp|bhp|brake horsepower|brake horsepower
PS|PS|metric horsepower|metric horsepower
W|W|watt|watts
kV|kV|kilovolt|kilovolts
MHz|MHz|megahertz|megahertz
kPa|kPa|kilopascal|kilopascals
psi|psi|pound per square inch|pounds per square inch
Nm|N⋅m|newton-metre|newton-metres
lbft|lb⋅ft|pound-foot|pound-feet
um|μm|micrometre|micrometres
μm|μm|micrometre|micrometres
nm|nm|nanometre|nanometres
AU|AU|astronomical unit|astronomical units
ly|ly|light-year|light-years
hp|hp|horsepower|horsepower
kW|kW|kilowatt|kilowatts
MW|MW|megawatt|megawatts
C|°C|°C|°C
°C|°C|°C|°C
F|°F|°F|°F
°F|°F|°F|°F
K|K|K|K
PD/sqmi|/sq mi|inhabitant per square mile|inhabitants per square mile
PD/km2|/km²|inhabitant per square kilometre|inhabitants per square kilometre
/sqmi|/sq mi|per square mile|per square mile
/km2|/km²|per square kilometre|per square kilometre
""".strip().splitlines()
}
UNIT = re.compile(r"(?:[^\W\d_]|[°$£€¥%]|/(?=\w))[^\n]{0,30}$")
POWERS = {"e3": "thousand ", "e6": "million ", "e9": "billion ", "e12": "trillion "}


def symbol_or_name(code: str, number: str, brief: bool) -> str:
    """How the unit `code` of {{convert}} reads after `number`; a code not listed stands for itself."""
    code = code.strip()
    power = next((power for power in POWERS if code.startswith(power)), "")
    code = code.removeprefix(power)
    symbol, one, many = UNITS.get(code, (code, code, code))
    unit = symbol if brief else one if number == "1" and not power else many
    return POWERS.get(power, "") + unit


def is_unit(code: str) -> bool:
    """Whether `code` is a unit, known or not: no sign, number or sentence that a page has in a unit's place."""
    return code in UNITS or bool(UNIT.match(code))
