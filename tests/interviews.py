"""Makes the example `examples/interviews/interviews.qdpx`: made-up incidents go in, a REFI-QDA project comes out.

Run as a program, it writes the file anew. Coders have marked words with codes of our codebook (`kgtools codebook`),
which programs keep by their GUIDs. Offsets are written as NVivo writes them: UTF-16 units, a line end CRLF as two, the
byte order mark not counted.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from refi_writer import Mark, Person, Style, Text, guid, project_xml

from kgtools.codebook import Entry, entries
from kgtools.vocabulary import Vocabulary

FILE = Path(__file__).parents[1] / "examples/interviews/interviews.qdpx"

LENA, OMAR = "lena", "omar"
CUSTOMER, EMPLOYEE, FIRM = "by customer", "by employee", "by firm"
GOOD, BAD, BOTH = "positive", "negative", "mixed"

STORIES: dict[str, tuple[dict[str, str], tuple[str, ...], tuple[tuple[str, str, tuple[str, ...]], ...]]] = {
    "Hotel 1": (
        {"channel": "ReviewSite", "platform": "hotel review portal", "occurred_on": "2025-03-02"},
        (
            "🏨 Late at night 🌙",
            "Our train came in three hours late. The night clerk had kept two plates of soup warm and carried my "
            "father's suitcase up the stairs.",
            "I was delighted. From the room I wrote a review with her name in it.",
            "My father still speaks of that soup, and then we laugh.",
        ),
        (
            (LENA, "kept two plates of soup warm and carried my father's suitcase", ("HelpfulConduct", GOOD, EMPLOYEE)),
            (LENA, "I was delighted", ("Delight", GOOD, CUSTOMER)),
            (LENA, "I wrote a review with her name in it", ("Review", GOOD, CUSTOMER)),
            (LENA, "then we laugh", ("EmotionalValue", GOOD, CUSTOMER)),
            (OMAR, "kept two plates of soup warm", ("HelpfulConduct", GOOD, EMPLOYEE)),
            (OMAR, "I was delighted", ("Delight", GOOD, CUSTOMER)),
            (OMAR, "I wrote a review", ("Review", GOOD, CUSTOMER)),
            (OMAR, "My father still speaks of that soup, and then we laugh", ("EmotionalValue", GOOD, CUSTOMER)),
        ),
    ),
    "Hotel 2": (
        {"channel": "LiveChat", "platform": "hotel chain's chat", "occurred_on": "2025-03-19"},
        (
            "🏨 A day later 💬",
            "I asked in the chat whether I could come a day later. “Rules are rules, learn to read” 🙄 was the whole "
            "answer.",
            "So I put the chat into three travel groups. The deposit was gone all the same: eighty euros.",
        ),
        (
            (LENA, "“Rules are rules, learn to read”", ("RudeConduct", BAD, EMPLOYEE)),
            (LENA, "I put the chat into three travel groups", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (LENA, "The deposit was gone", ("EconomicValue", BAD, CUSTOMER)),
            (OMAR, "was the whole answer", ("IndifferentConduct", BAD, EMPLOYEE)),
            (OMAR, "I put the chat into three travel groups", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (OMAR, "The deposit was gone all the same: eighty euros", ("EconomicValue", BAD, CUSTOMER)),
        ),
    ),
    "Hotel 3": (
        {"channel": "Email", "platform": "hotel's mailbox", "occurred_on": "2025-04-06"},
        (
            "🏨 The view – of a wall 🧱",
            "The room with a view looked onto a wall. I wrote a mail from the lobby, and ten minutes later the manager "
            "gave us the corner room and took one night off the bill.",
            "I have recommended the house to my whole walking club. And how well we slept!",
        ),
        (
            (LENA, "The room with a view looked onto a wall", ("CoreServiceFailure", BAD)),
            (LENA, "gave us the corner room and took one night off the bill", ("ServiceRecovery", GOOD, EMPLOYEE)),
            (LENA, "I have recommended the house to my whole walking club", ("Recommendation", GOOD, CUSTOMER)),
            (LENA, "how well we slept", ("EmotionalValue", GOOD, CUSTOMER)),
        ),
    ),
    "Tram 1": (
        {"channel": "MobileApp", "platform": "city tram app", "occurred_on": "2025-02-11"},
        (
            "🚋 No ticket – twice 📵",
            "The app took the money twice and showed no ticket. There was no number to call and no form to fill in.",
            "I warned everybody on the city's page. Twelve euros for nothing, and I was cross all day.",
        ),
        (
            (LENA, "The app took the money twice and showed no ticket", ("TechnologicalFailure", BAD)),
            (LENA, "There was no number to call and no form to fill in", ("ComplaintOutletLack", BAD)),
            (LENA, "I warned everybody on the city's page", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (LENA, "Twelve euros for nothing", ("EconomicValue", BAD, CUSTOMER)),
            (OMAR, "The app took the money twice", ("TechnologicalFailure", BAD)),
            (OMAR, "I warned everybody", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (OMAR, "Twelve euros for nothing", ("EconomicValue", BAD, CUSTOMER)),
            (OMAR, "I was cross all day", ("EmotionalValue", BAD, CUSTOMER)),
        ),
    ),
    "Tram 2": (
        {"channel": "SocialMedia", "platform": "tram operator's page", "occurred_on": "2025-05-20"},
        (
            "🚋 The roof 🌧",
            "Under a picture of the new stop the operator asked what we would change. I sent a sketch of where the "
            "roof should be.",
            "In autumn the roof stood there, and now I wait with dry feet.",
        ),
        (
            (LENA, "the operator asked what we would change", ("FeedbackSolicitation", GOOD, FIRM)),
            (LENA, "I sent a sketch of where the roof should be", ("IdeaSubmission", GOOD, CUSTOMER)),
            (LENA, "In autumn the roof stood there", ("OfferingChange", GOOD)),
            (LENA, "I wait with dry feet", ("FunctionalValue", GOOD, CUSTOMER)),
            (OMAR, "the operator asked what we would change", ("FeedbackSolicitation", GOOD, FIRM)),
            (OMAR, "I sent a sketch of where the roof should be", ("Feedback", GOOD, CUSTOMER)),
            (OMAR, "the roof stood there", ("OfferingChange", GOOD)),
            (OMAR, "I wait with dry feet", ("FunctionalValue", GOOD, CUSTOMER)),
        ),
    ),
    "Tram 3": (
        {"channel": "Forum", "platform": "passengers' forum", "occurred_on": "2025-06-03"},
        (
            "🚋 The counter 🎫",
            "At the counter they were politeness itself, each time they sent me on to the next one.",
            "I told the passengers' forum what a morning that was. The pass I had come for I did not get.",
        ),
        (
            (LENA, "they were politeness itself", ("PoliteConduct", GOOD, EMPLOYEE)),
            (LENA, "I told the passengers' forum what a morning that was", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (LENA, "The pass I had come for I did not get", ("FunctionalValue", BAD, CUSTOMER)),
            (OMAR, "they were politeness itself", ("PoliteConduct", BOTH, EMPLOYEE)),
            (OMAR, "I told the passengers' forum what a morning that was", ("NegativeWordOfMouth", BAD, CUSTOMER)),
            (OMAR, "The pass I had come for I did not get", ("FunctionalValue", BAD, CUSTOMER)),
        ),
    ),
}
"""Of each incident what is known of it, its paragraphs, and who marked which words of it with which codes."""

CASES = {"Mr. Adler": ("Hotel 1", "Tram 1"), "Ms. Brandt": ("Hotel 2", "Hotel 3"), "Ms. Cerny": ("Tram 2", "Tram 3")}
"""Who told which of them."""


def codes_of_ours() -> dict[str, tuple[str, Entry]]:
    """The codes of our codebook by name, each with its path there."""

    def walk(entry: Entry, above: str) -> Iterator[tuple[str, tuple[str, Entry]]]:
        path = f"{above}{entry.name}"
        yield entry.name, (path, entry)
        for lower in entry.below:
            yield from walk(lower, f"{path} > ")

    return dict(found for entry in entries(Vocabulary.read()) for found in walk(entry, ""))


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text.encode("utf-16-le")) // 2


def made() -> bytes:
    """The project, the same bytes each time (nothing in it is packed, so that no library's version matters)."""
    ours = codes_of_ours()
    texts = []
    for name, (variables, paragraphs, marked) in STORIES.items():
        text = "\r\n\r\n".join(paragraphs)
        marks = []
        for number, (coder, words, given) in enumerate(marked):
            assert text.count(words) == 1, words
            start = units(text[: text.index(words)])
            date = f"2025-09-{1 + list(STORIES).index(name):02}T{10 if coder == LENA else 15}:{number:02}:00Z"
            paths = [ours[code][0] for code in given]
            marks.append(Mark(start, start + units(words), paths, coder, date=date))
        texts.append(Text(name, b"\xef\xbb\xbf" + text.encode(), marks, variables=variables))
    cases = [Person(name, texts=of) for name, of in CASES.items()]
    paths = [path for path, _ in ours.values()]
    written = project_xml(texts, paths, [LENA, OMAR], cases, {}, Style("kgtools example"), "Interviews", "")
    for path, entry in ours.values():
        written = written.replace(guid("code", path), entry.guid)
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(ZipInfo("project.qde"), written)
        for one in texts:
            archive.writestr(ZipInfo(f"sources/{guid('file', one.name)}.txt"), one.content or b"")
    return packed.getvalue()


if __name__ == "__main__":
    FILE.write_bytes(made())
