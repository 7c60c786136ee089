"""What is said beside the data: chance goes in, crosswalks and dialects that are odd or broken come out."""

from __future__ import annotations

import json
from random import Random

from .values import some, spoil, text

_CODES = (
    *("Delight", "Own > Joy", "Joy", "C", "Lob", "Tadel", "Own", "Feelings", "complaint", "Deep delight", "'*'"),
    *("'Valence > positive'", "Incident 1"),
)
_TERMS = (
    *(
        "Delight",
        "none",
        "Complaint",
        "{valence: positive}",
        "{valence: negative, bearer: customer}",
        "[Delight, Complaint]",
    ),
    *("{term: Delight, bearer: customer, step: 2}", "{term: Delight, step: x}", "[{term: Boycott, presence: absent}]"),
)


def crosswalk(random: Random) -> bytes:
    """A crosswalk: mostly one that could be meant."""
    quoted = "'" + text(random).replace("'", "''").replace("\n", " ").replace("\r", " ") + "'"
    rule = (
        "document",
        "case",
        "case",
        "row",
        "{code: 'Incident *'}",
        "{code: '*e*'}",
        "{code: '*'}",
        "{code: '[!x]*'}",
    )
    said = []
    if random.random() < 0.8:
        said.append(f"incident: {random.choice((*rule, *rule, *rule, quoted, f'{{code: {quoted}}}', '[a]', '{x: y}'))}")
    if random.random() < 0.3:
        said.append(f"shape: {random.choice((*['segments'] * 8, 'wide', quoted))}")
    ours = (
        "incident",
        "code",
        "coder",
        "segment",
        "start",
        "end",
        "document",
        "case",
        "narrative",
        "native_start",
        "id",
    )
    for part in ("columns", "defaults"):
        if random.random() < 0.25:
            theirs = ("Dok", "Code", "Segment", "document", "Text", "Wer", "positive", "7", quoted)
            pairs = {random.choice(ours): random.choice(theirs) for _ in range(some(random))}
            said.append(f"{part}: {{{', '.join(f'{key}: {cell}' for key, cell in pairs.items())}}}")
    if random.random() < 0.7:
        codes = {random.choice(_CODES): random.choice((*_TERMS, *_TERMS, quoted)) for _ in range(some(random, 5))}
        said += ["codes:", *(f"  {code}: {term}" for code, term in codes.items())]
    random.shuffle(said) if random.random() < 0.1 else None
    written = "\n".join(said).encode("utf-8", "replace")
    return scrawl(random, written) if random.random() < 0.2 else written


def scrawl(random: Random, content: bytes) -> bytes:
    """Damage of YAML: of its bytes, its lines; anchors that stand for themselves many times."""
    match random.randrange(5):
        case 0:
            return spoil(random, content)
        case 1:
            lines = content.split(b"\n")
            lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
            return b"\n".join(lines)
        case 2:
            lines = content.split(b"\n")
            del lines[random.randrange(len(lines))]
            return b"\n".join(lines)
        case 3:
            levels = random.choice((2, 4, 30))
            anchors = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
            return "\n".join(["a0: &a0 x", *anchors, content.decode("utf-8", "replace")]).encode()
        case _:
            return content


def dialects(random: Random, content: bytes) -> bytes:
    """A description of dialects: its words exchanged, its lines moved, its bytes damaged."""
    lines = content.decode("utf-8").split("\n")
    for _ in range(some(random, 3)):
        at = random.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        quoted = json.dumps(text(random), ensure_ascii=random.random() < 0.5)
        match random.randrange(5):
            case 0:
                lines[at] = (
                    f"{key}{colon} {random.choice(('[]', 'yes', '[Text, Dok]', '{a: b}', quoted, f'[{quoted}]'))}"
                )
            case 1 | 2:
                words = (
                    "  split: {codes: [Text], joined_by: [', ']}",
                    "  applied: {before: '', yes: [x]}",
                    "  span: [Wann]",
                )
                more = (
                    "  shared_id: yes",
                    "  uncoded: yes",
                    "  unit: time",
                    "  dates: ['%d%d%Y']",
                    "  categories: [Wer]",
                )
                lines.append(random.choice((*words, *more, "  unit: paragraph", "  placeholders: {coder: ['ak']}")))
            case 3 if len(lines) > 1:
                del lines[at]
            case 4:
                lines[at] = lines[at].replace(random.choice("DTWEabcde :[]"), random.choice("DTWEabcde :[]"), 1)
    written = "\n".join(line for line in lines if line).encode("utf-8", "replace")
    return scrawl(random, written) if random.random() < 0.2 else written
