"""Draws arguments from the input schema of a tool: values that fit it, and that a person might write."""

import base64
import datetime
import warnings

import hypothesis
from hypothesis import strategies
from hypothesis_jsonschema import from_schema

# positions in earlier answers and the server's own arguments, none of which can be drawn
OWN = ("cursor", "part", "dry_run", "max_items", "confirmation")
NESTED = ("items", "additionalProperties", "contains", "propertyNames", "if", "then", "else")
LISTS = ("allOf", "anyOf", "oneOf")
MAPS = ("properties", "patternProperties")
ANNOTATIONS = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$defs")
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
    "uri-reference": words.map("/{}".format),
    "byte": words.map(lambda word: base64.b64encode(word.encode()).decode()),
}
OTHER_FORMATS = ("ipv4", "ipv6", "json-pointer", "regex")


def plausible(schema: object, root: dict, open_references: tuple[str, ...] = ()) -> object:
    """The schema without references, whose values are short."""
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if reference is not None:
        if open_references.count(reference) >= TURNS:
            return False
        open_references += (reference,)
        beside = {key: value for key, value in schema.items() if key != "$ref" and key not in ANNOTATIONS}
        target = resolved(reference, root)
        return plausible({**beside, "allOf": [*beside.get("allOf", []), target]} if beside else target, root, open_references)
    inner = lambda part: plausible(part, root, open_references)
    schema = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    for key in NESTED:
        if key in schema:
            schema[key] = inner(schema[key])
    for key in LISTS:
        if key in schema:
            schema[key] = [inner(part) for part in schema[key]]
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
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not schema:
        return {"type": "string", "pattern": f"^[A-Za-z][A-Za-z0-9]{{0,{WORD - 1}}}\\Z"}
    if "string" in kinds:
        if schema.get("format") not in (*FORMATS, *OTHER_FORMATS):
            schema.pop("format", None)
        if not schema.keys() & {"pattern", "format"}:
            shortest = max(schema.pop("minLength", 1), 1)
            longest = max(min(schema.pop("maxLength", WORD), WORD), shortest)
            schema["pattern"] = f"^[A-Za-z][A-Za-z0-9]{{{shortest - 1},{longest - 1}}}\\Z"
    if "integer" in kinds or "number" in kinds:
        keep_small(schema)
    if "array" in kinds:
        shortest = schema.get("minItems", 0)
        schema["maxItems"] = max(min(schema.get("maxItems", ITEMS), ITEMS), shortest)
        schema.setdefault("items", bounded({}))
    if "object" in kinds and schema.get("additionalProperties", True) in (True, {}):
        schema["additionalProperties"] = bounded({}) if not schema.get("properties") else False
        schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": "^[A-Za-z_]"} if not schema.get("properties") else True
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


def drawn(schema: dict, how_many: int) -> list[dict]:
    """Some arguments that fit the input schema, the same each time."""
    schema = dict(schema)
    required = schema.get("required", [])
    schema["properties"] = {
        name: part for name, part in schema.get("properties", {}).items() if name not in OWN or name in required
    }
    found: list[dict] = []
    every = list(hypothesis.HealthCheck)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strategy = from_schema(plausible(schema, schema), custom_formats=FORMATS)

        @hypothesis.settings(
            max_examples=how_many, database=None, deadline=None, derandomize=True, suppress_health_check=every, phases=[hypothesis.Phase.generate]
        )
        @hypothesis.given(strategy)
        def draw(arguments: dict) -> None:
            found.append(arguments)

        draw()
    return found[:how_many]
