//! Inputs that are similar to valid ones: mutations of the corpus, as text and node by node, all determined by one number.

use std::path::Path;

use openapi_mcp_codegen::diagnostics::Diagnostics;
use openapi_mcp_codegen::tree::File;
use openapi_mcp_codegen::{Inputs, Source};
use serde_json::{Map, Value, json};

/// The generator `SplitMix64`: small, sufficient, and the same on every machine.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap_or_default().checked_rem(bound).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len());
        items.get(index)
    }
}

/// A document, its overlay, and the lock that belongs to them before mutation.
#[derive(Clone)]
pub(crate) struct Case {
    document: Value,
    overlay: Value,
    lock: Value,
}

/// The texts of the three files.
pub(crate) struct Input {
    pub(crate) document: String,
    pub(crate) overlay: String,
    pub(crate) lock: String,
}

impl Input {
    pub(crate) fn as_inputs(&self) -> Inputs<'_> {
        let source = |name, text| Source { name, text };
        Inputs {
            document: source("document", &self.document),
            overlay: source("overlay", &self.overlay),
            lock: Some(source("lock", &self.lock)),
        }
    }
}

/// Keys that have a meaning somewhere, or are unusual.
const KEYS: [&str; 88] = [
    "",
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "/",
    "200",
    "2XX",
    "3XX",
    "__proto__",
    "actions",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "application/json",
    "application/x-www-form-urlencoded",
    "components",
    "const",
    "contains",
    "content",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "dependentSchemas",
    "discriminator",
    "else",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "explode",
    "format",
    "get",
    "if",
    "in",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipart/form-data",
    "multipleOf",
    "name",
    "not",
    "nullable",
    "oneOf",
    "openapi",
    "operationId",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "post",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "remove",
    "requestBody",
    "required",
    "responses",
    "schema",
    "schemas",
    "servers",
    "style",
    "target",
    "text/plain",
    "then",
    "type",
    "unevaluatedProperties",
    "uniqueItems",
    "update",
    "url",
    "variables",
    "webhooks",
    "x-mcp",
    "x-operation-id",
    "~",
    "~1",
    "ä\u{202e}",
    "{idItem}",
];

const TEXTS: [&str; 48] = [
    "",
    " ",
    "#",
    "#/",
    "#/components",
    "#/components/schemas/A",
    "#/paths",
    "#/%7",
    "#/~2",
    "#part",
    "$",
    "$..*",
    "$..[?@.type]",
    "$.paths['/items'].get",
    "$.paths[*][*]",
    "/items/{idItem}",
    "/{a}/{a}",
    "//",
    "/../x",
    "1.0.0",
    "3.0.3",
    "3.1.0",
    "application/xml",
    "array",
    "base64",
    "boolean",
    "cookie",
    "date",
    "deepObject",
    "header",
    "https://shop.example/{a}",
    "integer",
    "list_items",
    "null",
    "number",
    "object",
    "other.yaml#/A",
    "path",
    "pipeDelimited",
    "query",
    "simple",
    "string",
    "true",
    "type",
    "{a}{b}",
    "\u{0}",
    "\u{202e}ü😀",
    "'\"\\`*/ //! #[x]",
];

impl Case {
    /// Applies some mutations to the case.
    fn mutated(mut self, random: &mut Random) -> Self {
        for _ in 0..=random.below(6) {
            mutate(
                match random.below(10) {
                    0 | 1 => &mut self.overlay,
                    2 => &mut self.lock,
                    _ => &mut self.document,
                },
                random,
            );
        }
        // an operation without an annotation gets a block when it is adopted
        if random.below(3) == 0
            && let Some(Value::Array(actions)) = self.overlay.get_mut("actions")
            && actions.len() > 1
        {
            actions.remove(random.below(actions.len()));
        }
        self
    }
}

/// Applies one mutation at one node.
fn mutate(root: &mut Value, random: &mut Random) {
    let pointers = pointers(root);
    let Some(pointer) = random.pick(&pointers).cloned() else { return };
    let other = random.pick(&pointers).cloned().unwrap_or_default();
    let elsewhere = root.pointer(&other).cloned().unwrap_or_default();
    let Some(node) = root.pointer_mut(&pointer) else { return };
    match random.below(10) {
        0 => *node = value(random),
        1 => *node = elsewhere,
        2 => *node = json!({"$ref": format!("#{other}")}),
        3 => *node = nested(std::mem::take(node), random),
        4 => remove(node, random),
        5 => rename(node, random),
        6 => double(node, random),
        7 => *node = std::iter::repeat_n(std::mem::take(node), random.below(40)).collect(),
        _ => insert(node, if random.below(2) == 0 { value(random) } else { elsewhere }, random),
    }
}

/// The pointers of all nodes; of large documents only the first nodes are visited.
fn pointers(root: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut index = 0;
    while let Some(pointer) = found.get(index).cloned().filter(|_| found.len() < 4_000) {
        index += 1;
        let below = |token: &str| format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"));
        match root.pointer(&pointer) {
            Some(Value::Object(members)) => found.extend(members.keys().map(|key| below(key))),
            Some(Value::Array(items)) => found.extend((0..items.len()).map(|item| below(&item.to_string()))),
            _ => {}
        }
    }
    found
}

fn key(random: &mut Random) -> String {
    random.pick(&KEYS).copied().unwrap_or_default().to_owned()
}

fn value(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.pick(&[0_i64, 1, -1, i64::MIN, i64::MAX]).copied().unwrap_or_default()),
        3 => json!(random.pick(&[0.1, -0.0, 1e308, 5e-324, 9_007_199_254_740_993.0]).copied().unwrap_or_default()),
        4 => json!([]),
        5 => json!({}),
        6 => json!([value(random), value(random)]),
        7 => Value::Object(Map::from_iter([(key(random), value(random))])),
        8 => json!("ä/{}".repeat(random.below(2_000))),
        _ => json!(random.pick(&TEXTS).copied().unwrap_or_default()),
    }
}

/// Puts the node below many levels.
fn nested(node: Value, random: &mut Random) -> Value {
    let key = key(random);
    let in_lists = random.below(2) == 0;
    let wrap = |inner, _| if in_lists { json!([inner]) } else { Value::Object(Map::from_iter([(key.clone(), inner)])) };
    (0..random.below(140)).fold(node, wrap)
}

fn remove(node: &mut Value, random: &mut Random) {
    match node {
        Value::Object(members) => {
            let index = random.below(members.len());
            let key = members.keys().nth(index).cloned().unwrap_or_default();
            members.remove(&key);
        }
        Value::Array(items) if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        other => *other = Value::Null,
    }
}

fn rename(node: &mut Value, random: &mut Random) {
    let Value::Object(members) = node else { return };
    let index = random.below(members.len());
    if let Some(member) = members.keys().nth(index).cloned().and_then(|key| members.remove(&key)) {
        members.insert(key(random), member);
    }
}

fn double(node: &mut Value, random: &mut Random) {
    match node {
        Value::Object(members) => {
            let index = random.below(members.len());
            if let Some(member) = members.values().nth(index).cloned() {
                members.insert(key(random), member);
            }
        }
        Value::Array(items) => items.extend(items.clone()),
        Value::String(text) => *text = text.repeat(2),
        _ => {}
    }
}

fn insert(node: &mut Value, new: Value, random: &mut Random) {
    match node {
        Value::Object(members) => {
            members.insert(key(random), new);
        }
        Value::Array(items) => items.insert(random.below(items.len() + 1), new),
        other => *other = new,
    }
}

/// Applies some mutations to a text, independent of its syntax.
fn text(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let start = random.below(bytes.len());
        let end = (start + random.below(64)).min(bytes.len());
        let piece: Vec<u8> = bytes.get(start..end).unwrap_or_default().to_vec();
        let new = match random.below(6) {
            0 => Vec::new(),
            1 => piece.repeat(1 + random.below(20)),
            2 => piece.iter().map(|byte| byte ^ (1 << random.below(8))).collect(),
            3 => random.pick(&TEXTS).copied().unwrap_or_default().as_bytes().to_vec(),
            4 => random
                .pick(&["[", "{", "- ", "&a ", "*a", "? ", ": ", "\n", "\t", "!!str ", "|\n", "\"", "<<: ", "%", "---\n"])
                .copied()
                .unwrap_or_default()
                .repeat(1 + random.below(200))
                .into_bytes(),
            _ => random.next().to_le_bytes().to_vec(),
        };
        bytes.splice(start..end, new);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The cases as plain values; cases whose files are not valid are left out.
pub(crate) fn corpus(folder: &Path) -> std::io::Result<Vec<Case>> {
    let mut folders: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    folders.sort_by_key(std::fs::DirEntry::path);
    let mut cases = Vec::new();
    for folder in folders {
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name));
        let value =
            |text: &str| Some(openapi_mcp_codegen::load::load(text, File::Document, &mut Diagnostics::default())?.to_json());
        let document = text("document.yaml").or_else(|_| text("document.json"))?;
        if let (Some(document), Some(overlay)) = (value(&document), value(&text("overlay.yaml")?)) {
            let (document_text, overlay_text) = (document.to_string(), overlay.to_string());
            let source = |text| Source { name: "", text };
            let inputs = Inputs { document: source(&document_text), overlay: source(&overlay_text), lock: None };
            let lock =
                openapi_mcp_codegen::understand(&inputs).map(|understood| openapi_mcp_codegen::emit::surface(&understood.api));
            cases.push(Case { document, overlay, lock: lock.unwrap_or_default() });
        }
    }
    Ok(cases)
}

/// An overlay with its actions in the form in which people write them: a block for each, with comments between.
fn blocks(overlay: &Value) -> String {
    let member = |(key, value): (&String, &Value)| format!("{}: {value}", json!(key));
    let block = |action: &Value| {
        let members: Vec<String> = action.as_object().into_iter().flatten().map(member).collect();
        format!("  - {}\n\n  # next\n", members.join("\n    "))
    };
    let entry = |(key, value): (&String, &Value)| match value.as_array().filter(|_| key == "actions") {
        Some(actions) => format!("actions:\n{}", actions.iter().map(block).collect::<Vec<_>>().concat()),
        None => member((key, value)) + "\n",
    };
    overlay.as_object().into_iter().flatten().map(entry).collect::<Vec<_>>().concat()
}

/// Input number `number` of a seed: mutated node by node, or as text, or both, in JSON or YAML.
pub(crate) fn input(cases: &[Case], seed: u64, number: u64) -> Option<Input> {
    let mut random = Random::new(seed.wrapping_mul(0x0100_0000_01b3) ^ number);
    let mut case = random.pick(cases)?.clone();
    let way = random.below(10);
    if way != 0 {
        case = case.mutated(&mut random);
    }
    // JSON after this line is read as YAML
    let mut write = |value: &Value| if random.below(4) == 0 { format!("---\n{value}") } else { value.to_string() };
    let (mut document, lock) = (write(&case.document), write(&case.lock));
    let mut overlay = if random.below(2) == 0 { blocks(&case.overlay) } else { case.overlay.to_string() };
    if way < 2 {
        document = text(&document, &mut random);
    }
    if way == 2 || way == 3 {
        overlay = text(&overlay, &mut random);
    }
    let lock = if way == 4 { text(&lock, &mut random) } else { lock };
    Some(Input { document, overlay, lock })
}
