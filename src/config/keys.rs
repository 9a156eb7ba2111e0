//! The keys of the configuration, read from the schema, with their names in the file and in the environment.
//!
//! A place is a JSON pointer, such as `/auth/mode`. Its key is `auth.mode`, and its variable `TORII_MCP_AUTH_MODE`.

use std::sync::LazyLock;

use mcp_http::scope::ScopeDefinitions;
use schemars::{
    Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::Value;

use super::{
    raw::RawConfig,
    tree::{inside, steps},
};

/// The placeholder for the name in `keys.NAME`.
pub(super) const NAME: &str = "NAME";

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(as_in_toml));
    settings.into_generator().into_root_schema_for::<RawConfig>()
});

static LEAVES: LazyLock<Vec<Leaf>> = LazyLock::new(|| {
    let mut leaves = Vec::new();
    walk(SCHEMA.as_value(), "", &mut leaves);
    leaves
});

/// A key that has a value, not a section of keys.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Its place.
    pub(super) place: String,
    /// Its schema.
    pub(super) schema: &'static Value,
}

/// All keys that have a value, in the order of the file.
pub(super) fn leaves() -> &'static [Leaf] {
    &LEAVES
}

/// The JSON Schema of the file, with the names of the existing scopes.
#[must_use]
pub fn schema(scopes: &ScopeDefinitions) -> Value {
    let names = scopes.names(scopes.all());
    let mut schema = SCHEMA.clone();
    let mut name = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("format").is_some_and(|format| format == "scope") {
            schema.remove("format");
            schema.insert("enum".to_owned(), names.clone().into());
        }
    });
    name.transform(&mut schema);
    schema.to_value()
}

impl Leaf {
    /// For a key that names a file with a secret: the place of the secret, which only the environment can contain.
    pub(super) fn secret(&self) -> Option<&str> {
        self.place.strip_suffix("_file")
    }

    /// Its default, if it has one.
    pub(super) fn default(&self) -> Option<&'static Value> {
        self.schema.get("default")
    }
}

/// The variable of a place. Those of the section `torii` have no prefix; all others have the server's.
pub(super) fn variable(place: &str) -> String {
    let prefix = if place.starts_with("/torii/") { "" } else { "TORII_MCP_" };
    format!("{prefix}{}", steps(place).collect::<Vec<_>>().join("_").to_uppercase())
}

/// All variables, with `NAME` for names that the operator chooses.
pub(super) fn variables() -> impl Iterator<Item = String> {
    leaves().iter().flat_map(|leaf| leaf.secret().into_iter().chain([leaf.place.as_str()])).map(variable)
}

/// What a variable sets, with its place.
pub(super) enum Variable {
    Secret(String),
    Value(&'static Leaf, String),
}

/// What a variable sets, if it is a variable of this server.
pub(super) fn find(name: &str) -> Option<Variable> {
    let secret = leaves().iter().find_map(|leaf| place_of(leaf.secret()?, name).map(Variable::Secret));
    secret.or_else(|| leaves().iter().find_map(|leaf| Some(Variable::Value(leaf, place_of(&leaf.place, name)?))))
}

/// The place that a variable sets, if it matches `pattern`.
fn place_of(pattern: &str, name: &str) -> Option<String> {
    let mut place = pattern.to_owned();
    if let Some((section, key)) = pattern.split_once("/NAME/") {
        let before = format!("{}_", variable(section));
        let after = format!("_{}", key.to_uppercase());
        let given = name.strip_prefix(&before)?.strip_suffix(&after).filter(|given| !given.is_empty())?;
        place = format!("{}/{key}", inside(section, &given.to_lowercase()));
    }
    (variable(&place) == name).then_some(place)
}

/// The schema of one place of the tree.
pub(super) fn schema_at(place: &str) -> Option<&'static Value> {
    steps(place).try_fold(SCHEMA.as_value(), |schema, step| {
        let key = schema.get("properties").and_then(|properties| properties.get(step));
        key.or_else(|| schema.get("items")).or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object()))
    })
}

fn walk(schema: &'static Value, place: &str, leaves: &mut Vec<Leaf>) {
    if let Some(keys) = schema.get("properties").and_then(Value::as_object) {
        for (key, schema) in keys {
            walk(schema, &inside(place, key), leaves);
        }
    } else if let Some(named) = schema.get("additionalProperties").filter(|named| named.get("properties").is_some()) {
        walk(named, &inside(place, NAME), leaves);
    } else {
        leaves.push(Leaf { place: place.to_owned(), schema });
    }
}

/// Adapts the schema to TOML, which has no null: optional values are left out, and so may be sections and values with a default.
/// Unknown keys are rejected.
fn as_in_toml(schema: &mut Schema) {
    if let Some(types) = schema.get_mut("type")
        && let Some(one) = types.as_array().and_then(|types| types.iter().find(|name| *name != "null"))
    {
        *types = one.clone();
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(keys) = schema.get("properties").cloned() {
        let has = |key: &Value, word: &str| key.as_str().is_some_and(|key| keys.pointer(&format!("/{key}/{word}")).is_some());
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|key| !has(key, "default") && !has(key, "properties"));
        }
        schema.insert("additionalProperties".to_owned(), false.into());
    }
}
