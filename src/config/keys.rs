//! The keys there are, read from the schema: what each is called in the file and in the environment.

use std::sync::LazyLock;

use schemars::{Schema, generate::SchemaSettings, transform::transform_subschemas};
use serde_json::{Map, Value};

use super::raw::RawConfig;

/// What stands for the name in `keys.NAME`.
pub const NAME: &str = "NAME";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).with_transform(without_null);
    settings.into_generator().into_root_schema_for::<RawConfig>().to_value()
});

static LEAVES: LazyLock<Vec<Leaf>> = LazyLock::new(|| {
    let mut leaves = Vec::new();
    walk(&SCHEMA, &mut Vec::new(), &mut leaves);
    leaves
});

/// A key that has a value, not a section of keys.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its path: `auth`, `mode`.
    pub path: Vec<&'static str>,
    /// Its schema.
    pub schema: &'static Value,
}

/// The JSON schema of the file.
#[must_use]
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// All of them, in the order of the file.
#[must_use]
pub fn leaves() -> &'static [Leaf] {
    &LEAVES
}

impl Leaf {
    /// Its name in the file: `auth.mode`.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.join(".")
    }

    /// Its variable: `TORII_MCP_AUTH_MODE`.
    #[must_use]
    pub fn variable(&self) -> String {
        variable(&self.path)
    }

    /// For a key that names a file with a secret: the path of the secret, which only the environment can hold.
    #[must_use]
    pub fn secret(&self) -> Option<Vec<&'static str>> {
        self.schema.get("x-secret")?;
        let (last, path) = self.path.split_last()?;
        Some(path.iter().copied().chain([last.strip_suffix("_file")?]).collect())
    }

    /// Whether it belongs to something that the operator names.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.path.contains(&NAME)
    }

    /// What it is unless something else is said.
    #[must_use]
    pub fn default(&self) -> Option<&'static Value> {
        self.schema.get("default")
    }

    /// What it is for.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.schema.get("description").and_then(Value::as_str).unwrap_or_default()
    }
}

/// The variable of a path: the section `torii` stands for itself, everything else is the server's own.
#[must_use]
pub fn variable(path: &[&str]) -> String {
    let prefix = if path.first() == Some(&"torii") { "" } else { "TORII_MCP_" };
    format!("{prefix}{}", path.join("_").to_uppercase())
}

/// The part of the schema that is for one place of the tree.
pub(super) fn schema_at<'a>(path: impl IntoIterator<Item = &'a str>) -> Option<&'static Value> {
    path.into_iter().try_fold(schema(), |schema, step| {
        schema
            .get("properties")
            .and_then(|properties| properties.get(step))
            .or_else(|| schema.get("items"))
            .or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object()))
    })
}

/// The keys that a section has.
pub(super) fn properties(schema: &'static Value) -> Option<&'static Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

fn walk(schema: &'static Value, path: &mut Vec<&'static str>, leaves: &mut Vec<Leaf>) {
    let named = schema.get("additionalProperties").filter(|schema| properties(schema).is_some());
    if let Some(keys) = properties(schema) {
        for (key, schema) in keys {
            path.push(key);
            walk(schema, path, leaves);
            path.pop();
        }
    } else if let Some(schema) = named {
        path.push(NAME);
        walk(schema, path, leaves);
        path.pop();
    } else {
        leaves.push(Leaf { path: path.clone(), schema });
    }
}

/// A file of TOML has no null: what may be left out is left out.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(one)] = choices.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                let object = schema.ensure_object();
                // what is said of the key says more than what is said of its type
                object.entry(key).or_insert(value);
            }
        }
    }
    transform_subschemas(&mut without_null, schema);
}
