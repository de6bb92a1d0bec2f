"""Content words: lower case, no stop words, light stems; for Chinese and Japanese, bigrams."""

from __future__ import annotations

from collections.abc import Iterator

import regex

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]+|\p{L}[\p{L}\p{M}'’-]*")
_CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_CJK_STOP = set("的了是在我你他她它們们這这那有和與与也都就會会不很要可以為为被到對对把嗎吗呢吧啊之其而及或讓让說说想覺觉得應应該该")

# Function words, and the words every statement about AI shares. Own lists, kept short on purpose:
# c-TF-IDF already pushes down what is common to all themes.
_STOP = {
    "en": (
        "a about above after again against all also always am an and any are aren't as at be because "
        "been before being below between both but by can can't cannot could did do does doing don't "
        "down during each ever every everyone everything few for from further get gets give given "
        "go going had has have having he her here hers him his how i i'm if in into is isn't it it's "
        "its itself just know let like lot made make makes many may me might more most much must my "
        "need needed needs never no nor not of off on once one only or other others our out over own "
        "people person please put quite rather really same see seem shall she should shouldn't so "
        "some something such sure take than that that's the their them themselves then there these "
        "they thing things think this those through to too try under until up us use used user users "
        "using very want wants was way ways we well were what when where whether which while who whom "
        "why will with within without won't would yes you your able allow act ai al artificial "
        "intelligence human humans"
    ),
    "de": (
        "aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim "
        "bin bis bitte bleiben da dadurch damit dann darf das dass dein dem den denn der deren des "
        "deshalb die dies diese diesem diesen dieser dieses doch dort du durch dürfen ein eine einem "
        "einen einer eines einfach er es etwas für ganz geben gegen gibt gut hab habe haben hat hier "
        "ich ihr ihre ihrem ihren im immer in ins ist ja jede jedem jeden jeder jedes jedoch kann kein "
        "keine keinen können könnte ki künstliche intelligenz machen man mehr mein menschen mensch mir "
        "mit muss müssen nach nicht nichts nie niemals noch nun nur ob oder ohne schon sehr sein seine "
        "sich sie sind so soll sollen sollte sollten sondern statt über um und uns unser unsere unter "
        "viel viele vom von vor war was weil weniger wenn wer werden wie wieder will wir wird wo wollen "
        "wurde würde zu zum zur zwischen nutzer"
    ),
    "es": (
        "a al algo algunos ante antes aquí así aún aunque cada como con contra cosas cual cuando de "
        "debe deben debería deberían del desde donde dos e el él ella ellas ellos en entre era es esa "
        "esas ese eso esos esta está están estas este esto estos fue ha hacer hace han hasta hay ia "
        "inteligencia artificial la las le les lo los más me mi mis mucho muchos muy nada ni no nos "
        "nosotros nunca o otra otras otro otros para pero persona personas poco por porque puede pueden "
        "que qué quien se sea sean ser si sí siempre sin sobre solo sólo son su sus también tan tanto "
        "tener tiene tienen todo toda todos todas tu tus un una uno unos usted ustedes usuario usuarios "
        "va y ya yo humanos humano"
    ),
    "fr": (
        "a afin ai ainsi alors au aucun aussi autre autres aux avec avoir bien c'est ce cela ces cet "
        "cette ceux chaque comme comment dans de des deux devrait devraient doit doivent donc dont du "
        "elle elles en encore est et être eu fait faire faut gens humain humains ia il ils intelligence "
        "artificielle je jamais l'ia la le les leur leurs lui ma mais me même mes moi moins mon ne ni "
        "nos notre nous on ont ou où par parce pas personne personnes peu peut peuvent plus pour "
        "pourquoi qu'elle qu'il quand que quel quelle qui rien sa sans se sera ses si soit son sont "
        "sous sur ta te tes toujours tous tout toute toutes très trop tu un une utilisateur "
        "utilisateurs vers vos votre vous y"
    ),
    "it": "a ai al alla anche che chi ci come con cosa da dal del della deve di dovrebbe e è essere gli ha "
    "i il in io la le lo loro ma mai mi molto ne nei nel non o ogni per perché più può quando questa "
    "questo se sempre si sia solo sono su sua suo tutti un una uno",
    "pt": "a ao aos as com como da das de dela dele deve deveria do dos e é ela ele em entre era essa esse "
    "esta está eu foi há ia isso já mais mas me mesmo muito na nas não nem no nos nós o os ou para "
    "pela pelo por qual quando que quem se sem ser seu sua são só também tem todos um uma você",
    "nl": "aan al alle als altijd bij dan dat de der deze die dit door dus een en er geen haar had heb "
    "hebben heeft het hij hoe hun ik in is je kan kunnen maar meer men met mijn moet moeten na naar "
    "niet nog nu of om ons ook op over te tot uit van veel voor want wat we wel wij worden wordt zal "
    "ze zich zij zijn zo zou zouden",
    "pl": "a ale być by co czy dla do ich i jak jako jest jej jego już każdy które który lub ma może można na "
    "nie nigdy o od oraz po powinien powinna powinno przez się są tak też to tylko w we wszystkich z za "
    "ze żeby",
}  # fmt: skip
_STOPS = {language: frozenset(words.split()) for language, words in _STOP.items()}

# Endings taken off once, longest first, while a stem of at least four letters stays.
_ENDINGS = {
    "en": (
        "ations ation ingly fully ously ments ment ness nesses ings ing edly ies ied ives ive ity ions "
        "ion ables able ful ous ers er ed es ly s e y"
    ),
    "de": "ungen ung heiten heit keiten keit ischen ische isch lichen liche lich enden ende est ern em en er es st e n s t",
    "es": (
        "aciones ación adamente amente mente idades idad amientos amiento imientos imiento adores ador ando iendo "
        "ados adas ado ada idos idas ido ida ares aría ería iones ión osos osas oso osa ar er ir as os es a o e s"
    ),
    "fr": "issements issement ements ement ations ation ités ité euses euse eurs eur antes ante ants ant ées és ée er ez es s e é",
}
_ENDINGS_OF = {
    language: tuple(sorted(words.split(), key=len, reverse=True))
    for language, words in _ENDINGS.items()
}


def content_words(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(stem, word) for each content word, in order; the word is lower case as written."""
    base = language.split("-")[0].lower()
    stops = _STOPS.get(base, frozenset[str]())
    for token in _TOKEN.findall(text.casefold().replace("’", "'")):
        if _CJK.match(token):
            yield from _bigrams(token)
            continue
        word = token.strip("'-").removesuffix("'s")
        if len(word) > 2 and word not in stops:
            yield stem(word, base), word


def _bigrams(run: str) -> Iterator[tuple[str, str]]:
    """Overlapping pairs of characters that are not function words."""
    for first, second in zip(run, run[1:], strict=False):
        if first not in _CJK_STOP and second not in _CJK_STOP:
            yield first + second, first + second


def stem(word: str, language: str) -> str:
    """A light stem: "answers" and "answer", "bias" and "biased", fall together."""
    for ending in _ENDINGS_OF.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """Shared share of two sets of stems, 0 to 1; two empty sets share nothing."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0
