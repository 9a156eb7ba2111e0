"""Draws arguments from the input schema of a tool: values that fit it, and that a person might write."""

import base64
import copy
import datetime
import json
import re
import warnings

import hypothesis
from hypothesis import strategies
from hypothesis_jsonschema import from_schema

# arguments of the API that are positions in earlier answers, which cannot be drawn
POSITIONS = ("cursor",)
NESTED = ("items", "additionalProperties", "contains", "propertyNames", "if", "then", "else")
LISTS = ("allOf", "anyOf", "oneOf")
MAPS = ("properties", "patternProperties")
ANNOTATIONS = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$defs")
# what the description of an object says whose members are left out of a long schema
HIDDEN = "Its members are not shown here"
UNKNOWN = {"type": "object", "maxProperties": 0}
LEAST = {"minItems": "array", "minProperties": "object"}
# how often a schema may stand in itself
TURNS = 2
WORD = 12
ITEMS = 2
WHOLE = (1, 1000)

words = strategies.from_regex(r"[A-Za-z][A-Za-z0-9]{2,9}", fullmatch=True)
instants = strategies.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2035, 1, 1))
FORMATS = {
    "date-time": instants.map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "date": instants.map(lambda time: time.strftime("%Y-%m-%d")),
    "time": instants.map(lambda time: time.strftime("%H:%M:%SZ")),
    "duration": strategies.integers(1, 59).map("PT{}M".format),
    "uuid": strategies.uuids(version=4).map(str),
    "email": strategies.tuples(words, words).map("{0[0]}@{0[1]}.com".format),
    "hostname": words.map(lambda word: f"{word.lower()}.example.com"),
    "uri": words.map("https://example.com/{}".format),
    "url": words.map("https://example.com/{}".format),
    "uri-reference": words.map("/{}".format),
    "byte": words.map(lambda word: base64.b64encode(word.encode()).decode()),
}
OTHER_FORMATS = ("ipv4", "ipv6", "json-pointer", "regex")


def plausible(schema: object, root: dict, is_distinct: bool, open_references: tuple[str, ...] = ()) -> object:
    """The schema without references, whose values are short, and if they are distinct fit one alternative only."""
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if reference is not None:
        if open_references.count(reference) >= TURNS:
            return False
        open_references += (reference,)
        beside = {key: value for key, value in schema.items() if key != "$ref" and key not in ANNOTATIONS}
        target = resolved(reference, root)
        return plausible({**beside, "allOf": [*beside.get("allOf", []), target]} if beside else target, root, is_distinct, open_references)
    inner = lambda part: plausible(part, root, is_distinct, open_references)
    # the generated code has no type for a choice of numbers, so the description names them
    said = schema.get("description", "")
    numbers = re.search(r"One of: ([-\d, ]+)\.", said)
    schema = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    if HIDDEN in said:
        return dict(UNKNOWN)
    if numbers and "integer" in kinds(schema):
        return {"enum": [int(number) for number in numbers[1].split(",")]}
    for key in NESTED:
        if key in schema:
            schema[key] = inner(schema[key])
    for key in LISTS:
        if key in schema:
            schema[key] = [inner(part) for part in schema[key]]
    choices = schema.get("anyOf", [])
    if is_distinct and choices:
        # the document may say `oneOf`, which tools never do
        schema["oneOf"] = schema.pop("anyOf")
    for key in MAPS:
        if key in schema:
            schema[key] = {name: inner(part) for name, part in schema[key].items()}
    return bounded(schema)


def resolved(reference: str, root: dict) -> object:
    found: object = root
    for token in reference.removeprefix("#").split("/")[1:]:
        found = found[token.replace("~1", "/").replace("~0", "~")]
    return found


def bounded(schema: dict) -> object:
    """The schema of fewer and shorter values. What it says of one type does not concern the others."""
    if schema.keys() & {"enum", "const"}:
        return schema
    types = kinds(schema)
    if not schema:
        return {"type": "string", "pattern": f"^[A-Za-z][A-Za-z0-9]{{0,{WORD - 1}}}\\Z"}
    if "string" in types:
        if schema.get("format") not in (*FORMATS, *OTHER_FORMATS):
            schema.pop("format", None)
        if not schema.keys() & {"pattern", "format"}:
            shortest = max(schema.pop("minLength", 1), 1)
            longest = max(min(schema.pop("maxLength", WORD), WORD), shortest)
            schema["pattern"] = f"^[A-Za-z][A-Za-z0-9]{{{shortest - 1},{longest - 1}}}\\Z"
    if "integer" in types or "number" in types:
        keep_small(schema)
    if "array" in types:
        shortest = schema.get("minItems", 0)
        schema["maxItems"] = max(min(schema.get("maxItems", ITEMS), ITEMS), shortest)
        schema.setdefault("items", bounded({}))
        is_open = isinstance(schema["items"], dict) and schema["items"].get("properties") == {}
        if not shortest and (is_open or schema["items"] == UNKNOWN):
            # what stands in itself has no members at its second turn
            schema["maxItems"] = 0
    if {"text", "base64"} <= schema.get("properties", {}).keys():
        # content that the server wants in one of two forms
        schema["oneOf"] = [{"required": ["text"]}, {"required": ["base64"]}]
        schema["properties"]["base64"] = {"type": "string", "format": "byte"}
    if "object" in types and schema.get("additionalProperties", True) in (True, {}):
        schema["additionalProperties"] = False
        if not schema.get("properties"):
            schema |= {"additionalProperties": bounded({}), "propertyNames": bounded({})}
            schema.setdefault("maxProperties", ITEMS)
    return schema


def keep_small(schema: dict) -> None:
    """Bounds a number on the sides on which it has no bound."""
    least, most = WHOLE
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = schema["minimum"] = least if high is None or high > least else high - most
    if high is None:
        schema["maximum"] = most if low < most else low + most


def told(tool: dict, schema: dict) -> dict:
    """The input schema with what the lock keeps of the document beside it: which patterns and formats values have, and which arguments exclude others."""
    schema = copy.deepcopy(schema)
    properties = schema.get("properties", {})
    where = tool["request"]["arguments"]
    for name in [name for name in properties if name in tool["serverArguments"] or name in POSITIONS]:
        if name not in schema.get("required", []):
            del properties[name]
    for name, part in properties.items():
        place, *wire = where.get(name, "").partition(", once")[0].split(" ", 1)
        start = f"/{place}/{wire[0] if wire else name}" if place == "body" else f"/{place} {wire[0] if wire else name}"
        for facet, said in tool["facets"].items():
            if facet.startswith(start) and facet[len(start) :][:1] in ("", "/"):
                at_end(part, facet[len(start) :].split("/")[1:], said)
        if place != "body":
            # nothing is sent for an empty list or object, even if it is required
            part.update({least: max(1, part.get(least, 0)) for least, kind in LEAST.items() if kind in kinds(part)})
    choices = tool["facets"].get("/body", {}).get("oneOf", "")
    if choices.startswith('{"required"'):
        schema["oneOf"] = [json.loads(choice) for choice in choices.split(" | ")]
    return schema


def kinds(schema: dict) -> list[str]:
    stated = schema.get("type", [])
    return [stated] if isinstance(stated, str) else stated


def at_end(schema: object, tokens: list[str], said: dict) -> None:
    """States the pattern and the format of the strings at the end of a path."""
    if not isinstance(schema, dict):
        return
    for choice in [part for key in LISTS for part in schema.get(key, [])]:
        at_end(choice, tokens, said)
    if not tokens and "string" in kinds(schema):
        if said.get("format") in FORMATS:
            schema["format"] = said["format"]
        if " | " not in said.get("pattern", " | "):
            # in JavaScript these are the digits of ASCII only
            schema["pattern"] = said["pattern"].replace("\\d", "[0-9]")
    elif tokens and tokens[0] == "[]":
        at_end(schema.get("items"), tokens[1:], said)
    elif tokens:
        at_end(schema.get("properties", {}).get(tokens[0]), tokens[1:], said)


def drawn(tool: dict, schema: dict, how_many: int) -> list[dict]:
    """Some arguments that fit the input schema of a tool, the same each time."""
    schema = told(tool, schema)
    try:
        return fitting(plausible(schema, schema, is_distinct=True), how_many)
    except hypothesis.errors.Unsatisfiable:
        return fitting(plausible(schema, schema, is_distinct=False), how_many)


def fitting(schema: object, how_many: int) -> list[dict]:
    found: list[dict] = []
    how = {"database": None, "deadline": None, "derandomize": True, "phases": [hypothesis.Phase.generate]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strategy = from_schema(schema, custom_formats=FORMATS)

        @hypothesis.settings(max_examples=how_many, suppress_health_check=list(hypothesis.HealthCheck), **how)
        @hypothesis.given(strategy)
        def draw(arguments: dict) -> None:
            found.append(arguments)

        draw()
    return found[:how_many]
