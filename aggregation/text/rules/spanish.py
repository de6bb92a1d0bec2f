"""Spanish: "no" stands before the verb and doubles freely ("no debe nunca")."""

from aggregation.text.rules.table import Table

_AI = (
    r"ias?|ai|inteligencias?\s+artificial(?:es)?|chat\s?bots?|bots?|chatgpt|robots?|asistentes?"
    r"|modelos?|sistemas?|máquinas?|algoritmos?|ordenador(?:es)?|programas?"
)
_ADDRESSEE = (
    rf"(?:(?:la|las|el|los|una?|unos|unas|toda|cualquier|ninguna?|esta|este|nuestra)\s+)?(?:{_AI})"
    r"(?:\s+(?:de\s+)?(?:ia|lenguaje|inteligencia\s+artificial))?|ella|ellos|ellas|se|nosotros"
    r"|yo|ustedes|tú|él"
)
_NO = (
    r"no|nunca|jamás|tampoco|ning[uú]n[oa]?s?|nadie|nada|en\s+ning[uú]n\s+caso"
    r"|bajo\s+ning[uú]n\s+concepto|bajo\s+ninguna\s+circunstancia"
)
_VERBS = (
    "respetar ayudar decir dar hacer ser tener promover proteger garantizar fomentar mejorar "
    "crear invertir aumentar reducir ofrecer explicar responder informar usar utilizar tratar "
    "cuidar escuchar mantener evaluar citar avisar advertir admitir reconocer apoyar limitar "
    "regular controlar priorizar incluir permitir exigir educar enseñar cumplir"
)

_CLITIC = r"(?:me|te|nos|os|se|les?|l[oa]s?)"


def _polite(infinitive: str) -> str:
    """The forms of usted and ustedes: "comparta(n)" of "compartir", "indique(n)" of "indicar"."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    if ending != "ar":
        return stem + "an?"
    for last, spelt in (("c", "qu"), ("g", "gu"), ("z", "c")):
        if stem.endswith(last):
            stem = stem[:-1] + spelt
    return stem + "en?"


_MORE_VERBS = (
    "aclarar aceptar acompañar actuar advertir analizar aprobar apagar aplicar aprender "
    "asegurar avisar borrar buscar cambiar castigar citar compartir comprobar comunicar "
    "considerar construir consultar contestar copiar corregir cuidar decidir dejar demostrar "
    "desarrollar describir difundir discriminar educar eliminar engañar entregar enviar "
    "escribir establecer evitar facilitar fingir fomentar guardar hablar ignorar imponer "
    "impulsar indicar insistir insultar interrumpir inventar investigar invertir juzgar lanzar "
    "leer manipular mandar mentir mirar modificar mostrar ocultar olvidar ordenar pagar "
    "participar permitir plantar practicar preguntar presentar prestar procurar prohibir "
    "prometer proporcionar publicar quitar recomendar recordar reducir registrar regalar "
    "remitir repetir respaldar responder resumir retirar revelar revisar robar señalar "
    "simplificar subir sustituir tomar trabajar traducir transmitir utilizar vender verificar "
    "vigilar "
)
_POLITE = (
    "(?:"
    + "|".join(
        [
            *sorted({_polite(verb) for verb in (_VERBS + " " + _MORE_VERBS).split()}),
            "sean?|hagan?|digan?|den|dé|tengan?|pongan?|vayan?|sepan?|mienta[ns]?|pida[ns]?|siga[ns]?",
            "invierta[ns]?|advierta[ns]?|muestren?|recuerden?|demuestren?|cierren?|ofrezcan?|conozcan?",
            "reconozcan?|establezcan?|reduzcan?|produzcan?|traduzcan?|proteja[ns]?|corrija[ns]?|exija[ns]?",
            "construya[ns]?|incluya[ns]?|mantengan?|propongan?|imponga[ns]?|confíen?|repita[ns]?|apruebe[ns]?",
        ]
    )
    + ")"
)
# "dime", "explícame", "cuéntanos": with its pronoun the familiar order is unmistakable.
_CLOSE = r"(?:d[ií]|haz|pon|ten|\w{0,12}[áéíó]\w{0,8}[aei]|da|dé)"

TABLE = Table(
    addressee=_ADDRESSEE,
    opinion=(
        r"(?:yo\s+)?(?:creo|pienso|opino|considero|siento|me\s+parece)(?:\s+que)?"
        r"|en\s+mi\s+opinión|para\s+mí"
    ),
    denial=r"(?:yo\s+)?no\s+(?:creo|pienso|considero|me\s+parece)(?:\s+que)?",
    cues=(
        (
            r"\b(?:no\s+)?(?:hace(?:n)?\s+falta|es\s+necesario|tiene(?:n)?\s+por\s+qué)(?:\s+que)?\b",
            "should",
            1,
        ),
        (
            r"\b(?:debería(?:n|mos|s)?|debiera(?:n|mos)?|tendría(?:n|mos)?\s+que|habría\s+que"
            r"|convendría(?:\s+que)?|estaría\s+bien(?:\s+que)?)\b",
            "should",
            1,
        ),
        (
            r"\b(?:deb[ea](?:n|mos|s)?|deberá(?:n|s)?|tiene(?:n|s)?\s+que|tenemos\s+que"
            r"|tendrá(?:n)?\s+que|ha(?:n)?\s+de|hemos\s+de"
            r"|hay\s+que|habrá\s+que|está(?:n)?\s+obligad[oa]s?\s+a)\b",
            "must",
            1,
        ),
        (
            r"\b(?:está(?:n)?\s+prohibid[oa]s?|(?:queda(?:n)?|sea(?:n)?)\s+prohibid[oa]s?"
            r"|se\s+proh[ií]be(?:n)?|prohibid[oa]s?)\b",
            "must",
            -1,
        ),
        (
            r"\b(?:quiero|queremos|quisiera|quisiéramos|deseo|deseamos|espero|esperamos|exijo"
            r"|exigimos|pido|pedimos|prefiero"
            r"|preferiría|preferimos|desearía|(?:me|nos)\s+(?:gustaría|encantaría))"
            r"(?=\s+(?:que|ver|una?|más|menos|el|la|poder)\b)(?:\s+que)?(?:\s+ver)?",
            "should",
            1,
        ),
        (r"\b(?:necesitamos|se\s+necesita(?:n)?|hace(?:n)?\s+falta|falta(?:n)?)\b", "should", 1),
        (
            r"\b(?:es|sería)\s+(?:muy\s+|realmente\s+)?(?:importante|esencial|fundamental"
            r"|necesario|crucial|imprescindible|deseable"
            r"|mejor|preciso|vital)\s+(?:que|para\s+que)?",
            "should",
            1,
        ),
        (
            r"\b(?:es|sería)\s+(?:muy\s+)?(?:inaceptable|malo|incorrecto|inmoral"
            r"|un\s+error)\s+(?:que)?",
            "should",
            -1,
        ),
        (
            r"\b(?:es|sería)\s+(?:aceptable|correcto|válido|admisible|lícito)\s+que\b"
            r"|\b(?:(?:me|nos)\s+parece|está)\s+bien\s+que\b",
            "may",
            1,
        ),
        (r"\bojalá(?:\s+que\b)?", "should", 1),
    ),
    duty=r"(?:tiene(?:n|s)?\s+que|tenemos\s+que)",
    no_duty=r"(?:no\s+)?(?:hacen?\s+falta|es\s+necesario|tienen?\s+por\s+qué)(?:\s+que)?",
    licence=r"(?:es|sería|me|nos|está)\b",
    myself=(
        r"yo|mis?\s+(?:madre|padre|abuel[oa]s?|hij[oa]s?|mujer|marido|espos[oa]|padres|amig[oa]s?"
        r"|herman[oa]s?|familia)"
    ),
    embedded=r"\b(?:cómo|por\s+qué|cuándo|qué)\s+(?:\w+\s+){0,3}$",
    refusal=r"negar|rehusar|rechazar",
    wish_that=r"que",
    main_start=r"(?:debe(?:n|ría|rían)?|tiene(?:n)?\s+que)\s+(?:la|el|los|las)\b",
    negator=_NO,
    not_only=r"no\s+(?:solo|sólo|solamente|únicamente)",
    before=(
        r"(?<!\w)(?:no|nunca|jamás|tampoco)(?:\s+(?:se|le|les|lo|la|nos|me|te))?\s*$"
        r"|(?<!\w)(?:ning[uú]n[oa]?|nadie|nunca|jamás|en\s+ning[uú]n\s+caso"
        r"|bajo\s+ning[uú]n\w*\s+\w+)\b(?:\s+[\w-]+){0,5}\s*,?\s*$"
    ),
    adverb=(
        r"siempre|también|solo|sólo|solamente|únicamente|además|realmente|simplemente"
        r"|en\s+todo\s+momento|de\s+inmediato"
        r"|absolutamente|claramente|por\s+favor|estrictamente|al\s+menos"
    ),
    filler=(
        rf"(?:que\s+)?(?:{_ADDRESSEE})(?=\s+(?:no|nunca|siempre|jamás|sea|sean|tenga|tengan"
        rf"|pueda|diga|respete|ayude)\b)"
        r"|que(?=\s+(?:no|nunca|jamás|siempre)\b)|ser\s+capa(?:z|ces)\s+de|poder|tratar\s+de"
        r"|intentar|procurar|asegurarse\s+de|esforzarse\s+por"
    ),
    reverser=(
        r"negarse\s+a|(?:se\s+)?niegue(?:n)?\s+a|rehusar(?:se)?(?:\s+a)?|evit(?:ar|en?)|abstenerse\s+de"
        r"|(?:se\s+)?absteng(?:a|an|as)\s+de|dej(?:ar|en?|es)\s+de|rechazar"
        r"|ser\s+prohibid[oa]s?|prohibirse"
        r"|prohibir|estar\s+prohibid[oa]s?|dudar\s+en|tener\s+miedo\s+(?:de|a)|vacilar\s+en"
        r"|olvidar(?:se)?(?:\s+de)?|impedir|eliminar(?:se)?"
    ),
    order_not=(
        rf"(?:no|nunca|jamás)(?!\s+(?:es|son|sabes|eres|puedes|tienes|quieres|crees|entiendes)\b)"
        rf"(?=\s+(?:{_CLITIC}\s+){{0,2}}(?:\w+(?:ar|er|ir)(?:{_CLITIC})?|\w{{2,}}[ea]s|{_POLITE}"
        r"|más|a\s+l[oa]s?)\b)|ni\s+un[oa]?(?=\s+\w+)"
        r"|(?:evitar|evit[ea]n?|prohibir|proh[ií]b(?:an?|e)|basta\s+(?:ya\s+)?de|abstenerse\s+de"
        r"|dej(?:ar|en?|a)\s+de|(?:alto|fin)\s+a|procur(?:e|en|a|ar)\s+no"
        r"|prohibición\s+de|sin(?=\s+\w+\s*$))"
    ),
    order_lead=r"por\s+favor|siempre|también|y|pero",
    verbs=(
        "|".join(_VERBS.split())
        + rf"|sé|haz|di|da|ayuda|respeta|protege|usa|trata|hagamos|{_POLITE}(?:{_CLITIC})?"
        rf"|{_CLOSE}{_CLITIC}|la\s+ia\s+(?:respete|ayude|sea|diga|tenga|pueda)"
    ),
    demand=(
        r"(?:mucho\s+|muchas\s+|muchos\s+)?(?:más|menos|mejor(?:es)?|mayor(?:es)?|acceso"
        r"|derecho\s+a|igualdad|transparencia|libertad\s+de"
        r"|regulación|gratuidad)\b"
    ),
    demand_not=r"(?:no\s+(?:más|a)|ning[uú]n[oa]?|cero|basta\s+de|fin\s+(?:a|de))(?=\s+\p{L})",
    finite=(
        r"(?:es|son|era|fue|está|están|ha|han|hay|tiene|tienen|tengo|puede|pueden|hace|hacen|va"
        r"|van|será|serán|soy|estoy|parece|existe"
        r"|existen|gusta|sirve|sabe|saben|quiere|cree|estamos|somos|sé|usa|usan|da|dan|dice|dicen"
        r"|pienso|confío|me\s+\w+[ao]|nos\s+\w+[ao]n?|ya\s+\w+[ae]n?)\b"
    ),
    auxiliary=r"es|son|está|están|ha|han",
    absolute_near=r"siempre(?!\s+(?:que|y\s+cuando)\b)|nunca|jamás|absolutamente",
    absolute=(
        r"en\s+todo\s+momento|en\s+ning[uú]n\s+caso|bajo\s+ning[uú]n\w*\s+\w+|a\s+toda\s+costa"
        r"|sin\s+excepci[oó]n"
        r"|en\s+todos\s+los\s+casos|por\s+completo|pase\s+lo\s+que\s+pase"
    ),
    condition=(
        r"(?<!\w)(?=\w)(?<!\b(?:incluso|aun|como|saber|preguntar|decir)\s+)\b(?:(?:solo\s+"
        r"|sólo\s+)?(?:si(?!\s+no\s+es\b)(?!\w)|cuando|siempre\s+(?:que|y\s+cuando)"
        r"|en\s+caso\s+de|en\s+el\s+caso\s+de|con\s+tal\s+de|mientras))\b"
    ),
    short_condition=r"\b(?:si|cuando|siempre\s+que)\s+(?:es|sea)\s+(?:posible|necesario)\b",
    exception=(
        r"\b(?:a\s+menos\s+que|salvo(?:\s+(?:que|cuando|si|en))?|excepto(?:\s+(?:que|cuando|si"
        r"|en))?|a\s+no\s+ser\s+que|con\s+excepción\s+de|a\s+excepción\s+de"
        r"|si\s+no\s+es|exceptuando|menos\s+cuando)\b"
    ),
    aside=(
        r"\b(?:porque|ya\s+que|aunque|para\s+que|puesto\s+que|pues|incluso\s+(?:si|cuando)"
        r"|dado\s+que)\b"
    ),
    reply=(
        r"ning[uú]n[oa]?\s+(?:problema|idea|comentario|opinión|respuesta|cambio|diferencia)"
        r"|sin\s+comentarios|nada|no|sí|si|gracias|vale|ok|tal\s+vez|no\s+sé"
    ),
    fact_negation=(
        r"\b(?:no(?!\s+(?:solo|sólo|solamente))|nunca|jamás|nadie|nada|ning[uú]n[oa]?|sin"
        r"|tampoco)\b"
    ),
    agent=rf"(?:(?:la|las|el|los|una?|ninguna?)\s+)?(?:{_AI})|ella",
    restrict=r"solo|sólo|solamente|únicamente",
    weak=r"\b(?:puede(?:n)?|podrá(?:n)?)\b",
    permits=r"(?!)",
    stative=r"(?:entender|sentir|pensar|tener|ser|saber|comprender|reemplazar|sustituir)",
)
