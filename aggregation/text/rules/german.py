"""German: the negation often follows its object ("Die KI sollte Menschen nicht ...")."""

from aggregation.text.rules.table import Table

_AI = (
    r"kis?|ai|künstliche\s+intelligenz\w*|chat\s?-?bots?|bots?|chatgpt|roboter|assistent(?:en|in)?"
    r"|sprachmodelle?|modelle?|systeme?|maschinen?|algorithm\w+|computer|programme?"
)
_ADDRESSEE = (
    rf"(?:(?:die|das|der|den|eine?|jede[rs]?|keine?|alle|diese[rs]?|unsere)\s+)?(?:{_AI})"
    r"(?:[\s-]+(?:systeme?|modelle?|assistent(?:en)?|anwendungen?))?|sie|es|er|man|wir|ich|du"
)
_NICHT = (
    r"nicht|nie(?:mals)?|keine?[nmrs]?|keinesfalls|keineswegs|nimmer|niemand\w*|nichts|weder"
    r"|nirgends"
)
_NO_CASE = (
    r"(?:auf\s+)?(?:gar\s+)?(?:keinen|in\s+keinem|unter\s+keinen)\s+(?:fall|fällen|umständen)"
)
_AFTER_AND = r"(?<!\b(?:und|aber|oder|statt|sondern|wenn|ob)\s+)"

TABLE = Table(
    addressee=_ADDRESSEE,
    opinion=(
        r"(?:ich|wir)\s+(?:finde|finden|denke|denken|meine|glaube|glauben"
        r"|bin\s+der\s+meinung)(?:,?\s+dass)?"
        r"|meiner\s+(?:meinung|ansicht)\s+nach|für\s+mich"
    ),
    denial=r"(?:ich|wir)\s+(?:finde|denke|glaube|meine|glauben|denken)n?\s+nicht(?:,?\s+dass)?",
    cues=(
        (r"\b(?:darf|dürfen|dürfte|dürften)\b", "may", 1),
        (
            r"\b(?:ist|sind|wird|werden|gehört|gehören)\s+(?:\w+\s+)?(?:verboten|untersagt)\b",
            "must",
            -1,
        ),
        (r"\b(?:soll(?:te|ten|en)?|sollt(?:et)?|müsste|müssten)\b", "should", 1),
        (r"\b(?:muss|muß|müssen|musst)\b", "must", 1),
        (r"\bgehör(?:t|en)(?=\s+(?:\w+\s+)*\w+(?:t|en)\W*$)", "should", 1),
        (
            r"\b(?:ist|sind|wäre|wären)(?:\s+\w+)?\s+(?:notwendig|nötig|unerlässlich"
            r"|erforderlich|überfällig)\b",
            "should",
            1,
        ),
        (r"\b(?:hat|haben|ist|sind)(?=\s+(?:\w+\s+){1,6}zu\s+\w+en\b)", "must", 1),
        (
            r"\b(?:ich|wir)\s+(?:möchte|möchten|will|wollen|wünsche(?:n)?|fordere|fordern"
            r"|verlange|verlangen"
            r"|erwarte|erwarten|hoffe|hoffen)\b(?:\s+(?:mir|uns))?",
            "should",
            1,
        ),
        (
            r"\b(?:ich|wir)\s+(?:würde|würden|hätte|hätten)(?:\s+(?:mir|uns))?\s+gerne?\b",
            "should",
            1,
        ),
        (r"\b(?:(?:wir|es)\s+(?:brauchen|braucht|benötigen|bedarf)|bitte)\b", "should", 1),
        (
            r"\b(?:es\s+(?:ist|wäre)|ist\s+es|wäre\s+es|mir\s+ist)\s+(?:\w+\s+)?(?:wichtig"
            r"|notwendig|nötig"
            r"|wünschenswert|unerlässlich|besser|entscheidend|gut|schön|an\s+der\s+zeit)\b",
            "should",
            1,
        ),
        (
            r"\b(?:es\s+(?:ist|wäre)|ist\s+es)\s+(?:\w+\s+)?(?:falsch|inakzeptabel|unzulässig"
            r"|unethisch)\b",
            "should",
            -1,
        ),
        (
            r"\b(?:es\s+(?:ist|wäre)|ist\s+es)\s+(?:\w+\s+)?(?:ok|okay|in\s+ordnung|akzeptabel"
            r"|erlaubt|zulässig)\b",
            "may",
            1,
        ),
    ),
    duty=r"(?:muss|muß|müssen|musst|müsste|müssten|braucht|brauchen)",
    negator=rf"{_NO_CASE}|{_NICHT}",
    not_only=r"nicht\s+(?:nur|bloß|allein|lediglich)",
    before=(
        rf"^\W*(?:keine?[rs]?|niemand|nie(?:mals)?|{_NO_CASE})\b(?:\s+\S+){{0,4}}\s*$"
        rf"|\bnie(?:mals)?\s*$"
        r"|\bdass\s+(?:die\s+|eine\s+)?\w+\s+(?:\w+\s+)*(?:nicht|nie|niemals|keine?\w?)\b.*$"
    ),
    adverb=(
        r"immer|stets|auch|nur|jederzeit|grundsätzlich|unbedingt|generell|wirklich|einfach"
        r"|auf\s+jeden\s+fall"
        r"|in\s+jedem\s+fall|jemals|dringend|endlich|sofort|bitte|daher|deshalb|aber|ja|doch"
        r"|schon|wieder"
    ),
    filler=(
        rf"dass\s+(?:{_ADDRESSEE})|dafür\s+sorgen,?\s+dass|darauf\s+achten,?\s+dass"
        rf"|(?:{_ADDRESSEE})(?=\s+(?:{_NICHT}|immer|stets|auch)\b)"
    ),
    reverser=r"vermeiden\b|aufhören\b",
    order_not=(
        rf"(?:{_NO_CASE}|niemals|nie(?!\s+wieder\s+\p{{Lu}})|nicht(?!\s+(?:nur|alle"
        rf"|jede))(?=.*\w+(?:en|ern|eln)\W*$)"
        r"|keine?[nmrs]?(?!\s+(?:ahnung|statement|meinung))(?=\s+\p{L})"
        r"(?!.*\b(?:ist|sind|hat|wird|war|kann|können|gibt|weiß)\b)"
        r"|verbot\s+(?:von|der|des|für)|schluss\s+mit|stopp?t?(?:\s+(?:von|der|des|mit))?"
        r"|verbietet|verbiete"
        r"|weg\s+mit|abschaffung\s+(?:von|der|des)|hör(?:t)?\s+auf|vermeide|vermeidet)"
    ),
    order_lead=r"bitte|und|auch|immer|stets|einfach|generell|ich\s+finde",
    verbs=(
        r"(?:sei|seid|hilf|helft|sag|sagt|sage|gib|gebt|mach|macht|mache|lass|lasst|zeig|zeige"
        r"|zeigt|nutze|nutzt"
        r"|achte|achtet|respektiere|respektiert|schütze|schützt|frage|fragt|antworte|bleib"
        r"|bleibe|bleibt|erkläre"
        r"|behandle|denk|denke|unterstütze|fördere|nimm|nehmt|sprich|stelle|verwende"
        r"|warne)(?=\s)(?!\s+(?:ich|ist|wird))"
    ),
    demand=(
        r"(?:(?:viel|deutlich|noch|wesentlich)\s+)?(?:mehr|weniger|höhere[rns]?"
        r"|niedrigere[rns]?|bessere[rns]?"
        r"|strengere[rns]?|kostenlose[rns]?|gratis|günstigere[rns]?|einführung|ausbau|förderung"
        r"|abbau|erhöhung|senkung"
        r"|verpflichtende[rns]?|faire[rns]?|stärkere[rns]?|recht\s+auf|stopp|reduktion"
        r"|besteuerung|verpflichtung)\b"
        r"|.*(?<!\bund\s)\b\p{Ll}\w{2,}(?:en|ern|eln)(?:\s*\([^)]*\))?\W*$"
    ),
    demand_not=rf"(?:{_NICHT})(?=\s+\p{{L}})|.*\b(?:verbieten|abschaffen|stoppen|unterbinden)\W*$",
    finite=(
        r"(?:ist|sind|war|waren|bin|seid|hat|habe|hatte|hatten|wird|werde|wurde|wurden|gibt"
        r"|geht|kann|könnte|könnten"
        r"|macht|steht|stehen|braucht|bringt|kommt|liegt|bleibt|führt|fehlt|zeigt|kostet|würde"
        r"|hätte|wäre|fahre|esse"
        r"|finde|denke|glaube|weiß|verstehe|ich|wir|man|können"
        r"|haben\s+(?!zu\b)(?=\w+\s+\w+\s+\w)|werden\s+(?=\w+\s+\w))\b"
    ),
    auxiliary=r"ist|sind|war|hat|wird",
    absolute_near=r"immer|stets|nie|niemals|jemals|grundsätzlich|überhaupt",
    absolute=(
        rf"jederzeit|ausnahmslos|{_NO_CASE}|keinesfalls|in\s+jedem\s+fall|um\s+jeden\s+preis"
        r"|auf\s+jeden\s+fall|unter\s+allen\s+umständen|ohne\s+ausnahme"
    ),
    condition=(
        r"(?<!\b(?:auch|selbst|als|wie|frage|fragen|weiß|ob)\s+)\b(?:(?:nur\s+)?(?:wenn|falls"
        r"|sofern|sobald|solange)"
        r"|im\s+fall(?:e)?|vorausgesetzt|wo\s+möglich)\b"
    ),
    short_condition=(
        r"\b(?:wenn|wo|falls|sofern)(?:\s+immer)?\s+(?:möglich|nötig|erforderlich|gewünscht)\b"
    ),
    exception=(
        r"\b(?:außer|ausser|es\s+sei\s+denn(?:,\s*(?:dass\s+)?)?|ausgenommen|mit\s+ausnahme|abgesehen\s+von"
        r"|sofern\s+nicht"
        r"|wenn\s+nicht|bis\s+auf)\b"
    ),
    aside=(
        r"\b(?:weil|da\s+(?:die|sie|es|wir|das)|damit|obwohl|denn(?!\s*,)|sodass|auch\s+wenn"
        r"|selbst\s+wenn|um(?=\s+(?:\w+\s+)*zu\b))\b"
    ),
    fact_negation=rf"\b(?:{_NICHT}|ohne)\b(?!\s+(?:nur|bloß))",
    agent=rf"(?:(?:die|eine?|das|der|keine?)\s+)?(?:{_AI})|sie",
    restrict=r"nur|ausschließlich|lediglich",
    weak=r"\b(?:kann|können)\b",
    permits=r"(?!)",
    stative=r"(?:\w+\s+)*(?:verstehen|fühlen|denken|haben|sein|wissen|ersetzen)",
    late_negation=(
        rf"{_AFTER_AND}\b(?:{_NO_CASE}|(?:{_NICHT})(?!\s+(?:nur|bloß|allein|lediglich)\b))\b"
    ),
    late_reverser=(
        r"(?<!\p{L})(?:zu\s+)?(?:vermeiden|vermieden|vermeidet|verbieten|verboten|untersagen"
        r"|untersagt|unterlassen|verzichten"
        r"|weigern|verweigern|ablehnen|abgelehnt|abschaffen|abgeschafft|unterbinden|aufhören"
        r"|davon\s+absehen|scheuen|zögern)\b"
    ),
    continued=(
        r"(?<=\b(?:weigern|davor\s+scheuen|scheuen|zögern|verzichten|vermeiden|aufhören))\s*,\s*"
    ),
)
