"""What the exchange standard asks for: our statement of it and the standard's own schemas give one answer."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from kgtools.read.qda.refi import read_refi
from kgtools.read.qda.refi.schema import Conformance, vocabulary
from kgtools.read.qda.remarks import MOST_OF_A_KIND, Remarks

SHARED = Path(__file__).parents[2] / "shared/data/refi-qda"
DRAFT = b"urn:QDA-XML:codebook:0:4"
PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"

needs_schemas = pytest.mark.skipif(not SHARED.is_dir(), reason="the standard's schemas are not in `../shared`")

GUID = "9fa9bcb7-5b59-47a9-8c3e-f65cffdc7520"
VALUES = [
    "", " ", "x", "0", "1", " 7 ", "+7", "-7", "1.5", ".5", "5.", "1e3", "true", " false ", "True", "#fff", "#12345G",
    "#A0B1C2", GUID, GUID.upper(), f"{{{GUID}}}", f"{{{GUID}", f" {GUID} ", GUID[:-1], "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z", "2023-01-01T24:00:00", "2023-01-01T24:00:01", "2023-01-01T12:00:00.1234567+14:00",
    "2023-01-01T12:00:00+14:30", "2023-01-01", "2023-01-01Z", "2023-1-1", "12023-01-01", "-0001-01-01T00:00:00",
    "2023-01-01 12:00:00", "2023-04-31", "OneWay", "oneway", "Text", "solid", "Oval", "UpTriangle", "\u0661", "７",
]  # fmt: skip


def remarks_on(root: Any) -> list[str]:
    """What we find, one line each."""
    remarks = Remarks("x.qde")
    conformance = Conformance(remarks)
    for _, element in etree.iterwalk(root, events=("end",)):
        conformance.element(element)
    return [found.message for found in remarks.all()]


@cache
def schema(namespace: str) -> Any:
    """The standard's schema."""
    name = "Codebook-mrt2019.xsd" if "codebook" in namespace else "Project-mrt2019.xsd"
    return etree.XMLSchema(etree.parse(SHARED / name))


def is_valid(root: Any) -> bool:
    """What the standard's schema says."""
    namespace = CODEBOOK if etree.QName(root).localname == "CodeBook" else PROJECT
    return bool(schema(namespace).validate(etree.ElementTree(root)))


def parsed(path: Path) -> Any:
    """The project file in a sample; of the draft's namespace, as if it were that of 1.0."""
    if path.suffix == ".qdpx":
        with ZipFile(path) as archive:
            content = archive.read(next(name for name in archive.namelist() if name.lower().endswith(".qde")))
    else:
        content = path.read_bytes().replace(DRAFT, CODEBOOK.encode())
    return etree.fromstring(content, etree.XMLParser(remove_comments=True))


SAMPLES = sorted((SHARED / "samples").glob("*")) if SHARED.is_dir() else []


@needs_schemas
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    """Of a sample we find something if, and only if, the standard's schema does."""
    root = parsed(path)

    assert is_valid(root) == (not remarks_on(root))


def plentiful() -> Any:
    """A valid project in which every element and attribute of the standard occurs, made of our statement of it."""
    asked = vocabulary("project")
    samples = {
        "string": "x", "guid": GUID, "boolean": "true", "integer": "7", "decimal": "1.5", "color": "#abc",
        "date": "2024-02-29", "moment": "2024-02-29T12:00:00Z", "direction": "OneWay", "variable": "Text",
        "line": "solid", "shape": "Star",
    }  # fmt: skip

    def made(name: str, deep: int) -> Any:
        of = asked[name]
        element = etree.Element(f"{{{PROJECT}}}{name}", {key: samples[kind] for key, kind in of.attributes.items()})
        for particle in of.content or ():
            choices = sorted(particle.names) if particle.most is None else sorted(particle.names)[:1]
            for inner in choices:
                if inner != name or deep < 5:
                    element.append(made(inner, deep + 1))
        if of.text:
            element.text = samples[of.text]
        return element

    return made("Project", 0)


def test_a_plentiful_project_is_as_it_should_be() -> None:
    """A project made of what is asked for trips nothing."""
    root = plentiful()

    assert [] == remarks_on(root)
    assert len(vocabulary("project")) <= len({element.tag for element in root.iter()}) + 5  # but for other values


@needs_schemas
def test_the_standard_takes_the_plentiful_project() -> None:
    """Our statement allows nothing in it that the standard's schema does not."""
    root = plentiful()

    assert is_valid(root), schema(PROJECT).error_log


@needs_schemas
@pytest.mark.parametrize(
    "value", [*VALUES, "0000-01-01T00:00:00", "1900-02-29", "2000-02-29", "+1.", ".", "\t1\n", "#ABCD"]
)
def test_values(value: str) -> None:
    """Each type of value takes what the standard's schema takes for it."""
    asked = vocabulary("project")
    root = plentiful()
    places = {kind: (name, attribute) for name, of in asked.items() for attribute, kind in of.attributes.items()}
    for kind, (name, attribute) in places.items():
        changed_root = copy.deepcopy(root)
        next(changed_root.iter(f"{{{PROJECT}}}{name}")).set(attribute, value)

        assert is_valid(changed_root) == (not remarks_on(changed_root)), kind
    for name in ("BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue", "TextValue"):
        changed_root = copy.deepcopy(root)
        of_case = next(changed_root.iter(f"{{{PROJECT}}}VariableValue"))
        of_case[-1].tag, of_case[-1].text = f"{{{PROJECT}}}{name}", value
        changed_root = etree.fromstring(etree.tostring(changed_root))

        assert is_valid(changed_root) == (not remarks_on(changed_root)), name


def changed(data: Any, root: Any, names: list[str], attributes: list[str], namespace: str) -> None:
    """Change something in a document."""
    elements = list(root.iter())
    element = elements[data.draw(st.integers(0, len(elements) - 1))]
    kind = data.draw(
        st.sampled_from(["value", "unset", "set", "delete", "insert", "swap", "text", "tail", "body", "copy"])
    )
    above = element.getparent()
    if kind == "value" and element.attrib:
        element.set(data.draw(st.sampled_from(sorted(element.attrib))), data.draw(st.sampled_from(VALUES)))
    elif kind == "unset" and element.attrib:
        del element.attrib[data.draw(st.sampled_from(sorted(element.attrib)))]
    elif kind == "set":
        element.set(data.draw(st.sampled_from(attributes)), data.draw(st.sampled_from(VALUES)))
    elif kind == "delete" and above is not None:
        above.remove(element)
    elif kind == "insert":
        name = data.draw(st.sampled_from(names))
        space = data.draw(st.sampled_from([namespace] * 8 + ["urn:other", ""]))
        inserted = etree.Element(f"{{{space}}}{name}" if space else name)
        element.insert(data.draw(st.integers(0, len(element))), inserted)
    elif kind == "swap" and above is not None and len(above) > 1:
        other = above[data.draw(st.integers(0, len(above) - 1))]
        if other is not element:
            at = above.index(other)
            above.remove(element)
            above.insert(at, element)
    elif kind == "copy" and above is not None:
        above.insert(data.draw(st.integers(0, len(above))), copy.deepcopy(element))
    elif kind == "text" and len(element) == 0:
        element.text = data.draw(st.sampled_from([*VALUES, "\n\t", "\u00a0"]))
    elif kind == "body":
        element.text = data.draw(st.sampled_from(["\n", " x ", "\u00a0"]))
    elif kind == "tail" and above is not None:
        element.tail = data.draw(st.sampled_from(["\n", " x ", "\u00a0"]))


def hold_against_schema(data: Any, root: Any, kind: str, namespace: str) -> None:
    """Change a document a little, and ask both."""
    asked = vocabulary(kind)
    names = [*sorted(asked), "Unknown"]
    attributes = [*sorted({attribute for of in asked.values() for attribute in of.attributes}), "unknown"]
    for _ in range(data.draw(st.integers(1, 3))):
        changed(data, root, names, attributes, namespace)
    root = etree.fromstring(etree.tostring(root))  # an empty text node is none once it is written
    ours = remarks_on(root)

    assert is_valid(root) == (not ours), (ours, str(schema(namespace).error_log))


mutations = settings(max_examples=drawn(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@needs_schemas
@mutations
@given(st.data())
def test_changed_projects(data: Any) -> None:
    """Of a project that was changed at random we find something if, and only if, the standard's schema does."""
    hold_against_schema(data, plentiful(), "project", PROJECT)


@needs_schemas
@mutations
@given(st.data(), st.sampled_from([path for path in SAMPLES if path.suffix == ".qdc"] or [SHARED]))
def test_changed_codebooks(data: Any, path: Path) -> None:
    """So of codebooks."""
    root = parsed(path)
    for empty in root.findall(f"{{{CODEBOOK}}}Sets"):
        if not len(empty):
            root.remove(empty)
    hold_against_schema(data, root, "codebook", CODEBOOK)


@pytest.mark.parametrize(
    ("namespace", "found"),
    [
        (CODEBOOK, []),
        (DRAFT.decode(), ["info"]),
        ("urn:QDA-XML:codebook:1:0", ["info"]),
        ("", ["warning"]),
        ("urn:x", ["warning"]),
    ],
)
def test_other_namespaces_are_asked_for_the_same(namespace: str, found: list[str], tmp_path: Path) -> None:
    """A codebook of another version, or of no namespace, is held against the standard, and its namespace is told."""
    path = tmp_path / "x.qdc"
    code = f'<Code guid="{GUID}" name="a" isCodable="true"/>'
    path.write_text(f'<CodeBook xmlns="{namespace}"><Codes>{code}</Codes></CodeBook>')

    assert [("refi:schema-namespace", severity) for severity in found] == [
        (finding.shape, finding.severity) for finding in read_refi(path).findings
    ]


def test_findings_have_a_line_and_say_what_is_right(tmp_path: Path) -> None:
    """A finding on the standard says where, what, and what would be right; the file is read all the same."""
    path = tmp_path / "x.qdc"
    path.write_text(
        f'<CodeBook xmlns="{CODEBOOK}"><Codes>\n<Code guid="1" name="a" isCodable="yes"/>\n</Codes><Sets/></CodeBook>'
    )
    project = read_refi(path)

    assert ["1"] == [code.key for code in project.codes]
    assert [
        ("refi:schema-value", 2, "`guid` of Code is `1`; it should be a GUID: 2f1e4b7c-0a53-4c1e-9d52-7c9a1f0e6b38"),
        ("refi:schema-value", 2, "`isCodable` of Code is `yes`; it should be true or false"),
        ("refi:schema-content", 3, "Sets lacks Set at its place"),
    ] == [(found.shape, found.row, found.message) for found in project.findings]
    assert {"warning"} == {found.severity for found in project.findings}


def test_no_flood(tmp_path: Path) -> None:
    """What is wrong a thousand times is told a few times, with a count; other faults are not drowned by it."""
    code = f'<Code guid="{GUID[:-4]}%04d" name="a" isCodable="true" colour="#fff"/>'
    codes = "".join(code % number for number in range(1000))
    path = tmp_path / "x.qdc"
    path.write_text(f'<CodeBook xmlns="{CODEBOOK}"><Codes>{codes}</Codes><Sets/></CodeBook>')
    findings = read_refi(path).findings

    assert MOST_OF_A_KIND + 2 == len(findings)
    assert "990 more like this (Code/@colour) are not listed" == findings[-1].message
    assert 1 == sum(found.shape == "refi:schema-content" for found in findings)
