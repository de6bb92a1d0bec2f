"""Languages without a table of their own: the sign is right, and the strength is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.text import read

WANTED = {
    "pt": [
        "A IA deve respeitar a privacidade de todos.",
        "O assistente deveria explicar como chegou à resposta.",
        "Quando não sabe a resposta, a IA deve admitir isso.",
        "Quero que o governo invista em escolas.",
        "A IA deve servir as pessoas e não as empresas.",
        "Mais transparência sobre os dados.",
        "É preciso proteger as crianças.",
    ],
    "it": [
        "L'IA dovrebbe dire da dove vengono le informazioni.",
        "Se non conosce la risposta, l'assistente deve ammetterlo.",
        "Vorrei che il chatbot fosse più paziente.",
        "Bisogna proteggere i minori.",
        "L'IA deve servire le persone e non le aziende.",
        "Più piste ciclabili.",
        "L'IA non solo dovrebbe rispondere, ma anche citare le fonti.",
    ],
    "nl": [
        "De AI moet haar bronnen noemen.",
        "Als de AI het niet weet, moet ze dat zeggen.",
        "De overheid zou meer in scholen moeten investeren.",
        "Ik wil dat de chatbot geduldig is.",
        "Meer fietspaden in de stad.",
        "De AI moet niet alleen antwoorden, maar ook uitleggen.",
        "Bedrijven moeten vertellen waarmee ze trainen.",
    ],
    "pl": [
        "Sztuczna inteligencja powinna podawać źródła.",
        "Jeśli czegoś nie wie, powinna to przyznać.",
        "Firmy muszą ujawniać dane treningowe.",
        "Chcę, żeby asystent był cierpliwy.",
        "Więcej ścieżek rowerowych.",
        "Należy chronić dzieci.",
        "AI powinna nie tylko odpowiadać, ale też wyjaśniać.",
    ],
    "zh": [
        "人工智能应该说明信息来源。",
        "不知道答案时，助手应当直说。",
        "希望聊天机器人更有耐心。",
        "必须保护未成年人。",
        "人工智能不但应该回答，还应该解释。",
        "多一些自行车道。",
        "企业必须公开训练数据。",
    ],
    "ar": [
        "ينبغي للمساعد أن يوضح مصدر معلوماته.",
        "عندما لا يعرف الجواب، يجب أن يعترف بذلك.",
        "أريد أن يكون المساعد صبوراً.",
        "يجب حماية الأطفال.",
        "على الشركات أن تكشف بيانات التدريب.",
        "المزيد من الشفافية.",
        "يجب أن يخدم الناس لا الشركات.",
    ],
}
UNWANTED = {
    "pt": [
        "A IA nunca deve inventar fontes.",
        "O assistente não pode guardar as minhas mensagens.",
        "Não quero que uma máquina decida por mim.",
        "Nenhuma IA deveria votar.",
        "Não minta.",
        "É proibido vender os nossos dados.",
    ],
    "it": [
        "L'IA non deve mai fingersi umana.",
        "Non inventare fonti.",
        "Nessuna macchina dovrebbe giudicare le persone.",
        "Non voglio che registri la mia voce.",
        "È vietato vendere i nostri dati.",
        "L'assistente non può decidere da solo.",
    ],
    "nl": [
        "De AI mag nooit doen alsof ze een mens is.",
        "De AI moet mensen niet beoordelen.",
        "Geen enkele machine zou mogen stemmen.",
        "Ik wil niet dat mijn stem wordt opgenomen.",
        "Verzin geen bronnen.",
        "Het is verboden onze gegevens te verkopen.",
    ],
    "pl": [
        "Sztuczna inteligencja nigdy nie powinna kłamać.",
        "Nie wymyślaj źródeł.",
        "Żadna maszyna nie powinna sądzić ludzi.",
        "Nie chcę, żeby nagrywała mój głos.",
        "Zakaz sprzedaży naszych danych.",
        "Asystent nie może decydować sam.",
    ],
    "zh": [
        "人工智能绝对不能冒充真人。",
        "人工智能不能歧视任何人。",
        "不要编造来源。",
        "我不希望它录下我的声音。",
        "禁止出售我们的数据。",
        "机器不得审判人。",
    ],
    "ar": [
        "يجب ألا يتظاهر المساعد بأنه إنسان.",
        "لا تخترع المصادر.",
        "لا يجوز للآلة أن تحاكم الناس.",
        "لا أريد أن يسجل صوتي.",
        "ممنوع بيع بياناتنا.",
        "لا ينبغي للمساعد أن يقرر وحده.",
    ],
}
CASES = [
    *((text, language, 1) for language, texts in WANTED.items() for text in texts),
    *((text, language, -1) for language, texts in UNWANTED.items() for text in texts),
]


@pytest.mark.parametrize(("text", "language", "polarity"), CASES)
def test_the_sign_is_right_and_the_strength_unknown(
    text: str, language: str, polarity: int
) -> None:
    """Thirteen sentences in each language: what is wanted, and what is not."""
    reading = read(text, language)
    assert (reading.modal, reading.polarity) == ("unknown", polarity)
    assert reading.is_norm is not False
    assert (reading.actor, reading.addressee) == (None, "unknown")


@given(
    st.text(max_size=120),
    st.sampled_from(["pt", "it", "nl", "pl", "zh", "zh-TW", "ar", "ru", "th", "hi", "sw", "und"]),
)
def test_no_strength_is_ever_guessed(text: str, language: str) -> None:
    """Whatever is written there, nobody is told that it says "must" or "should"."""
    reading = read(text, language)
    assert reading.modal == "unknown"
    assert reading.absolute is False
    assert reading.conditions == reading.exceptions == ()
