"""Who is told to act? Nouns of each kind of actor, and where they stand beside a cue.

Kept apart from the tables of `modality`: what is stripped before embedding does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

KINDS = ("developer", "government", "user", "people", "ai", "unknown")


@dataclass(frozen=True)
class Actors:
    """Regular expressions of one language, case ignored, fragments without named groups.

    determiner (with its white space), modifier; nouns: one pattern for each of KINDS; conjunction;
    modifies: what may follow the noun ("that build AI"); opener: what may begin a
    clause before its subject; between: adverbs and negations between subject and cue; inverted:
    cues whose subject may follow them; that: between a cue that holds the speaker ("I want")
    and the subject; infinitive: after the subject, where no "that" went before; passive:
    from the end of the cue; agent: "by"; impersonal: how a cue without a subject before it begins.
    """

    determiner: str
    modifier: str
    nouns: tuple[str, ...]
    conjunction: str
    modifies: str
    opener: str
    between: str
    inverted: str
    that: str
    infinitive: str
    passive: str
    agent: str
    impersonal: str


ENGLISH = Actors(
    determiner=(
        r"(?:the|an?|all|any|every|each|no|our|your|their|its|these|those|this|that|some|most|many"
        r"|both)\s+"
    ),
    modifier=(
        r"ai|human|medical|local|national|federal|private|public|big|large|tech(?:nology)?|social"
        r"|software|future|other|good|real|trained|licensed|qualified|artificial|young|older"
        r"|elderly|responsible|legal|mental\s+health|health(?:care)?|city|more"
    ),
    nouns=(
        r"developers?|compan(?:y|ies)|makers?|creators?|programmers?|manufacturers?|engineers?"
        r"|providers?|vendors?|corporations?|firms?|business(?:es)?|industry|tech\s+giants?"
        r"|designers?|operators?|openai|anthropic|google|meta|microsoft",
        r"governments?|laws?|states?|regulators?|legislators?|legislation|lawmakers?|authorit(?:y"
        r"|ies)|parliament|congress|senate|politicians?|city|council|municipalit(?:y|ies)|courts?"
        r"|judges?|police|ministry|administration|e\.?u\.?|countr(?:y|ies)|nations?|regulations?",
        r"users?|customers?|consumers?|clients?|patients?",
        r"people|humans?|humanity|mankind|persons?|everyone|everybody|anyone|anybody|nobody|no\s+one"
        r"|we|you|one|society|parents?|child(?:ren)?|kids?|minors?|teachers?|doctors?|physicians?"
        r"|nurses?|professionals?|experts?|citizens?|students?|teens?|teenagers?|adults?|men|women"
        r"|individuals?|workers?|employees?|employers?|scientists?|someone|somebody|famil(?:y|ies)",
        r"(?:ai|a\.\s?i\.?|al|artificial\s+intelligences?|chat\s?-?bots?|bots?|chat\s?gpt|robots?"
        r"|assistants?|(?:large\s+)?language\s+models?|llms?|models?|machines?|algorithms?"
        r"|computers?)['’]?s?(?:\s+(?:systems?|models?|assistants?|chat\s?bots?|bots?|tools?|agents?"
        r"|technolog\w+|programs?|companions?))?",
        r"it|they|he|she|him|her|them|this|that",
    ),
    conjunction=r"and|or|as\s+well\s+as",
    modifies=r"that|who|which|of|in|with|for|from|whose|behind|using|at|on|under|working|making",
    opener=r"(?:[,;:–—]|\b(?:and|but|so|that|because|then|think|believe|feel)\b)\s*",
    between=(
        r"always|never|also|not|only|just|really|definitely|certainly|still|absolutely|simply"
        r"|generally|however|do|does|all|both|therefore|ever"
    ),
    inverted=r"should|must|may|shall|can|(?:(?:i|we)(?:\s+would|\s?['’]d)|would)\s+have",
    that=r"that|for|if|of",
    infinitive=r"\s+(?:(?:always|never|not|also|only|just)\s+)*to\s",
    passive=(
        r"(?:\s+(?:not|never|always|also|only|really|just|all|\w+ly)|n['’]?t)*"
        r"\s+(?:be|get|being|have\s+to\s+be|be\s+able\s+to\s+be)"
        r"\s+(?:(?:not|always|also|only|\w+ly)\s+)*"
        r"(?!(?:allowed|permitted|able|supposed|required|biased|unbiased|educated|balanced|concerned"
        r"|interested|informed|detailed|well|prepared|committed|dedicated|open-minded|programmed"
        r"|trained|designed|made|aged|good-natured|even-handed|need|indeed|speed|advanced"
        r"|scared|worried|grounded|focused|limited\s+to|reserved|polished|skilled)\b)"
        r"(?:(?:cross|double|fact|peer)[\s-])?(?:\w+ed|built|chosen|done|driven|fed|found|given|held|hidden|kept|known|led|left|lent"
        r"|lost|paid|put|run|said|seen|sent|set|shown|shut|sold|spent|stolen|taken|taught|told"
        r"|thrown|understood|used|won|written|brought|bought|cut|dealt|hurt)\b"
    ),
    agent=r"\bby\s+",
    impersonal=r"its?\b",
)
GERMAN = Actors(
    determiner=(
        r"(?:die|der|das|den|dem|eine[mnrs]?|ein|alle|jede[rs]?|keine?[nmr]?|diese[rs]?|unsere?"
        r"|meine?|viele)\s+"
    ),
    modifier=r"großen?|privaten?|künstlichen?|österreichischen?|öffentlichen?|echte[rn]?|anderen?",
    nouns=(
        r"(?:\w+-)?(?:hersteller|entwickler|anbieter|betreiber|programmierer)\w*|firm(?:a|en)"
        r"|unternehmen|konzerne?|betriebe?|industrie|wirtschaft|produzenten|\w*firmen"
        r"|\w*unternehmen|\w*konzerne",
        r"staat(?:en)?|regierung(?:en)?|gesetzgeber|gesetze?|politik(?:er\w*)?|parlament|behörden?"
        r"|gemeinden?|stadt|städte|land|länder|bund|eu|österreich|deutschland|schweiz"
        r"|gerichte?|polizei|ministerium|bundesregierung|verwaltung",
        r"nutzer\w*(?:\s+und\s+nutzer\w*)?|anwender\w*|kund\w+|konsument\w*|patient\w*"
        r"|verbraucher\w*|user",
        r"menschen?|leute|personen?|jede[rm]?|niemand|man|wir|eltern|kinder|jugendliche\w*"
        r"|lehrer\w*|lehrkräfte|ärzt\w+|arzt|bürger\w*|gesellschaft|fachleute|expert\w+|alle"
        r"|schüler\w*|pädagog\w+|erwachsene",
        r"kis?|ai|künstliche\s+intelligenz\w*|(?:ki-)?(?:chat\s?-?bots?|bots?|roboter"
        r"|assistent(?:en|in)?|sprachmodelle?|modelle?|systeme?|maschinen?|algorithm\w+|computer)"
        r"|chatgpt",
        r"sie|es|er|ihn|das|diese",
    ),
    conjunction=r"und|oder|sowie",
    modifies=r"die|der|das|welche|von|in|mit|für|aus|bei|im|des",
    opener=r"(?:[,;:–—]|\b(?:und|aber|dass|damit)\b)\s*",
    between=r"immer|auch|nie|niemals|nicht|nur|daher|deshalb|sich|mir|mich|uns|bitte",
    inverted=(
        r"darf|dürfen|soll(?:te|ten|en)?|muss|muß|müssen|müsste|müssten|hat|haben|sollt(?:et)?"
    ),
    that=r"dass|wenn",
    infinitive=r"(?!)",
    passive=(
        r"(?:\s+[^\s,;.:!?]+){0,14}?\s+"
        r"(?:\w*ge\p{Ll}{2,}(?:t|en)|\p{Ll}+iert|(?:ver|be|er|ent|zer|über|unter)\p{Ll}+(?:t|en))"
        r"\s+(?:werden|sein|bleiben)\b|(?<=gehört|gehören)\s"
    ),
    agent=r"\b(?:vo[nm]|durch)\s+",
    impersonal=r"(?:es|ist\s+es|wäre\s+es)\b",
)
SPANISH = Actors(
    determiner=(
        r"(?:la|las|el|los|una?|unos|unas|tod[oa]s?(?:\s+l[oa]s?)?|cualquier|ning[uú]na?|esta|este"
        r"|nuestr[oa]s?|su|sus|mi|cada|al|ese|esa)\s+"
    ),
    modifier=r"grandes|propi[oa]s?|buen[oa]s?|futur[oa]s?",
    nouns=(
        r"empresas?|desarrollador(?:es|as?)?|compañías?|fabricantes?|creador(?:es|as?)?|ingenier\w+"
        r"|programador\w*|proveedor\w*|industria|corporaciones|negocios",
        r"gobiernos?|estados?|ley(?:es)?|legislador\w*|polític[oa]s|parlamento|congreso"
        r"|autoridad(?:es)?|ayuntamientos?|jue(?:z|ces)|tribunal(?:es)?|policía|ministerio"
        r"|administraci[oó]n(?:es)?|país(?:es)?|municipios?",
        r"usuari[oa]s?|clientes?|consumidor\w*|pacientes?",
        r"gente|personas?|human[oa]s?|sociedad|humanidad|padres|madres|familias?|niñ[oa]s|menores"
        r"|médic[oa]s?|doctor(?:es|as?)?|maestr[oa]s?|profesor(?:es|as?)?|ciudadan[oa]s?|expert[oa]s?"
        r"|profesional(?:es)?|nosotr[oa]s|nadie|todos|alumn[oa]s|adult[oa]s?|jóvenes|alguien",
        r"ias?|inteligencias?\s+artificial(?:es)?|chat\s?bots?|bots?|chatgpt|robots?|asistentes?"
        r"|modelos?|máquinas?|algoritmos?|sistemas?(?:\s+de\s+ia)?",
        r"ell[oa]s?|él|esto|eso",
    ),
    conjunction=r"y|o|e",
    modifies=r"que|de|del|en|con|para|sin|cuyos?",
    opener=r"(?:[,;:–—]|\b(?:y|pero|que|creo\s+que|ojalá)\b)\s*",
    between=r"no|nunca|jamás|siempre|también|solo|sólo|tampoco|se|le|les|nos|me|te|lo",
    inverted=r"deb\w+|tien\w+(?:\s+que)?|tendr\w+(?:\s+que)?|pued\w+|ojalá(?:\s+que)?",
    that=r"que",
    infinitive=r"(?!)",
    passive=(
        r"(?:\s+(?:poder|siempre|nunca))*\s+(?:(?:ser|estar|quedar)\s+(?:\w+mente\s+)?"
        r"(?!(?:educad|equilibrad|adecuad|honrad|cuidados|preparad|informad|moderad)\w+)"
        r"(?:\w+[aí]d[oa]s?|\w+id[oa]s?|hech[oa]s?|escrit[oa]s?|puest[oa]s?|dich[oa]s?"
        r"|abiert[oa]s?)\b|(?:us|utiliz|prohib|regul|permit|limit|aplic|hac|vend|consider|elimin|reduc|guard|borr)[aei]rse\b)"
    ),
    agent=r"\bpor\s+",
    impersonal=r"(?:no\s+)?(?:es|sería|está|hay|hace|queda|me|nos|se)\b",
)
FRENCH = Actors(
    determiner=(
        r"(?:l['’]\s?|d['’]\s?|(?:les|la|le|une?|des|tou(?:te|s)(?:\s+les)?|aucune?|cette|cet|ces"
        r"|nos|notre|chaque|mon|ma)\s+)"
    ),
    modifier=r"grandes?|bons?|bonnes?|futures?",
    nouns=(
        r"entreprises?|développeu(?:rs?|ses?)|compagnies?|fabricants?|créateurs?|concepteurs?"
        r"|ingénieurs?|programmeurs?|fournisseurs?|industrie|sociétés\s+privées",
        r"gouvernements?|états?|lois?|législateurs?|politiques|parlement|autorités?|communes?"
        r"|mairies?|juges?|tribuna(?:l|ux)|police|ministère|administrations?|pays",
        r"utilisateurs?|utilisatrices?|clients?|consommateurs?|patients?|usagers?",
        r"gens|personnes?|humains?|humanité|société|parents?|familles?|enfants?|mineurs?|médecins?"
        r"|professeurs?|enseignants?|citoyens?|experts?|on|nous|vous|adultes?|élèves?"
        r"|professionnels?",
        r"ia|intelligences?\s+artificielles?|chat\s?bots?|bots?|chatgpt|robots?|assistants?"
        r"|modèles?|machines?|algorithmes?|systèmes?(?:\s+d['’]ia)?",
        r"elles?|ils?|cela|ça",
    ),
    conjunction=r"et|ou",
    modifies=r"qui|de|des|du|en|avec|pour|dont|dans|sans",
    opener=r"(?:[,;:–—]|\b(?:et|mais|que)\b|qu['’])\s*",
    between=r"ne|n['’]|toujours|aussi|jamais|se|s['’]|me|nous|y|en",
    inverted=r"(?!)",
    that=r"(?:pas\s+)?(?:que|qu['’])",
    infinitive=r"(?!)",
    passive=(
        r"(?:\s+(?:pas|jamais|toujours|pouvoir))*\s+être\s+(?:\w+ment\s+)?"
        r"(?:\w+ée?s?|interdite?s?|construite?s?|mise?s?|soumise?s?|faite?s?|vendue?s?|suivie?s?"
        r"|punie?s?)\b"
    ),
    agent=r"\bpar\s+",
    impersonal=r"(?:il|c)\b",
)
_BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}


class ActorRules:
    """One language's `Actors`, compiled."""

    def __init__(self, table: Actors) -> None:
        nouns = "|".join(f"(?P<{k}>{p})" for k, p in zip(KINDS, table.nouns, strict=True))
        plain = "|".join(table.nouns)
        lead = rf"(?:{table.determiner})?(?:(?:{table.modifier})\s+){{0,2}}"
        # The first noun tells the kind; a second one only lengthens the phrase.
        name = (
            rf"(?P<actor>{lead}(?:{nouns})(?!\w)"
            rf"(?:\s+(?:{table.conjunction})\s+{lead}(?:{plain})(?!\w))?)"
        )
        between = rf"(?:[\s,]*+(?:{table.between})(?!\w))*"
        self.before = _compile(
            rf"(?<![\w'’]){name}{between}[\s,]*$|(?<=[ldLD]['’]){name}{between}[\s,]*$"
        )
        self.before_modified = _compile(
            rf"(?:^\W*|{table.opener}){name}\s+(?:{table.modifies})\s+[^,;.]*$"
        )
        self.after_that = _compile(rf"{between}[\s,]*(?:{table.that})\b\s*{name}")
        self.after_to = _compile(rf"\s+{name}(?={table.infinitive})")
        self.after = _compile(rf"\s*{name}")
        self.inverted = _compile(rf"(?:{table.inverted})\s*")
        self.ends_that = _compile(rf"(?<!\w)(?:{table.that})$")
        self.passive = _compile(table.passive)
        self.impersonal = _compile(table.impersonal)
        self.agent = _compile(rf"(?:{table.agent}){name}")


@cache
def actor_rules(language: str) -> ActorRules | None:
    """The compiled nouns of a language ("de-AT" counts as "de"), None where there are none."""
    table = _BY_LANGUAGE.get(language.split("-")[0].lower())
    return None if table is None else ActorRules(table)


def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)
