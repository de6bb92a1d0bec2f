"""Words that turn a content round: of each pair of opposites, the one that takes away.

"Less" of "more" and "less", "close" of "open and close", and negation inside words ("unfair",
"harmless"). Kept apart from the tables of `modality`: nothing here changes what is stripped before
embedding. A missing word means an opposite that is not seen; it never changes a quote.
"""

from __future__ import annotations

from functools import cache

import regex

# "Without my consent" limits a content and leaves its direction.
_WITHOUT = (
    r"{}(?!\s+(?:\S+\s+){{0,3}}?(?:consent|permission|approval|asking|einwilligung|zustimmung"
    r"|erlaubnis|consentimiento|permiso|autorizaci[oó]n|accord|consentement|autorisation))"
)
_AWAY = {
    "en": (
        r"no(?!\s+(?:matter|doubt|one|longer))|not(?!\s+(?:only|just|merely|simply))|zero"
        r"|less|fewer|lower\w*|reduc\w*|decreas\w*|diminish\w*|cut(?:s|ting)?|limit(?:s|ed|ing)?"
        r"|restrict\w*|prevent\w*|discourag\w*|minimi[sz]\w*|remov\w*|eliminat\w*|oppos\w*|fight\w*"
        r"|combat\w*|against|{without}|ban(?:s|n\w+)?|forbid\w*|prohibit\w*|block\w*|den(?:y|ies|ied)"
        r"|reject\w*|ignor\w*|hid(?:e|es|ing|den)|withh\w+ld\w*|stop\w*|end(?:s|ed|ing|(?=\s+(?:the|all|any|this|these)\b))|anti-?\w+"
        r"|slow(?:s|ed|er|ing|ly)?|delay\w*|halt\w*|paus\w*|shr(?:ink|unk)\w*|weak\w*|soften\w*"
        r"|relax\w*|loosen\w*|clos(?:e|es|ed|ing)|shut\w*|lock(?:s|ed|ing)?|exclud\w*|expel\w*|omit\w*"
        r"|scrap\w*|demolish\w*|destroy\w*|dismantl\w*|delet\w*|eras\w*|forget\w*|discard\w*"
        r"|punish\w*|penali[sz]\w*|criminali[sz]\w*|outlaw\w*|^\W*tax"
        r"|conceal\w*|disguis\w*|secre(?:t|cy|tiv\w*)\w*|anonym\w*"
        r"|(?:keep|stay|remain|be)\w*\s+(?:\S+\s+){0,3}?(?:private|confidential|hidden)"
        r"|harder|difficult\w*|wors\w*|smaller|shorter|narrower|rare(?:ly)?|seldom"
        r"|avoid\w*|refus\w*|declin\w*|resist\w*|undermin\w*|abandon\w*|abolish\w*|repeal\w*"
        r"|withdraw\w*|revok\w*|suspend\w*|cancel\w*"
        r"|disabl\w*|deactivat\w*|(?:turn|switch|shut)\w*\s+(?:\S+\s+){0,3}?(?:off|down)|opt\w*\s+out|decentrali[sz]\w*"
        r"|deregulat\w*|defund\w*|devalu\w*|mistrust\w*|distrust\w*"
        r"|(?:keep|stay|get|leave)\w*\s+(?:(?:\S+\s+){0,4}?(?:away|out|off)\b|(?:\S+\s+){1,4}?from\b)"
        r"|un(?!der|i(?!nt|n)|til|less|que|ani)\p{L}{3,}|non-?\p{L}{4,}|dis(?:respect|honest"
        r"|agree|obey|trust|allow|believ|approv|connect|courag|regard|clos|hearten|advantag)\w*"
        r"|in(?:accura|appropria|sensitiv|secur|toleran|justice|correct|considerat|human|equal|valid"
        r"|direct|effici|flexib|visib|capab|compet|complet|consist|depend)\w*"
        r"|im(?:partial|moral|polite|patient|proper|personal|precis|practic)\w*"
        r"|ir(?:responsib|relevan|rational)\w*|il(?:legal|logical)\w*|(?!regard|none|un)\p{L}{3,}less"
        r"|free\s+(?:of|from)|mis(?:trust|us|lead|inform)\w*"
    ),
    "de": (
        r"weniger|niedriger\w*|geringer\w*|reduzier\w*|senk\w*|verringer\w*|verhinder\w*|behinder(?:n|t|e)"
        r"|\p{L}*beschränk\w*|begrenz\w*|minimier\w*|abschaff\w*|bekämpf\w*|gegen|{ohne}|verbiet\w*"
        r"|verbot\w*|untersag\w*|verbann\w*|\w*lehn(?:en|t)|ignorier\w*|verschweig\w*|verheimlich\w*"
        r"|verberg\w*|verdeck\w*|geheim\w*|anti\w+|brems\w*|verlangsam\w*|verzöger\w*"
        r"|lösch\w*|vergess\w*|vernicht\w*|zerstör\w*|abreiß\w*|abbau\w*|abhalt\w*|abschalt\w*"
        r"|ausschalt\w*|ausschl(?:ieß|oss)\w*|ausgeschl\w*|ausgrenz\w*|entfern\w*|streich\w*|kürz\w*"
        r"|(?:ge)?schl(?:ieß|oss)\w*|sperr\w*|besteuer\w*|bestraf\w*|straf\w*|entzieh\w*|misstrau\w*"
        r"|schwäch\w*|lock(?:er|ern|ert)|schwer(?:er)?|schwieriger\w*|schlechter\w*|kleinere\w*|kürzer\w*"
        r"|langsam\w*|seltener|verhüll\w*|verweiger\w*|verzicht\w*|vermeid\w*|anonym\w*"
        r"|widersprech\w*|widersetz\w*|missacht\w*|raus|privatisier\w*"
        r"|dezentral\w*|stopp\w*|beend\w*|unterbind\w*"
        r"|un(?!ter|abhäng|d\b|s\b|ser|gefähr|bedingt|iver|f[aä]ll|mittelb|ion)\p{L}{4,}"
        r"|(?:in(?:toler|akzept|human|direkt)|miss)\w+|(?!(?:kosten|bedingungs|barriere|problem|reibungs|zweifel|mühe)(?:los|frei))"
        r"\p{L}{4,}(?:los|frei)(?:e[nmrs]?)?"
    ),
    "es": (
        r"menos|menor(?:es)?|redu[cz]\w*|disminu\w*|limit\w*|restring\w*|restric\w*|imp[ei]d\w*"
        r"|preven\w*|elimin\w*|combat\w*|contra|{sin}|proh[ií]b\w*|rechaz\w*|ignor\w*|ocult\w*|escond\w*"
        r"|encubr\w*|callar\w*|desalent\w*|desincentiv\w*|disuad\w*|baj(?:ar|e|en|a|an)|rebaj\w*"
        r"|recort\w*|borr\w*|olvid\w*|suprim\w*|destru\w*|derrib\w*|demol\w*|cerr\w*|cierr\w*"
        r"|exclu\w*|expuls\w*|penaliz\w*|castig\w*|sancion\w*|multar\w*|gravar\w*|criminaliz\w*"
        r"|fren\w*|ralentiz\w*|retras\w*|deten\w*|par(?:ar|en?)|debilit\w*|afloj\w*|relaj\w*|suaviz\w*"
        r"|difícil\w*|peor\w*|secret\w*|anónim\w*|opon\w*|opóng\w*|niegu\w*|negar\w*"
        r"|descon\w+|desobe\w*|desprote\w*|desacti\w*|apag\w*|descart\w*|abol\w*|derog\w*|suspend\w*"
        r"|cancel\w*|abandon\w*|acab\w*|evit\w*|anti\w+"
        r"|in(?:just|toleran|segur|correct|exact|moral|efica|útil|sensib|human|igual|visib)\w*"
        r"|im(?:parcial|personal|preci|prudent|moral)\w*|i(?:legal|rrespons|rrelev)\w*"
        r"|des(?:honest|inform|igual|confi|regul|centraliz|favor|alien)\w*"
    ),
    "fr": (
        r"moins|rédui\w*|diminu\w*|limit\w*|restrei\w*|restric\w*|empêch\w*|préven\w*|supprim\w*"
        r"|combatt\w*|contre|{sans}|interdi\w*|refus\w*|rejet\w*|ignor\w*|cach\w*|dissimul\w*|masqu\w*"
        r"|décourag\w*|dissuad\w*|baiss\w*|abaiss\w*|effac\w*|oubli\w*|enlev\w*|retir\w*|détrui\w*"
        r"|démol\w*|ferm(?:er|e|ez|é|ée|és|ées|ent)|exclu\w*|expuls\w*|pénalis\w*|pun(?:ir|is|it)\w*"
        r"|sanction\w*|tax(?:er|ez|é\w*)|criminalis\w*|ralenti\w*|frein\w*|retard\w*|arrêt\w*"
        r"|affaibli\w*|relâch\w*|assoupli\w*|difficil\w*|pire\w*|secr[eè]t\w*"
        r"|anonym\w*|oppos\w*|désobé\w*|désactiv\w*|étein\w*|abol\w*|abrog\w*|suspend\w*|annul\w*"
        r"|abandonn\w*|évit\w*|méfi\w*|anti\w+|non-\w+"
        r"|in(?:just|toléran|exact|correct|effica|util|sensib|humain|égal|visib)\w*"
        r"|im(?:moral|poli|partial|personn|préci|prudent)\w*|i(?:llégal|rrespons|rrationn)\w*"
        r"|mal(?:honnêt|veillan)\w*|dé(?:régul|central|favor|moralis)\w*|dés(?:inform|accord|avantag)\w*"
    ),
    "zh": (
        r"减少|減少|降低|减轻|減輕|减慢|減慢|放慢|减速|削减|削減|缩小|縮小|缩短|縮短|放松|放鬆|放宽|放寬|劝阻|勸阻|阻止"
        r"|阻碍|阻礙|妨碍|妨礙|隐瞒|隱瞞|隐藏|隱藏|掩盖|掩蓋|限制|删除|刪除|删掉|忘记|忘記|取消|撤销|撤銷|废除|廢除"
        r"|忽视|忽視|无视|無視|惩罚|懲罰|处罚|處罰|关闭|關閉|关掉|關掉|打击|打擊|削弱|推迟|推遲|延迟|延遲|排斥|排除|排挤|排擠"
        r"|淘汰|拆除|拆掉|破坏|破壞|压制|壓制|违反|違反|违背|違背|抵制|抗拒|怀疑|懷疑|消除|根除|征税|徵稅|课税|課稅"
        r"|更少|较少|較少|更低|更慢|更难|更難|更差|更小|少一点|少一點"
    ),
    "ar": (
        r"أقل|اقل|تقليل|خفض|تخفيض|تقليص|الحد\s+من|حد\s+من|تقييد|يقيد|منع|يرفض|ترفض|نرفض|رفض|نعارض"
        r"|يعارض|معارضة|إخفاء|اخفاء|يخفي|تخفي|كتم|حجب|حذف|يحذف|تحذف|محو|يمحو|نسيان|ينسى|إغلاق|اغلاق"
        r"|يغلق|تغلق|غلق|إقصاء|اقصاء|استبعاد|يستبعد|طرد|إبطاء|ابطاء|تأخير|تأجيل|إيقاف|وقف|يوقف|إلغاء"
        r"|الغاء|يلغي|هدم|تدمير|يدمر|معاقبة|يعاقب|تعاقب|عقاب|تجريم|فرض\s+ضرائب|إضعاف|يضعف|تخفيف|تثبيط"
        r"|يثبط|إثناء|تجاهل|يتجاهل|مخالفة|يخالف|عصيان|يعصي|سري|سرية|أصعب|أسوأ|أصغر|أبطأ|بدون"
        r"|دون|ضد|بلا|محاربة|مكافحة|يحارب|سحب|حظر|تحظر|يحظر|الشك|عدم\s+الثقة|غير"
    ),
    "pt": (
        r"menos|menor(?:es)?|redu[zc]\w*|diminu\w*|limit\w*|restring\w*|impe[dç]\w*|preven\w*|elimin\w*"
        r"|combat\w*|contra|desligar|recus\w*|rejeit\w*|ignor\w*|ocult\w*|escond\w*|desencoraj\w*|baix\w*"
        r"|apag\w*|esque[cç]\w*|destru\w*|fech\w*|exclu\w*|pun(?:ir|a)\w*|enfraque\w*|abrand\w*|atras\w*"
        r"|acab\w*|anti\w+|des(?:onest|obed|confi|inform|igual)\w*|in(?:just|toler|segur|corret)\w*"
    ),
    "it": (
        r"meno|minor[ei]?|ridu\w*|diminu\w*|limit\w*|restring\w*|imped\w*|preven\w*|elimin\w*"
        r"|combatt\w*|contro|spegn\w*|rifiut\w*|respin\w*|ignor\w*|nascon\w*|scoragg\w*|abbass\w*"
        r"|cancell\w*|dimentic\w*|distru\w*|chiu[ds]\w*|esclud\w*|pun(?:ire|isc)\w*|indebol\w*|rallent\w*"
        r"|aboli\w*|anti\w+|dis(?:onest|obbed|inform|ugual)\w*|in(?:giust|toller|sicur|esatt)\w*"
    ),
    "nl": (
        r"minder|lager\w*|verlag\w*|verminder\w*|beperk\w*|voorkom\w*|verwijder\w*|bestrijd\w*|tegen"
        r"|weiger\w*|afwijz\w*|neger\w*|verberg\w*|verzwijg\w*|ontmoedig\w*|wis(?:sen|t)?|verget\w*"
        r"|vernietig\w*|sluit\w*|uitsluit\w*|straf\w*|verzwak\w*|vertraag\w*|vertrag\w*|afschaff\w*"
        r"|stop\w*|on(?!der|ze\b|s\b|geveer)\p{L}{4,}|\p{L}{4,}loos|\p{L}{4,}loze"
    ),
    "pl": (
        r"mniej|niższ\w*|mniejsz\w*|ogranicz\w*|zmniejsz\w*|obniż\w*|zapobieg\w*|usu(?:wa|ną)\w*|zwalcz\w*"
        r"|przeciw\w*|odm[aó]w\w*|odrzuc\w*|ignor\w*|ukry\w*|zniechęc\w*|kasowa\w*|zapom\w*|niszcz\w*"
        r"|zam(?:knąć|yka)\w*|wyklucz\w*|kara\w*|osłab\w*|spowaln\w*|znie[sś]\w*|zatrzym\w*"
        r"|nie(?!tylko)\p{L}{4,}"
    ),
}
_REACH = {"zh": 18}  # code points; elsewhere words of the content in which such a word governs it
_WORDS = 5
_AHEAD = 60  # code points
_CLAUSE_END = regex.compile(r"[,;:.!?–]|$")
_LAST_WORDS = regex.compile(r"(?<![\w-])[\w-]++(?:\s+(?:werden|sein|können|dürfen|lassen))?\s*$")


@cache
def _patterns(language: str) -> tuple[regex.Pattern[str], regex.Pattern[str]] | None:
    """Where to look (the lead of a content), and for what."""
    words = _AWAY.get(language)
    if words is None:
        return None
    for word in ("without", "ohne", "sin", "sans"):
        words = words.replace(f"{{{word}}}", _WITHOUT.format(word))
    if language == "zh":
        return regex.compile(rf".{{0,{_REACH['zh']}}}"), regex.compile(words)
    if language == "ar":  # "and", "with", "for" and the article are written as one with the word.
        words = rf"(?:و|ف)?(?:ب|ل|ك)?(?:ال)?(?:{words})"
    lead = regex.compile(rf"(?:[^\w'’-]*+[\w'’-]++){{0,{_WORDS}}}")
    return lead, regex.compile(rf"(?<![\w-])(?:{words})(?!\w)", regex.IGNORECASE)


def turns(content: str, language: str) -> int:
    """How often the leading words turn the content round; in German also its closing verb."""
    base = language.split("-")[0].lower()
    patterns = _patterns(base)
    if patterns is None:
        return 0
    lead, away = patterns
    reach = lead.match(content)
    end = 0 if reach is None else reach.end()
    # Past the end of the lead only what follows a word is looked at, as after "without".
    found = sum(hit.start() < end for hit in away.finditer(content, 0, end + _AHEAD))
    if base == "de":
        found += _closing(content, end, away)
    return int(found)


def _closing(content: str, start: int, away: regex.Pattern[str]) -> int:
    """1 where the first clause ends in such a verb: "Den Ausbau von Windrädern bremsen"."""
    stop = _CLAUSE_END.search(content, start)
    last = _LAST_WORDS.search(content, start, len(content) if stop is None else stop.start())
    return 0 if last is None else int(away.search(content, *last.span()) is not None)
