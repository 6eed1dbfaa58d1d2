"""Words in an employer's name or description that say its industry: LinkedIn's label and the NAICS code, by rule.

English, and what companies call themselves. Whatever is here exists in the classifications: a test holds it to that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class IndustryRule:
    """`words` is a part of a pattern without groups, and `pattern` finds it in folded text; `linkedin` a label; `naics`
    a code of two to six digits."""

    words: str
    pattern: re.Pattern[str]
    linkedin: str
    naics: str


# words | LinkedIn label | NAICS code. The more particular ones come first: of those that hit, the first has most
# weight.
_TABLE = """
investment bank(?:ing)?|capital markets | Investment Banking | 523150
credit union|savings bank|building society | Savings Institutions | 522130
bank|banking|bancorp|bankers? | Banking | 522110
venture capital|private equity|ventures? fund | Venture Capital and Private Equity Principals | 523910
asset management|wealth management|hedge fund|investment management | Investment Management | 523940
insurance|assurance|reinsurance|underwriters | Insurance | 524
accounting|accountants|cpas?|bookkeeping|audit firm | Accounting | 541211
law (?:firm|office|offices|group)|attorneys?|solicitors|barristers|llp legal | Law Practice | 541110
hospital|medical center|medical centre|health system | Hospitals | 622110
nursing home|assisted living|care home|hospice|senior living | Nursing Homes and Residential Care Facilities | 623
dental|dentist(?:s|ry)?|orthodontics? | Dentists | 621210
veterinary|animal hospital|vet clinic | Veterinary Services | 541940
pharmacy|drugstore|chemist | Retail Pharmacies | 456110
pharma(?:ceuticals?)? | Pharmaceutical Manufacturing | 325412
biotech(?:nology)?|genomics|biosciences? | Biotechnology Research | 541714
home health|home care | Home Health Care Services | 621610
clinic|medical group|physicians|family medicine | Medical Practices | 6211
mental health|behavioral health|counseling center | Mental Health Care | 621420
university|universities|college|polytechnic | Higher Education | 611310
school district|elementary school|high school|middle school|academy|k-12 | Primary and Secondary Education | 611110
day ?care|child ?care|preschool|kindergarten|nursery school | Child Day Care Services | 624410
e-learning|online learning|edtech | E-Learning Providers | 611710
software|saas|app developer|platform as a service | Software Development | 513210
cyber ?security|information security|network security | Computer and Network Security | 541519
it services|it consulting|systems integrat(?:or|ion)|managed services | IT Services and IT Consulting | 541512
video games?|game studio|gaming studio | Computer Games | 513210
semiconductors?|chip ?maker|foundry services | Semiconductor Manufacturing | 334413
telecom(?:munications)?|wireless carrier|mobile operator|broadband | Telecommunications | 517
cloud hosting|web hosting|data cent(?:er|re)s? | Data Infrastructure and Analytics | 518210
management consult(?:ing|ants?)|strategy consult(?:ing|ants?) | Business Consulting and Services | 541611
consulting group | Business Consulting and Services | 541611
staffing|recruit(?:ing|ment)|employment agency|temp agency|talent solutions | Staffing and Recruiting | 5613
advertising|ad agency|creative agency|media agency | Advertising Services | 541810
market research|opinion polls? | Market Research | 541910
public relations|pr agency | Public Relations and Communications Services | 541820
marketing agency|digital marketing | Marketing Services | 541613
architects?|architecture firm|architectural | Architecture and Planning | 541310
civil engineer(?:s|ing) | Civil Engineering | 541330
engineering (?:firm|services|consultants)|engineers inc | Engineering Services | 541330
restaurants?|pizz(?:a|eria)|grill|bistro|diner|steakhouse|sushi|burgers? | Restaurants | 722511
cafe|coffee ?(?:shop|house)|bakery cafe|tea ?house | Restaurants | 722515
pub|tavern|nightclub|cocktail bar | Bars, Taverns, and Nightclubs | 722410
cater(?:ing|ers?) | Caterers | 722320
hotels?|inn|resort|motel|lodging | Hotels and Motels | 721110
casino|gambling|sportsbook | Gambling Facilities and Casinos | 713210
airlines?|airways|aviation | Airlines and Aviation | 481
trucking|haulage|freight lines|motor freight | Truck Transportation | 484
logistics|supply chain|freight forward(?:er|ing)|3pl | Transportation, Logistics, Supply Chain and Storage | 4885
warehous(?:e|ing)|fulfil?lment cent(?:er|re)|distribution cent(?:er|re) | Warehousing and Storage | 493110
courier|parcel|package delivery | Freight and Package Transportation | 492110
shipping line|maritime|cruise line | Maritime Transportation | 483
railway|railroad|rail transport | Rail Transportation | 482
taxi|ride ?(?:hailing|share)|limousine | Taxi and Limousine Services | 4853
supermarket|grocer(?:y|s|ies)|food market | Retail Groceries | 445110
car dealer(?:ship)?|auto dealer(?:ship)?|motors dealership | Retail Motor Vehicles | 441110
department store|general store|discount store | Retail | 455
clothing store|fashion retailer|boutique|apparel store | Retail Apparel and Fashion | 458110
jewel(?:er|ers|ry|lers?)|watches and jewelry | Retail Luxury Goods and Jewelry | 458310
e-?commerce|online (?:store|shop|retailer)|mail order | Online and Mail Order Retail | 455219
hardware store|home improvement|garden cent(?:er|re) | Retail Building Materials and Garden Equipment | 444
gas station|petrol station|fuel station | Retail Gasoline | 457
retail(?:er|ers)?|stores? | Retail | 44-45
wholesal(?:e|er|ers)|distributors? | Wholesale | 42
real estate|realty|realtors?|property management|estate agents? | Real Estate | 531
roofing|plumbing|hvac|electrical contractors?|painting contractors? | Specialty Trade Contractors | 238
home ?builders?|residential construction | Residential Building Construction | 236117
construction|contractors?|builders | Construction | 23
landscap(?:ing|ers?)|lawn care|tree service | Landscaping Services | 561730
janitorial|cleaning services?|commercial cleaning | Janitorial Services | 561720
security (?:guards?|services?|patrol) | Security Guards and Patrol Services | 561612
call cent(?:er|re)|contact cent(?:er|re) | Telephone Call Centers | 56142
automotive manufactur(?:er|ing)|car maker|automaker|motor company | Motor Vehicle Manufacturing | 336110
auto (?:repair|body|service)|car repair|garage|tire shop | Vehicle Repair and Maintenance | 8111
aerospace|aircraft manufactur(?:er|ing) | Aviation and Aerospace Component Manufacturing | 33641
defen[cs]e contractor|weapons systems | Defense and Space Manufacturing | 33641
shipyard|shipbuild(?:ing|ers) | Shipbuilding | 336611
steel|aluminum|smelter | Primary Metal Manufacturing | 331
chemicals? | Chemical Manufacturing | 325
plastics? | Plastics Manufacturing | 3261
furniture manufactur(?:er|ing) | Furniture and Home Furnishings Manufacturing | 337
food manufactur(?:er|ing)|food processing|packaged foods? | Food and Beverage Manufacturing | 311
brewery|breweries|brewing | Breweries | 312120
winery|vineyards? | Wineries | 312130
distiller(?:y|ies|s) | Distilleries | 312140
textiles?|fabric mill | Textile Manufacturing | 313
medical devices?|medical equipment | Medical Equipment Manufacturing | 339112
machine shop|machinery|tool and die | Machinery Manufacturing | 333
manufactur(?:er|ers|ing)|factory|industries inc | Manufacturing | 31-33
oil and gas|petroleum|drilling|oilfield | Oil and Gas | 211
solar | Solar Electric Power Generation | 221114
wind (?:power|energy|farm) | Wind Electric Power Generation | 221115
electric utility|power company|electric cooperative|gas utility | Utilities | 221
mining|quarr(?:y|ies)|coal mine | Mining | 212
farms?|ranch|orchards?|agricultur(?:e|al)|dairy farm | Farming | 11
forestry|logging|timberland | Forestry and Logging | 113
waste management|recycling|sanitation | Waste Collection | 562
newspaper|gazette|daily news | Newspaper Publishing | 513110
book publish(?:er|ers|ing)|publishing house | Book Publishing | 513130
television|tv station|radio station|broadcast(?:er|ing) | Radio and Television Broadcasting | 516
film (?:studio|production)|movie studio|pictures entertainment | Movies, Videos and Sound | 5121
record label|recording studio | Sound Recording | 5122
museum|art gallery|historical society | Museums | 712110
library|libraries | Libraries | 519210
theat(?:er|re)|opera|ballet|orchestra|symphony | Performing Arts | 711
sports (?:team|club)|football club|baseball club | Sports Teams and Clubs | 711211
gym|fitness|yoga|health club | Wellness and Fitness Services | 713940
golf|country club | Golf Courses and Country Clubs | 713910
amusement park|theme park | Amusement Parks and Arcades | 713110
travel agency|tour operator|tours | Travel Arrangements | 5615
hair salon|beauty salon|barber(?:shop)?|nail salon|spa | Personal Care Services | 8121
dry ?cleaners?|laundry|laundromat | Laundry and Drycleaning Services | 8123
church|ministry|ministries|diocese|synagogue|mosque|temple | Religious Institutions | 813110
non-?profit|charity|foundation|charitable | Non-profit Organizations | 813
labor union|trade union|chamber of commerce | Industry Associations | 8139
police|sheriff'?s? | Law Enforcement | 922120
fire department|fire rescue | Fire Protection | 922160
army|navy|air force|marine corps|military | Armed Forces | 928110
court|judiciary | Courts of Law | 922110
prison|correctional|department of corrections | Correctional Institutions | 922140
city of|county of|state of|town of|municipality | Government Administration | 921
department of|ministry of|city council|government|federal agency | Government Administration | 921
"""


def industry_rules() -> list[IndustryRule]:
    """The rules, in order."""
    found = []
    for line in _TABLE.strip().splitlines():
        words, linkedin, naics = (part.strip() for part in line.rsplit(" | ", 2))
        found.append(IndustryRule(words, re.compile(rf"(?<!\w)(?:{words})(?!\w)"), linkedin, naics))
    return found
