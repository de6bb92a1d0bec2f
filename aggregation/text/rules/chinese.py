"""Chinese: the frame of a norm, and whether its first denial or ban turns the content round."""

import regex

# 不 inside words that deny nothing: "different", "however", "not only", "no matter", "not bad" ...
_HARMLESS = regex.compile(
    r"不(?:同|過|过|斷|断|僅|仅|只|但|管|論|论|少|錯|错|一樣|一样|得不|久|停|時|时|妨|如)|差不多|要不(?:是|要)|是不是|(?<!智)能不能|會不會|会不会|(?:對|对)不(?:起|對|对)"
    r"|無論|无论|無人|无人|非常|除非|並非只|别人|別人|特別|特别|區別|区别|分別|分别|沒問題|没问题|未來|未来|無法不"
)
_WISH_NOT = regex.compile(
    r"不要|不希望|勿|別|别|禁止|杜絕|杜绝|避免|反對|反对|拒絕|拒绝|取締|取缔|停止"
)
_BAN = regex.compile(r"禁止|杜絕|杜绝|避免|反對|反对|拒絕|拒绝|取締|取缔|停止")

FRAME = (
    r"(?:我們?|我们)?(?:覺得|觉得|認為|认为|希望|想)?[，,]?(?:人工智[慧能]|AI|它)?(?:系統|系统)?"
    r"(?:絕對?|绝对?)?(?:不)?(?:應該|应该|應當|应当|應|应|必須|必须|可以|能|得|要|該|该|准)(?:永遠|永远|總是|总是|始終|始终|一直)?"
)


# A duty decides by its own sign; whatever is denied later belongs to the content: "必須說不知道".
_DUTY = regex.compile(r"應該|应该|應當|应当|必須|必须|務必|务必|需要|有義務|有义务")
_NO_DUTY = regex.compile(
    r"不(?:應該?|应该?|應當|应当|該|该|得(?!不)|能|可以?|要|准|許|许|必)|切勿|嚴禁|严禁"
    r"|絕不|绝不|永遠不|永远不"
)
_AFTER_DUTY = regex.compile(
    r"(?:永遠|永远|總是|总是|絕對|绝对)?(?:不(?!同|斷|断)|禁止|避免|拒絕|拒绝|停止)"
)


def demands(text: str) -> bool | None:
    """True where a duty or a ban is spelled out, else None: unknown."""
    plain = _HARMLESS.sub("〇", text)
    spelled = _DUTY.search(plain) or _NO_DUTY.search(plain) or _BAN.search(plain)
    return True if spelled else None


def negated(text: str) -> bool:
    """Whether the norm is a denial: "不應禁止" (should not forbid) takes itself back.

    The first duty decides ("應該", or "不應該"); without one, only a ban or a wish against counts.
    """
    plain = _HARMLESS.sub("〇", text)
    duty, ban = _DUTY.search(plain), _NO_DUTY.search(plain)
    if duty is not None and (ban is None or duty.start() < ban.start()):
        return _AFTER_DUTY.match(plain, duty.end()) is not None
    first = _WISH_NOT.search(plain) if ban is None else ban
    if first is None:
        return False
    if _BAN.fullmatch(first.group()):
        return True
    return _BAN.search(plain, first.end(), first.end() + 4) is None
