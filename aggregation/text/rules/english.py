"""English: how citizens write norms, from "The AI must never ..." to "More bike lanes"."""

from aggregation.text.rules.table import Table

# "n't" in its spellings; without an apostrophe only after a known verb, or "want" would deny.
_NT = (
    r"(?:n\s?['’´`]\s?t\b|(?<=\b(?:do|does|did|is|are|was|were|should|shoud|would|could|must|have"
    r"|has|ca|wo|need))nt\b)"
)
_NOT = rf"(?:\s*{_NT}|\s+not\b|\s+never\b|\s+no\s+longer\b)"
_BE = r"(?:is|are|be|being|gets?)"
_AI = (
    r"ai['’]?s?|a\.\s?i\.?|a\s+i|al|artificial\s+intelligen\w+|(?:chat\s?-?)?bots?|chat\s?gpt"
    r"|robots?|assistants?|(?:large\s+)?language\s+models?|llms?|models?|systems?|machines?"
    r"|algorithms?|computers?|programs?"
)
_AI_NOUN = (
    rf"(?:(?:the|an?|any|all|every|this|that|these|those|our|no|good|future|most)\s+)?(?:{_AI})"
    r"(?:[\s-]+(?:systems?|models?|assistants?|chat\s?bots?|bots?|tools?|agents?|technolog\w+"
    r"|programs?|developers?|companies|responses?|answers?))*"
)
_ADDRESSEE = rf"{_AI_NOUN}|it|they|he|she|we|you|one|so|i"

_EVALUATION = (
    r"important|essential|crucial|vital|necessary|imperative|critical|better|best|desirable"
    r"|mandatory|required"
)
_BLAME = r"wrong|unacceptable|unethical|immoral|inappropriate|irresponsible|a\s+mistake"
_LICENCE = r"ok|okay|acceptable|fine|alright|all\s+right|permissible"
_IT_IS = r"(?:it\s*(?:is|['’]?s)|it\s+(?:would|should|must|will)\s+be)"
_DEGREE = r"(?:\s+(?:very|really|absolutely|extremely|also|so|most|totally|completely|just))*"
_FOR = r"\s+(?:that|to|for|if|when)\b"
_MISSPELT = r"(?:should|shoud|shold|shoudl|shuld|sould|shoould|hould)"

_VERBS = (
    "abide accept acknowledge act adapt add address admit adopt advise aid aim allow always "
    "analy[sz]e answer apologi[sz]e apply ask assess assist assume attract balance base be "
    "become begin behave block boost bring build call care cease challenge change check "
    "choose cite clarify clean close collect combine comfort communicate complete comply "
    "concentrate condemn confirm connect consider consult continue contribute control convert "
    "correct cooperate create cut deal decide declare decline decrease defend defer deliver "
    "demonstrate deny describe design develop direct disclose discourage discuss distribute "
    "diversify do double earn ease educate eliminate embrace empower enable encourage end "
    "enforce engage enhance ensure establish evaluate examine expand explain explore expose "
    "express extend facilitate feel find fix focus follow foster fund further generate get "
    "give go grow guarantee guide handle hear help hike hire hold honou?r identify ignore "
    "implement improve include increase inform insist inspire install instruct integrate "
    "introduce invest invite involve join keep know label lead learn leave let license limit "
    "link listen look lower maintain make manage mention mimic minimi[sz]e monitor move obey "
    "offer open operate organi[sz]e own pass pay permit place plan plant play please point "
    "practi[sc]e prepare present preserve prevent prioriti[sz]e produce promote propose "
    "protect prove provide publish punish put question raise reach react read recogni[sz]e "
    "recommend recycle redirect reduce refer regulate reject relax release remain remember "
    "remind remove repair replace reply report require respect respond restore restrict "
    "return reveal reward run save say search see seek select send separate serve set share "
    "show simplify slow speak speed spend stand start state stay stick strengthen strive "
    "subsidi[sz]e suggest supply support take talk tax teach tell test think tolerate train "
    "translate treat trust try turn understand update upgrade use utili[sz]e value verify "
    "view wait walk warn watch widen work write"
)
_VERB = "|".join(
    [*_VERBS.split(), r"\p{L}{3,}(?:ize|ise(?!s)|ify)(?<!exercise|enterprise|otherwise|likewise)"]
)

TABLE = Table(
    addressee=_ADDRESSEE,
    opinion=(
        r"i(?:\s+(?:also|really|strongly|personally|just|do|would\s+say))*"
        r"\s+(?:think|believe|feel|suggest|agree|say|guess|know)(?:\s+that)?"
        r"|in\s+my\s+(?:humble\s+)?(?:opinion|view)|my\s+(?:opinion|view)\s+is(?:\s+that)?"
    ),
    denial=(
        r"(?:i|we)(?:\s+(?:also|really|personally))*\s+(?:do\s*(?:n['’]?t|\s+not)|never)"
        r"(?:\s+\w+)?\s+(?:think|believe|feel|agree|see\s+why)(?:\s+that)?"
    ),
    cues=(
        (
            rf"\b(?:(?:i|we|you|people)\s+do(?:\s*{_NT}|\s+not)\s+need"
            r"(?=\s+(?:it|him|her|them|(?:the\s+)?ai)\s+to\b)"
            rf"|(?:do|does|did)(?:\s*{_NT}|\s+not)\s+(?:need|have)\s+to"
            rf"|need(?:\s*{_NT}|\s+not)(?=\s+\w)|{_MISSPELT}{_NOT}\s+(?:have|need)\s+to)\b",
            "must",
            1,
        ),
        (rf"\b{_BE}{_NOT}?\s+(?:\w+ly\s+)?(?:allowed|permitted|free)\s+to\b", "may", 1),
        (
            rf"\b(?:must{_NOT}?|(?:has|have|has\s+got|have\s+got)\s+to"
            rf"|{_BE}{_NOT}?\s+(?:required|obliged|obligated)\s+to)(?!\w)",
            "must",
            1,
        ),
        (
            r"\b(?:is|are)\s+(?:\w+ly\s+)?(?:forbidden|prohibited|banned)(?:\s+(?:from|to))?\b",
            "must",
            -1,
        ),
        (
            rf"\b(?:{_MISSPELT}(?=be\b|\W|$|nt\b|n\s?['’´`])(?:\s*{_NT})?"
            rf"|shall|ought(?:{_NOT})?\s+to|had\s+better"
            rf"|{_BE}{_NOT}?\s+(?:supposed|meant|expected)\s+to)",
            "should",
            1,
        ),
        (r"\bneeds?\s+to\b", "should", 1),
        (
            r"(?<!\w)(?=needs\b)(?<!\b(?:human|their|our|your|the|basic|special|of|users?|my|his"
            r"|her|its|all|some|no|\w+['’]s?)\s+)"
            r"\bneeds(?=\s+\w)(?!\s+(?:of|and|or|are|is|in|for|at|as)\b)",
            "should",
            1,
        ),
        (
            r"\b(?:we|i|you|there|people|everyone)\s+(?:(?:\w+ly|do(?:es)?\s+not|do(?:es)?n\s?['’]?t)\s+)?need(?!\s+to\b)(?=\s+\w)",
            "should",
            1,
        ),
        (
            rf"\b(?:i|we|people|citizens|users?)\s+(?:(?:do{_NOT}|really|also|just|only|\w+ly)\s+)*"
            r"(?:want|wish|expect|demand|insist|require|hope)(?=\s+(?!to\b)\w|\s+to\s+(?:be|see"
            r"|have|know)\b)"
            r"(?:\s+to\s+(?:see|have)\b)?",
            "should",
            1,
        ),
        (
            rf"(?:\b(?:i|we|people|users)(?:\s+would|\s?['’]d)|^\W*would){_NOT}?"
            r"(?:\s+(?:really|also|just|much|\w+ly))*\s+(?:like|love|prefer|want|wish|hope|expect)"
            r"(?=\s+(?!to\b)\w|\s+to\s+(?:be|see|have|know)\b)(?:\s+(?:for\b|to\s+(?:see|have)\b))?",
            "should",
            1,
        ),
        (
            r"\b(?:i|we)(?:\s+would|\s?['’]d)\s+have(?=\s+(?:(?:the|an?|my)\s+)?(?:ai|it|him|her"
            r"|them|robots?|assistants?|chat\s?bots?)\s+(?!been\b)(?:not\s+|never\s+|always\s+)?\p{L}+\b)",
            "should",
            1,
        ),
        (
            rf"\b(?:{_IT_IS}|is|are)\s+(?:(?:the|our|their|its|your)\s+)?"
            r"(?:responsibility|duty|obligation|job)(?=\s+(?:of|to|that)\b)(?:\s+(?:to|that)\b)?",
            "should",
            1,
        ),
        (rf"\b{_IT_IS}{_NOT}?{_DEGREE}\s+(?:{_EVALUATION}){_FOR}", "should", 1),
        (rf"\b{_IT_IS}{_NOT}?{_DEGREE}\s+(?:{_BLAME}){_FOR}", "should", -1),
        (rf"\b{_IT_IS}{_NOT}?{_DEGREE}\s+(?:{_LICENCE}){_FOR}", "may", 1),
        (
            r"\b(?:it\s+)?would\s+be\s+(?:really\s+|very\s+)?(?:nice|great|good|helpful|wonderful|better"
            r"|beneficial|ideal|prudent|wise|useful|appreciated)"
            r"(?:\s+(?:to(?:\s+(?:see|have))?|if|for|that)|(?=\W*$))",
            "should",
            1,
        ),
        (r"\bits\s+(?:\w+ly\s+)?(?:best|better|important)\s+(?:to|that|it|if)\b", "should", 1),
        (
            r"^\W*(?:hope|wish|need|want)(?=\s+(?!is\b|was\b)\w)(?:\s+that)?"
            r"|\b(?:my|our)\s+(?:hope|dream|wish)\s+is\s+(?:that|to(?:\s+(?:see|have))?)",
            "should",
            1,
        ),
        (r"\bit(?:['’]s|\s+is)\s+time\s+(?:to|for|that)\b", "should", 1),
    ),
    duty=(
        rf"(?:(?:(?:i|we|you|people)\s+)?(?:do|does|did)(?:\s*{_NT}|\s+not)"
        rf"\s+(?:need(?:\s+to)?|have\s+to)|need(?:\s*{_NT}|\s+not)"
        rf"|{_MISSPELT}{_NOT}\s+(?:have|need)\s+to"
        rf"|{_BE}{_NOT}\s+(?:required|obliged|obligated)\s+to)"
    ),
    negator=(
        rf"not|cannot|never|no\s+longer|neither|(?:do|does|did|will|would|is|are)(?:\s*{_NT}|\s+not)"
        r"|(?:under\s+)?no\s+circumstances?|in\s+no\s+(?:way|case)|at\s+no\s+(?:time|point)"
        r"|(?:have|do|cause|bring)\s+(?:absolutely\s+)?no|(?:show|give|make|express|display|use|take"
        r"|hold)\s+no(?!\s+more\s+than)"
        r"|be\s+free\s+(?:of|from)(?:\s+any)?"
    ),
    contraction=_NT,
    not_only=r"not\s+(?:only|just|merely|simply)",
    before=(
        r"\bnever\W*$|\b(?:nobody|no\s+one|none\s+of|neither|nor)\b(?:\s+[\w'’-]+){0,6}\s*$"
        r"|(?:^|[^\w\s]\s*|\bthat\s+)no\s+(?!matter|doubt|question)(?:[\w'’-]+\s+){1,5}$"
        r"|under\s+no\s+circumstances?\b|\bin\s+no\s+(?:case|way)\b|\bat\s+no\s+(?:time|point)\b"
    ),
    adverb=(
        r"always|also|ever|only|just|simply|really|definitely|certainly|generally|typically|usually"
        r"|absolutely|strictly|actively|immediately|automatically|at\s+all\s+times|of\s+course"
        r"|in\s+general|therefore|however|still|first|probably|surely|clearly|instead|rather"
        r"|at\s+all\s+costs|under\s+any\s+circumstances?|in\s+any\s+way|please|strongly"
    ),
    filler=(
        rf"(?:for\s+|that\s+)?(?:{_ADDRESSEE}|him|her|them)"
        r"(?=\s+(?:not\s+to|(?:always\s+)?to|never|should|must|would|could)\s)"
        rf"|that\s+(?:{_ADDRESSEE})(?=\s+\w)|to(?=\s+\w)"
        r"|be\s+(?:able|allowed|permitted|required|made|programmed|trained|designed)\s+to"
        r"|(?:try|attempt|strive|aim|make\s+an\s+effort"
        r"|make\s+every\s+effort)(?:\s+its\s+best)?\s+to"
        r"|be(?=\s+(?:an?\s+)?\w)|make\s+sure(?:\s+(?:to|that))?|have\s+to|be\s+sure\s+to"
        r"|(?:should|must|would|could)"
    ),
    reverser=(
        r"refuse\s+to|avoid|refrain\s+from|abstain\s+from|stop(?=\s+\w+ing\b)|cease(?:\s+to)?"
        r"|quit(?=\s+\w+ing\b)|fail\s+to|hesitate(?:\s+to)?|neglect\s+to|forget\s+to|decline\s+to"
        r"|be\s+afraid\s+(?:to|of)|steer\s+clear\s+of|stay\s+away\s+from|keep\s+away\s+from"
        r"|be\s+(?:\w+ly\s+)?(?:prohibited|forbidden|banned|barred|prevented|stopped)(?:\s+from)?"
        r"|be\s+(?:abolished|outlawed|made\s+illegal|illegal)|(?:ban|prohibit|forbid|outlaw"
        r"|abolish)"
        r"|be\s+discouraged(?:\s+from)?"
    ),
    order_not=(
        rf"do(?:\s*{_NT}|\s+not)(?:\s+(?:ever|be\s+allowed\s+to))?|never(?!\s+mind)|avoid"
        r"|refrain\s+from|stop|quit|cease|ban|prohibit|forbid|abolish|outlaw"
        r"|(?:no|say\s+no\s+to)(?!\s*[,.!])(?!\s+(?:one|idea|opinion|comment|way|problem|matter"
        r"|doubt|thanks?)\b)"
        r"(?=\s+\p{L})(?!.*(?<!\b(?:that|which|who)\s+)\b(?:is|are|was|were|has|have|will|can|knows?|should|must"
        r"|could|would|might|may|does|did|had|makes?|made)\b)"
        rf"|not\s+to|not(?=\s+(?:{_VERB})\b)|absolutely\s+no(?=\s)|(?:let['’]s|let\s+us)\s+not"
    ),
    order_lead=(
        r"please|just|also|and|so|then|kindly|always|simply|instead|let['’]s|let\s+us|everyone"
        r"|i\s+think|in\s+my\s+opinion|therefore|to(?=\s+\w)"
    ),
    verbs=_VERB,
    demand=(
        r"(?:(?:much|many|even|far|way|a\s+lot|lots?\s+of|some|significantly)\s+)*"
        r"(?:more|less|fewer|better|free|higher|lower|stricter|tougher|stronger|equal|equitable"
        r"|affordable|additional|improved|improvements?|safer|cheaper|bigger|greater|wider"
        r"|universal"
        r"|mandatory|guaranteed|zero|increased?|reduced?|priority|an?\s+end\s+to|full|proper)\b"
    ),
    demand_not=r"(?:no\s+more|no|zero|an?\s+end\s+to)(?=\s+\p{L})",
    finite=(
        r"(?:is|are|was|were|am|isn['’]?t|aren['’]?t|has|have|had|hasn['’]?t|haven['’]?t|does|did"
        r"|do|don['’]?t|doesn['’]?t|will|won['’]?t|would|can|can['’]?t|cannot|could|may|might"
        r"|it['’]?s|that['’]s|there['’]s|they['’]re|we['’]re|i['’]m|seems?|makes?|means?|gets?"
        r"|gives?|helps?|goes|comes|causes?|leads?|creates?|says?|likes?|thinks?|wants?|works?)\b"
    ),
    auxiliary=r"is|are|was|were|has|will|would|can|could|may|might",
    absolute_near=r"always|never|ever|completely|entirely",
    absolute=(
        r"at\s+all\s+costs|under\s+(?:any|no)\s+circumstances?|no\s+matter\s+what"
        r"|without\s+exceptions?|in\s+(?:any|no|all|every)\s+(?:cases?|ways?|scenarios?"
        r"|situations?|circumstances?)"
        r"|at\s+all(?!\s+times)|at\s+all\s+times|for\s+any\s+reason|regardless\s+of"
        r"|at\s+no\s+(?:time|point)"
        r"|absolutely\s+no|in\s+any\s+way|100\s?%"
    ),
    condition=(
        r"(?<!\w)(?=\w)(?<!\b(?:asks?|asking|know|knows|tell|see|check|wonder|decide|doubt|as|even|like|nice|great|good|better"
        r"|helpful|wonderful|beneficial|ideal|prudent|wise|useful)\s+)"
        r"\b(?:only\s+)?(?:if|when|whenever|in\s+case|in\s+the\s+event|provided(?:\s+that|\s+it"
        r"|\s+they)"
        r"|as\s+long\s+as|so\s+long\s+as)\b"
    ),
    short_condition=(
        r"\b(?:if|when|where|whenever|wherever)\s+(?:(?:it\s+is|at\s+all)\s+)?(?:possible"
        r"|appropriate|necessary"
        r"|needed|relevant|applicable|feasible|asked|requested)(?=\W*(?:$|[,;.)]|(?:the|an?"
        r"|this|all|it|ai)\b))"
    ),
    exception=(
        r"\b(?:unless|except(?:ing|ion\s+being)?|with\s+the\s+exceptions?\s+of|other\s+than"
        r"|apart\s+from"
        r"|aside\s+from|excluding|save\s+for|but\s+not\s+(?:if|when|for))\b"
    ),
    aside=(
        r"\b(?:because|so\s+that|although|even\s+though|though|even\s+(?:if|when)|whereas"
        r"|since\s+(?:it|they|the|we|ai))\b"
    ),
    reply=(
        r"no\s+(?:idea|problems?|comments?|opinion|thanks?|thank\s+you|difference|worries|answer"
        r"|clue|changes?|concerns?|preference|experience|reason)"
        r"(?:\s+(?:at\s+all|really|whatsoever))?"
        r"|none|nothing|nope?|yes|yeah|yep|ok(?:ay)?|thanks?(?:\s+you)?|sure|maybe|not\s+sure"
        r"|n/?a|idk|dunno"
    ),
    fact_negation=(
        rf"\b(?:not(?!\s+(?:only|just))|never|no|nobody|none|nothing|cannot|without)\b|{_NT}"
    ),
    agent=rf"{_AI_NOUN}|it|they|robots?",
    weak=rf"\b(?:(?:may|can)(?:\s+not\b|\s+never\b|\s+no\s+longer\b|not\b)?|ca{_NT})(?!\w|['’])",
    restrict=r"only|exclusively",
    permits=r"may|allowed",
    refusal=r"refuse|decline",
    stative=(
        r"(?:(?:not|never|ever|really|truly|fully|completely|actually|always|also|even|still|yet"
        r"|only|just|possibly|\w+ly)\s+)*(?:understand|feel|think|have|know|love|see|hear"
        r"|replicate|grasp|work|empathi[sz]e|replace|comprehend|experience|sense|care|become|cause"
        r"|lead|seem|result|relate|match|compete|compare|substitute|simulate|imitate|connect"
        r"|be(?!\s+(?:\w+\s+)?(?:used?|allowed|permitted|given|made|held|sold|shared|stored"
        r"|\w{3,}ed)\b))"
    ),
    myself=(
        r"i|my\s+(?:mother|father|mom|mum|dad|son|daughter|wife|husband|parents|friends?|brother"
        r"|sister|family|grand\w+|kids?|child|children)"
    ),
    embedded=(
        r"\b(?:how|whether|why|what|which)\s+(?:[\w'’]+\s+){0,3}$"
        r"|(?<=\p{L})(?<!\b(?:and|or|but|so|think|believe|feel|say|agree|know|suggest|hope|insist"
        r"|opinion|is|view|maybe|perhaps))\s+(?:that|which|who)\s+$"
    ),
    own_right=(
        rf"(?:{_NOT}|{_NT})?(?:\s+(?:always|also|never|at\s+least))*\s+(?:have\s+to"
        r"|be\s+(?:able|allowed|free|told|informed|asked|given|treated)"
        r"|have\s+(?:an?\s+|the\s+|full\s+|more\s+)*(?:right|option|choice|control|access|say|power"
        r"|ability)|know\b|get\s+to)"
    ),
    licence=r"it\b",
    main_start=(
        r"then\b|please\b|its?\s+best\b|it['’]?s\s+(?:best|better|important|necessary)\b"
        r"|(?:should|must|may)\s+(?:the\s+|an?\s+)?(?:ai|it|chat\s?bots?|assistants?)\b"
    ),
    bare=(
        rf"(?:the\s+|an?\s+)?(?:ai|al|a\.i\.|artificial\s+intelligence|chatbot|robot|assistant)\s+"
        rf"(?:always\s+)?(?=(?:{_VERB})\s+\p{{L}})"
    ),
)
