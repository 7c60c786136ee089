"""Values that have made programs fall: a source of chance goes in, words and damaged bytes come out."""

from __future__ import annotations

from random import Random

# fmt: off
TEXTS = (
    *("", " ", "\t", "\n", "\r\n", "\r", "\u0085", "\u2028"),
    *("\ufeff", "\ufffe", "\uffff", "\0", "\x1b[31mred", "\x07"),
    *("0", "-0", "1", "-1", "+5", " 7 ", "07", "1_000", "٣"),
    *("１２", "Ⅷ", "1e400", "1e-400", "-1e5", "NaN", "inf", "0x1F"),
    *(str(2**31), str(2**32), str(2**63 - 1), str(2**63)),
    *(str(-(2**63) - 1), str(2**64), "9" * 400, "1.5", "1,5", "½"),
    *("2026-03-01T10:20:30Z", "2026-02-30", "0000-00-00"),
    *("99999-01-01", "2026-03-01T25:61:61", "-0001-01-01T00:00:00"),
    *("2026-03-01T10:20:30.123456789+99:99", "31.12.1999 24:00"),
    *("1.1.1", "12/31/99", "1e9", "2026-W10-1", "٢٠٢٦-٠٣-٠١"),
    *("[/red]", "[bold]", "[", "{}", "{0}", "{incident}", "%s"),
    *("%", "%2F", "$incident", "\\", "\\N", "\\d+(", "(?P<", "*"),
    *("<script>alert(1)</script>", "&amp;", "&lol;", "]]>"),
    *("<!--", "<", ">", "'", '"', "''", '""', "`", ";", ",", "|"),
    *("none", "any", "majority", "all", "null", "true", "yes"),
    *("NA", "row-1", "(row-1)", "(row-2)", "row-1/x", "document"),
    *("evco:Delight", "Delight", "https://w3id.org/evco#Delight"),
    *("Valence > positive", "Valence > negative", "Valence"),
    *("Presence > absent", "Bearer > Customer", "Incident 1"),
    *("Incident *", "Customer", "a > b > c", " > ", "->", "a->"),
    *("../secret.txt", "../../secret.txt", "/etc/passwd"),
    *("C:\\Users\\jdoe\\x", "file:///etc/passwd", "internal://", "//"),
    *("urn:x y", '<>"{}|^`', "http://[", "é", "e\u0301", "😀"),
    *("😀" * 50, "\u202egnp.exe", "\u200b", "ß", "İ", "ﬁ", "日本語"),
    *("a" * 300, "b" * 5000, "x" * 70_000, "\ud7ff", "\U0010ffff"),
    *("\U000e0001", "incident", "code", "segment", "start"),
    *("Document name", "Code", "Codes", "Number of Codes"),
    *("Begin", "End", "tag", "Code: X Applied", "Code:  Applied"),
)
# fmt: on
"""Values that have made programs fall."""

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1250", "mac-roman", "cp437", "latin-1")
Files = dict[str, bytes]


def some(random: Random, most: int = 4) -> int:
    """A small number, mostly one."""
    return min(most, 1 + int(random.expovariate(1.2)))


def text(random: Random, before: str = "") -> str:
    """A value for a place where another stood."""
    chosen = random.choice(TEXTS)
    if before.isdecimal() and len(before) < 10 and random.random() < 0.5:
        return str(int(before) + random.choice((-7, -1, 1, 2, 3, 11, 30)))
    match random.randrange(6):
        case 0:
            return before + chosen
        case 1:
            at = random.randrange(len(before) + 1)
            return before[:at] + chosen + before[at:]
        case 2:
            return before[: random.randrange(len(before) + 1)]
        case _:
            return chosen


def spoil(random: Random, content: bytes) -> bytes:
    """Damage of bare bytes: changed, cut off, doubled, put in."""
    damaged = bytearray(content)
    for _ in range(some(random, 8)):
        at = random.randrange(len(damaged) + 1)
        match random.randrange(6):
            case 0 | 1 if at < len(damaged):
                damaged[at] = random.randrange(256)
            case 2:
                del damaged[at : at + some(random, 30)]
            case 3:
                damaged[at:at] = damaged[at : at + random.randrange(64)]
            case 4:
                damaged[at:at] = random.choice(TEXTS).encode("utf-8", "replace")[:100]
            case 5 if random.random() < 0.2:
                del damaged[at:]
    return bytes(damaged)
