"""Sentences whose meaning is beyond doubt: norm or not, how strong, for or against."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from aggregation.text import read

# (sentence, modal, polarity)
ENGLISH = [
    ("The AI should be honest.", "should", 1),
    ("The AI should not lie.", "should", -1),
    ("AI shouldn’t invade privacy", "should", -1),
    ("AI shouldn't be censored at all.", "should", -1),
    ("AI shouldnt lie to people", "should", -1),
    ("Ai shouldbe accepting of all races", "should", 1),
    ("AI should never disagree with the Bill of Rights", "should", -1),
    ("The AI must never deceive anyone.", "must", -1),
    ("The AI must tell the truth.", "must", 1),
    ("The AI mustn't hide that it is a machine.", "must", -1),
    ("AI may not injure a human being.", "must", -1),
    ("AI cannot be used to replace judges.", "must", -1),
    ("AI may refuse a request that it finds harmful.", "may", 1),
    ("AI should not be allowed to vote.", "should", -1),
    ("AI is not allowed to share my data.", "must", -1),
    ("The AI is not supposed to give medical advice.", "should", -1),
    ("The AI is supposed to help.", "should", 1),
    ("The AI is prohibited from giving legal advice.", "must", -1),
    ("Autonomous weapons should be banned.", "should", -1),
    ("The AI should avoid political topics.", "should", -1),
    ("The AI should refrain from giving opinions.", "should", -1),
    ("The AI should refuse to help with weapons.", "should", -1),
    ("The AI should not refuse to answer medical questions.", "should", 1),
    ("The AI should never hesitate to admit a mistake.", "should", 1),
    ("The AI should stop collecting data.", "should", -1),
    ("AI should immediately stop hate groups from using it to harm others.", "should", 1),
    ("The AI should not only answer but also cite its sources.", "should", 1),
    ("The AI should have no opinion on religion.", "should", -1),
    ("No AI should ever pretend to be a doctor.", "should", -1),
    ("Under no circumstances should the AI reveal private data.", "should", -1),
    ("I don't think the AI should give advice.", "should", -1),
    ("I think AI should be free for everyone", "should", 1),
    ("If the AI cannot answer, it should say so.", "should", 1),
    ("The AI should be helpful because it must not waste our time.", "should", 1),
    ("The Ai have to help us to make good choices", "must", 1),
    ("The AI does not have to answer every question.", "may", -1),
    ("The AI needs to be patient.", "should", 1),
    ("I want the AI to be honest with me.", "should", 1),
    ("I don't want the AI to store my messages.", "should", -1),
    ("It is important that the AI explains its reasoning.", "should", 1),
    ("It is wrong for AI to imitate real people.", "should", -1),
    ("Don't lie to users.", "should", -1),
    ("Do not ask personal questions", "should", -1),
    ("Never mock people.", "should", -1),
    ("Not ask personal questions", "should", -1),
    ("Always answer questions", "should", 1),
    ("Be like a human with imperfections", "should", 1),
    ("Please stop using poisons in New Zealand.", "should", -1),
    ("Stop poison spraying.", "should", -1),
    ("No more parking lots", "should", -1),
    ("More bike lanes", "should", 1),
    ("We need more bike lanes downtown.", "should", 1),
    ("We don't need another mall.", "should", -1),
    ("Al respect everyone", "should", 1),
    ("I would like to see more green space.", "should", 1),
]
GERMAN = [
    ("Die KI soll ehrlich sein.", "should", 1),
    ("Die KI sollte niemals lügen.", "should", -1),
    ("Die KI sollte nicht lügen.", "should", -1),
    ("KI sollte Menschen nicht ersetzen.", "should", -1),
    ("Die KI sollte keine medizinischen Ratschläge geben.", "should", -1),
    ("Die KI sollte nicht nur antworten, sondern auch Quellen nennen.", "should", 1),
    ("Die KI sollte sich nicht weigern, medizinische Fragen zu beantworten.", "should", 1),
    ("Die KI sollte politische Aussagen vermeiden.", "should", -1),
    ("Die KI darf keine Daten weitergeben.", "must", -1),
    ("Die KI darf eine Anfrage ablehnen.", "may", -1),
    ("Die KI muss ihre Quellen nennen.", "must", 1),
    ("Die KI muss nicht alles wissen.", "may", -1),
    ("Unter keinen Umständen darf die KI private Daten preisgeben.", "must", -1),
    ("Niemand sollte von einer KI bewertet werden.", "should", -1),
    ("Wenn die KI etwas nicht weiß, sollte sie es sagen.", "should", 1),
    ("Die KI sollte ehrlich sein und nicht lügen.", "should", 1),
    ("Ich finde, dass die KI höflich sein sollte.", "should", 1),
    ("Ich möchte, dass die KI meine Daten nicht speichert.", "should", -1),
    ("Klimaschädliche Projekte dürfen KEINE Kredite erhalten.", "must", -1),
    ("Sinnlose Werbung verbieten!", "should", -1),
    ("Verbot von Zigarettenfiltern.", "should", -1),
    ("Keine neuen Autobahnen", "should", -1),
    ("Mehr Radwege in der Stadt", "should", 1),
    ("Wir brauchen mehr Radwege.", "should", 1),
    ("Gütesiegel vereinfachen und verständlich machen.", "should", 1),
    ("Kein Plastik verwenden.", "should", -1),
]
SPANISH = [
    ("La IA debería ser honesta.", "should", 1),
    ("La IA no debería mentir.", "should", -1),
    ("La IA no debería negarse a responder preguntas médicas.", "should", 1),
    ("La IA debe decir la verdad.", "must", 1),
    ("La IA no debe nunca mentir.", "must", -1),
    ("La IA nunca debe dar consejos médicos.", "must", -1),
    ("Ninguna IA debería votar.", "should", -1),
    ("La IA tiene que respetar la privacidad.", "must", 1),
    ("La IA no tiene que saberlo todo.", "may", -1),
    ("La IA debería evitar los temas políticos.", "should", -1),
    ("La IA no solo debería responder, sino también citar fuentes.", "should", 1),
    ("Está prohibido usar la IA en la guerra.", "must", -1),
    ("No creo que la IA deba opinar de política.", "must", -1),
    ("Creo que la IA debe ayudar a todos.", "must", 1),
    ("Si no sabe la respuesta, la IA debería decirlo.", "should", 1),
    ("Quiero que la IA sea amable.", "should", 1),
    ("No quiero que la IA guarde mis datos.", "should", -1),
    ("Es importante que la IA explique sus razones.", "should", 1),
    ("Hay que proteger a los menores.", "must", 1),
    ("No mentir", "should", -1),
    ("Más carriles bici", "should", 1),
    ("Necesitamos más árboles.", "should", 1),
]
FRENCH = [
    ("L'IA devrait être honnête.", "should", 1),
    ("L'IA ne devrait pas mentir.", "should", -1),
    ("L’IA ne doit jamais mentir.", "must", -1),
    ("L'IA doit dire la vérité.", "must", 1),
    ("L'IA ne devrait pas refuser de répondre.", "should", 1),
    ("L'IA devrait éviter les sujets politiques.", "should", -1),
    ("Il faut protéger les enfants.", "must", 1),
    ("Il ne faut pas remplacer les médecins.", "must", -1),
    ("Aucune IA ne devrait voter.", "should", -1),
    ("Je veux que l'IA soit polie.", "should", 1),
]
CASES = [
    *((text, "en", modal, sign) for text, modal, sign in ENGLISH),
    *((text, "de", modal, sign) for text, modal, sign in GERMAN),
    *((text, "es", modal, sign) for text, modal, sign in SPANISH),
    *((text, "fr", modal, sign) for text, modal, sign in FRENCH),
]


@pytest.mark.parametrize(("text", "language", "modal", "polarity"), CASES)
def test_norms_are_read_with_strength_and_sign(
    text: str, language: str, modal: str, polarity: int
) -> None:
    """A citizen's norm keeps its strength, and "should not" never becomes "should"."""
    reading = read(text, language)
    assert (reading.modal, reading.polarity, reading.is_norm) == (modal, polarity, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("AI is dangerous.", "en"),
        ("It will replace humans.", "en"),
        ("My employer has not been responsive to reports of harassment.", "en"),
        ("Should AI be allowed to vote?", "en"),
        ("Can you believe this?", "en"),
        ("Our arts community would thrive and we would attract top talent.", "en"),
        ("The environment department has many events.", "en"),
        ("Die KI ist gefährlich.", "de"),
        ("Soll die KI wählen dürfen?", "de"),
        ("Der Klimarat ist in der Öffentlichkeit bekannt.", "de"),
        ("La IA es peligrosa.", "es"),
        ("¿Debería votar la IA?", "es"),
        ("L'IA est dangereuse.", "fr"),
    ],
)
def test_facts_and_questions_are_no_norms(text: str, language: str) -> None:
    """What describes or asks does not bind anybody."""
    assert read(text, language).is_norm is False


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have to take pills every day.", "en"),
        ("My mother has to see a doctor.", "en"),
        ("AI can help doctors.", "en"),
        ("AI may become dangerous.", "en"),
        ("They cannot have consciousness.", "en"),
        ("I had to wait for two hours.", "en"),
        ("I don't want to share my feelings.", "en"),
        ("Ich muss jeden Tag Tabletten nehmen.", "de"),
        ("Die KI kann nichts fühlen.", "de"),
        ("La IA no puede sentir dolor.", "es"),
        ("L'IA ne peut pas ressentir la douleur.", "fr"),
    ],
)
def test_what_is_or_has_to_be_lived_with_is_not_asked_for(text: str, language: str) -> None:
    """A duty of one's own, or what a machine is able to do, binds nobody."""
    reading = read(text, language)
    assert (reading.modal, reading.is_norm is True) == ("none", False)


@pytest.mark.parametrize(
    ("text", "language", "polarity"),
    [
        ("If in doubt, ask a doctor.", "en", 1),
        ("Lüge nicht.", "de", -1),
        ("Duzen Sie mich nicht.", "de", -1),
        ("Nennen Sie Ihre Quellen.", "de", 1),
        ("Menschen nicht nach ihrer Herkunft beurteilen.", "de", -1),
        ("Compartan sus fuentes.", "es", 1),
        ("No compartas mis datos.", "es", -1),
        ("Que la IA no mienta.", "es", -1),
        ("No dejes de avisar.", "es", 1),
        ("N'inventez rien.", "fr", -1),
        ("Ne répondez pas.", "fr", -1),
        ("Que l'IA dise la vérité.", "fr", 1),
    ],
)
def test_orders_are_read_in_every_form(text: str, language: str, polarity: int) -> None:
    """A polite, a familiar and a wishing form ask for the same."""
    reading = read(text, language)
    assert (reading.modal, reading.polarity, reading.is_norm) == ("should", polarity, True)


def test_the_first_sentence_with_a_norm_decides() -> None:
    """A description before the demand does not hide it."""
    text = "The population has outgrown the roads. We must not build more houses."
    reading = read(text, "en")
    assert (reading.modal, reading.polarity) == ("must", -1)
    assert reading.frame is not None
    assert text[slice(*reading.frame)] == "We must not"


@pytest.mark.parametrize(
    ("text", "language", "polarity"),
    [
        ("政府應該管制", "zh", 1),
        ("政府不應該管制", "zh", -1),
        ("不要禁止 Uber", "zh", 1),
        ("應該禁止 Uber", "zh", -1),
        ("政府不只應該管制，還應該輔導", "zh", 1),
        ("Uber 提供不同的服務", "zh", 1),
        ("不知道的事情，助手必须老实说不知道。", "zh", 1),
        ("法令應該因地制宜，而不是墨守成規", "zh", 1),
        ("除非我同意，它不应该记住我说过的话。", "zh", -1),
        ("يجب أن يذكر المساعد مصادره", "ar", 1),
        ("يجب ألا يخترع المساعد معلومة أو مصدراً أبداً.", "ar", -1),
        ("A IA não deve mentir.", "pt", -1),
        ("L'IA non dovrebbe mentire.", "it", -1),
        ("De AI mag nooit liegen.", "nl", -1),
        ("De AI moet helpen.", "nl", 1),
        ("บอทควรซื่อสัตย์", "th", 1),
    ],
)
def test_languages_without_rules_say_so_but_keep_the_sign(
    text: str, language: str, polarity: int
) -> None:
    """Where no table exists the modal is unknown; that it is no norm is never claimed."""
    reading = read(text, language)
    assert (reading.modal, reading.polarity) == ("unknown", polarity)
    assert reading.is_norm is not False


@pytest.mark.parametrize(
    ("text", "language", "is_norm"),
    [
        ("載客的司機都應該保意外險。", "zh", True),
        ("不要禁止 Uber", "zh", True),
        ("我有小型車駕駛執照。", "zh", None),
        ("共享經濟能降低社會資源的浪費。", "zh", None),
        ("L'IA deve dire la verità.", "it", True),
        ("L'IA è pericolosa.", "it", None),
        ("يجب أن يقول المساعد الحقيقة.", "ar", True),
        ("บอทควรซื่อสัตย์", "th", None),
    ],
)
def test_a_duty_in_words_makes_a_norm_in_any_language(text, language, is_norm) -> None:
    """Without a word of duty or ban, languages without rules leave it open."""
    assert read(text, language).is_norm is is_norm


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No problem."),
        ("en", "No idea at all!"),
        ("en", "None"),
        ("de", "Keine Ahnung"),
        ("de", "Kein Problem!"),
        ("es", "Sin comentarios."),
        ("es", "Ninguna idea"),
        ("fr", "Aucune idée"),
    ],
)
def test_a_reply_that_asks_for_nothing_is_no_norm(language, text):
    """ "No problem" does not forbid problems, though "No bullying" forbids bullying."""
    assert read(text, language).is_norm is False


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No bullying"),
        ("en", "No problem should be ignored"),
        ("de", "Keine Autos"),
        ("es", "Ninguna mentira"),
        ("fr", "Aucun mensonge"),
    ],
)
def test_a_demand_without_a_verb_is_no_reply(language, text):
    """Short bans stay norms."""
    assert read(text, language).is_norm is True


def test_no_should_not_of_a_real_consultation_is_read_as_should(data_dir: Path) -> None:
    """In the accepted statements on AI, a plain "should not" or "never" is always negative."""
    with (data_dir / "ccai" / "comments.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [row["comment-body"] for row in csv.DictReader(file) if row["moderated"] == "1"]
    starts = ("should not", "shouldn", "should never", "must not")
    plain = [t for t in texts if t.lower().split("ai ", 1)[-1].startswith(starts)]
    assert len(plain) > 80
    wrong = [t for t in plain if read(t, "en").polarity != -1]
    assert wrong == []
