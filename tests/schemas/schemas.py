"""What the tests of share/scaleplan/schemas share: the schemas, and the objects inside them."""
import json
import pathlib

from jsonschema import Draft202012Validator

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "share" / "scaleplan" / "schemas"


def read_schemas():
    """Schemas by kind, each a valid one itself."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        schema = json.loads(path.read_text())
        Draft202012Validator.check_schema(schema)
        found[path.stem] = schema
    return found


def is_input(schema):
    """Documents that people write refuse what they do not know."""
    return schema.get("additionalProperties") is False


def kind_of(document):
    """The kind that a document says it is of, or None."""
    words = document.get("schema", "").split("/") if isinstance(document, dict) else []
    return words[1] if len(words) == 3 and words[0] == "scaleplan" else None


def resolved(root, node):
    while "$ref" in node:
        node = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node


def nodes(root, node, document, pointer=""):
    """Pairs of a pointer into the document and a schema node that describes what stands there."""
    node = resolved(root, node)
    yield pointer, document, node
    for choice in node.get("anyOf", []):
        yield from nodes(root, choice, document, pointer)
    if isinstance(document, dict):
        for key, value in document.items():
            inner = node.get("properties", {}).get(key, node.get("additionalProperties", False))
            if isinstance(inner, dict):
                yield from nodes(root, inner, value, f"{pointer}/{key}")
    if isinstance(document, list) and "items" in node:
        for index, value in enumerate(document):
            yield from nodes(root, node["items"], value, f"{pointer}/{index}")


def closed(node):
    """The schema with every object that lists its members refusing others, so that a key which nobody
    described is noticed."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "object" in node.get("type", ""):
        out.setdefault("additionalProperties", False)
    return out
