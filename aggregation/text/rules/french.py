"""French: "ne ... pas" around the verb, of which speech keeps only the second half."""

from aggregation.text.rules.table import Table

_AI = (
    r"ia|intelligences?\s+artificielles?|chat\s?bots?|bots?|chatgpt|robots?|assistants?"
    r"|modèles?|systèmes?|machines?"
    r"|algorithmes?|programmes?"
)
_ADDRESSEE = (
    rf"(?:(?:l['’]\s?|les\s+|le\s+|la\s+|une?\s+|toute\s+|aucune?\s+|cette\s+|d['’]\s?))?(?:{_AI})"
    r"|elles?|ils?|on|nous|vous|je|tu|ça|cela"
)
_PAS = (
    r"pas|jamais|plus(?!\s+(?:de|en|\w+e?s?\s+que))|aucunement|nullement|aucune?s?|rien"
    r"|personne|ni|en\s+aucun\s+cas|sous\s+aucun\s+prétexte"
)
_VERBS = (
    "respecter aider dire donner faire être avoir promouvoir protéger garantir favoriser "
    "améliorer créer investir augmenter réduire offrir expliquer répondre informer utiliser "
    "traiter écouter maintenir citer avertir admettre reconnaître soutenir limiter réguler "
    "contrôler permettre exiger éduquer développer encourager"
)

_CLITIC = r"(?:(?:me|te|le|la|les|lui|nous|vous|leur|se|y|en)(?!\w)|[mtls]['’])"

TABLE = Table(
    addressee=_ADDRESSEE,
    opinion=(
        r"je\s+(?:pense|crois|trouve|considère)(?:\s+qu(?:e|['’]))?|à\s+mon\s+avis|selon\s+moi"
        r"|pour\s+moi"
    ),
    denial=r"je\s+(?:ne\s+)?(?:pense|crois)\s+pas(?:\s+qu(?:e|['’]))?",
    cues=(
        (
            r"\b(?:il\s+)?(?:est|sont|soit|soient)\s+(?:strictement\s+)?(?:interdite?s?|prohibée?s?)\b",
            "must",
            -1,
        ),
        (
            r"\b(?:devrait|devraient|devrions|(?:il\s+(?:ne\s+)?)?faudrait|devrais|aurait\s+à)\b",
            "should",
            1,
        ),
        (
            r"\b(?:doit|doivent|devons|devra|devront|(?:il\s+(?:ne\s+)?)?(?:faut|faudra)|a\s+l['’]obligation\s+de"
            r"|est\s+tenue?\s+de|(?:n['’]\s?)?(?:a|ont)\s+(?:pas\s+)?à(?=\s+\w+(?:er|ir|re)\b))\b",
            "must",
            1,
        ),
        (
            r"\bje\s+(?:ne\s+)?(?:veux|voudrais|souhaite|souhaiterais|demande|exige|attends"
            r"|préfère|préférerais)\b"
            r"|\bnous\s+(?:ne\s+)?(?:voulons|souhaitons|demandons|exigeons)\b"
            r"|\bj['’](?:aimerais|attends|exige|espère|aurais\s+aimé)\b|\bpourvu\s+qu(?:e\b|['’])",
            "should",
            1,
        ),
        (r"\b(?:nous\s+avons|on\s+a)\s+besoin\s+d(?:e|['’])", "should", 1),
        (
            r"\b(?:il\s+est|c['’]est|il\s+serait|ce\s+serait)\s+(?:pas\s+)?(?:très\s+"
            r"|vraiment\s+)?(?:important|essentiel|nécessaire|crucial"
            r"|indispensable|souhaitable|primordial|mieux)\b",
            "should",
            1,
        ),
        (
            r"\b(?:il\s+est|c['’]est)\s+(?:très\s+)?(?:inacceptable|inadmissible|immoral)\b",
            "should",
            -1,
        ),
        (
            r"\b(?:il\s+(?:n['’])?est|c['’]est)\s+(?:pas\s+)?(?:acceptable|admissible|normal)\b",
            "may",
            1,
        ),
    ),
    duty=r"(?:est\s+tenue?\s+de|(?:n['’]\s?)?(?:a|ont)\s+(?:pas\s+)?à)",
    no_duty=r"(?:il\s+(?:n['’])?est|c['’]est)\s+(?:pas\s+)?(?:nécessaire|indispensable)",
    licence=r"(?:il|c)\b",
    myself=(
        r"je|j['’]|(?:mon|ma|mes)\s+(?:mère|père|grand\S*|fils|filles?|femme|mari|parents|ami(?:e|s)?"
        r"|frère|sœur|famille|enfants?)"
    ),
    embedded=r"\b(?:comment|pourquoi|quand)\s+(?:[\w'’]+\s+){0,3}$",
    own_right=r"(?:\s+pas)?\s+(?:pouvoir|avoir\s+le\s+droit|être\s+libre)",
    refusal=r"refuser|décliner",
    late_negation=(
        r"(?<!\w)(?=personne\b)(?<!\b(?:une?|la|les|chaque|toute|cette|quelque|autre|de|aux|en)\s+)\bpersonne\b"
        r"|(?<!\w)(?=rien\b)(?<!\bde\s+)rien\b|\baucune?\b"
    ),
    wish_that=r"que\b|qu['’]",
    main_start=r"(?:doit|devrait|doivent|devraient)\s+(?:l['’]|la|le|les)",
    negator=_PAS,
    not_only=r"pas\s+(?:seulement|uniquement)",
    before=(
        r"(?:^|\W)(?:aucune?|jamais|personne|nul(?:le)?|en\s+aucun\s+cas)\b(?:\s+[\w'’-]+){0,5}\s*$"
    ),
    adverb=(
        r"toujours|aussi|seulement|uniquement|vraiment|simplement|en\s+toutes?\s+circonstances?"
        r"|absolument|strictement"
        r"|clairement|également|ne|n['’]|en\s+permanence|systématiquement"
    ),
    filler=(
        rf"qu(?:e\s+|['’]\s?)(?:{_ADDRESSEE})?|(?:{_ADDRESSEE})(?=\s+(?:ne|soit|soient|ait"
        rf"|puisse|respecte|dise|mente)\b)"
        r"|être\s+capables?\s+de|pouvoir|essayer\s+de|tenter\s+de|veiller\s+à|s['’]assurer\s+de"
        r"|s['’]efforcer\s+de"
        r"|(?:mente|dise)(?=\s+(?:pas|jamais)\b)"
    ),
    reverser=(
        r"refuser(?:\s+d(?:e|['’]))?|éviter(?:\s+d(?:e|['’]))?|s['’]abstenir\s+d(?:e|['’])"
        r"|cesser\s+d(?:e|['’])|arrêter\s+d(?:e|['’])"
        r"|être\s+interdite?s?|interdire|hésiter\s+à|oublier\s+de|craindre\s+de|manquer\s+de"
        r"|renoncer\s+à"
    ),
    order_not=(
        rf"ne\s+(?:pas|jamais|plus|rien)|jamais|n['’](?=\w+\s+(?:pas|jamais|plus|rien|aucune?)\b)"
        rf"|ne(?=\s+(?:{_CLITIC}\s*)*\w+(?:ez|ons|e|s|is|ts)\s+(?:pas|jamais|plus|rien|aucune?)\b)"
        r"|évite[rz]?|arrête[rz]?(?:\s+de)?|cesse[rz]?\s+de|interdire|interdiction\s+d(?:e|es|u)"
        r"|pas\s+d(?:e\s|['’])|aucune?|stop\s+(?:à|aux|au)|non\s+(?:à|aux|au)|fini\s+l(?:e|es"
        r"|a)"
    ),
    order_lead=r"s['’]il\s+(?:vous|te)\s+plaît|toujours|et|aussi|merci\s+de",
    verbs=(
        "|".join(_VERBS.split())
        + r"|sois|soyez|aide|aidez|dis|dites|donne|donnez|respecte|respectez|protège"
        r"|protégez|faites|fais|utilisez|gardez|\p{L}{2,}ez(?!\s+vous)(?<!chez|assez|nez)"
    ),
    demand=(
        r"(?:beaucoup\s+)?(?:plus|moins|davantage)\s+d(?:e\s|['’])|(?:de\s+)?meilleure?s?\b"
        r"|accès\b|droit\s+à|transparence\b|gratuité\b"
    ),
    demand_not=r"(?:pas\s+d(?:e|['’])|aucune?|zéro|fin\s+d(?:e|es|u))(?=\s*\p{L})",
    finite=(
        r"(?:est|sont|était|a|ont|avait|peut|peuvent|fait|font|va|vont|sera|seront|suis|ai"
        r"|semble|existe|existent|sait|veut|pense|crois|\p{L}+(?:ront|ra)|dit|utilise|j['’])\b"
    ),
    auxiliary=r"est|sont|a|ont",
    absolute_near=r"toujours|jamais|absolument",
    absolute=(
        r"en\s+aucun\s+cas|sous\s+aucun\s+prétexte|à\s+tout\s+prix|sans\s+exception"
        r"|en\s+toutes?\s+circonstances?"
        r"|dans\s+tous\s+les\s+cas|systématiquement"
    ),
    condition=(
        r"(?<!\w)(?=\w)(?<!\b(?:même|comme|savoir|demander|dire)\s+)(?<!\w)(?:(?:seulement\s+"
        r"|uniquement\s+)?(?:si(?=\s)|s['’](?=ils?\b)|quand|lorsqu(?:e\b|['’])"
        r"|en\s+cas\s+d(?:e\b|['’])"
        r"|à\s+condition\s+(?:que|de)|tant\s+qu(?:e\b|['’])|dès\s+lors\s+que))"
    ),
    short_condition=r"\b(?:si|quand)\s+(?:c['’]est\s+)?(?:possible|nécessaire)\b",
    exception=(
        r"(?<!\w)(?:sauf(?:\s+(?:si|quand|en|pour|lorsque))?(?!\w)|à\s+moins\s+(?:que\b|qu['’]|de\b|d['’])"
        r"|(?:excepté|hormis|à\s+l['’]exception\s+d(?:e|es|u)|hors\s+cas)(?!\w))"
    ),
    aside=(
        r"(?<!\w)(?:parce\s+qu(?:e\b|['’])|car\b|puisqu(?:e\b|['’])|bien\s+que\b|afin\s+(?:que"
        r"|de)\b|pour\s+que\b|même\s+(?:si|quand)\b)"
    ),
    reply=(
        r"aucune?\s+(?:idée|problème|avis|réponse|différence|commentaire)|rien|non|oui|merci"
        r"|d['’]accord|ok|peut-être"
    ),
    fact_negation=(r"\b(?:pas(?!\s+(?:seulement|uniquement))|jamais|aucune?|rien|personne|sans)\b"),
    agent=rf"(?:(?:l['’]\s?|les\s+|le\s+|la\s+|une?\s+|aucune?\s+))?(?:{_AI})|elle",
    restrict=r"seulement|uniquement|que",
    weak=r"\b(?:peut|peuvent|pourra|pourront)\b",
    permits=r"(?!)",
    stative=r"(?:comprendre|ressentir|penser|avoir|être|savoir|remplacer)",
)
