//! JSONPath on the tree: `jsonpath-rust` evaluates it on any type that implements its `Queryable`.

use std::collections::HashSet;

use jsonpath_rust::query::js_path_path;
use jsonpath_rust::query::queryable::Queryable;
use openapi_mcp_model::Method;

use crate::tree::{Node, Span, Value, join};

/// The most combinations of names that the lists of a target may select.
const MAX_CHOICES: usize = 256;

/// The RFC 6901 pointers of the nodes that a JSONPath selects, in document order.
pub(super) fn select(document: &Node, target: &str) -> Result<Vec<String>, String> {
    // a target that names one operation needs no JSONPath
    if let Some((path, method)) = operation_target(target) {
        let pointer = join(&join("/paths", &path), method.key());
        return Ok(document.pointer(&pointer).map(|_| pointer).into_iter().collect());
    }
    if !is_bounded(target) {
        return Err("it may select the same nodes too often, as `..` twice and lists of names inside each other do".to_owned());
    }
    let paths = js_path_path(target, document).map_err(|error| last_line(&error.to_string()))?;
    let mut seen = HashSet::new();
    let pointers = paths.iter().map(|path| pointer(path).ok_or_else(|| format!("unexpected result `{path}`")));
    // a JSONPath may select a node more than once, such as `[0, 0]`
    pointers.filter(|pointer| pointer.as_ref().is_ok_and(|pointer| seen.insert(pointer.clone())) || pointer.is_err()).collect()
}

/// Whether the number of results is limited by the size of the document: a JSONPath may select the same node many times.
fn is_bounded(target: &str) -> bool {
    let (mut descents, mut product, mut choices) = (0, 1_usize, 1);
    let mut quote = None;
    let mut before = ' ';
    for sign in target.chars() {
        match (quote, sign) {
            (Some(_), _) if before == '\\' => {
                before = ' ';
                continue;
            }
            (Some(open), _) => quote = (sign != open).then_some(open),
            (None, '\'' | '"') => quote = Some(sign),
            (None, ',') => choices += 1,
            (None, ']') => {
                product = product.saturating_mul(choices);
                choices = 1;
            }
            (None, '.') if before == '.' => descents += 1,
            _ => {}
        }
        before = sign;
    }
    descents <= 1 && product <= MAX_CHOICES
}

/// The last line of a parser error. The lines above it only show the position.
fn last_line(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches([' ', '=']).to_owned()
}

/// Path and method of a target of the form `$.paths['/apps'].get`.
pub(super) fn operation_target(target: &str) -> Option<(String, Method)> {
    let (quoted, method) = target.strip_prefix("$.paths['")?.rsplit_once("'].")?;
    let mut path = String::with_capacity(quoted.len());
    let mut signs = quoted.chars();
    while let Some(sign) = signs.next() {
        match sign {
            // the target lists several names
            '\'' => return None,
            '\\' => path.push(signs.next().filter(|escaped| matches!(escaped, '\'' | '\\'))?),
            plain => path.push(plain),
        }
    }
    Method::from_key(method).map(|method| (path, method))
}

/// The target of the operation with this path and method.
pub(crate) fn target_of(path: &str, method: Method) -> String {
    format!("$.paths[{}].{}", quoted_path(path), method.key())
}

/// A path as a target names it.
pub(crate) fn quoted_path(path: &str) -> String {
    format!("'{}'", path.replace('\\', r"\\").replace('\'', r"\'"))
}

/// A normalized path (RFC 9535, section 2.7), such as `$['paths']['/apps'][0]`, as an RFC 6901 pointer.
fn pointer(path: &str) -> Option<String> {
    let mut rest = path.strip_prefix('$')?;
    let mut pointer = String::new();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("['") {
            let (name, after) = unquote(quoted)?;
            pointer = join(&pointer, &name);
            rest = after;
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            pointer = join(&pointer, index);
            rest = after;
        }
    }
    Some(pointer)
}

fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = quoted.char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            // an apostrophe ends the name only before a closing bracket, because names in results are not escaped
            '\'' if quoted.get(offset + 1..)?.starts_with(']') => return Some((name, quoted.get(offset + 2..)?)),
            '\\' if quoted.get(offset + 1..)?.starts_with(['\'', '\\']) => name.push(characters.next()?.1),
            other => name.push(other),
        }
    }
    None
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { span: Span::default(), value }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Value::String(text).into()
    }
}

impl From<bool> for Node {
    fn from(boolean: bool) -> Self {
        Value::Bool(boolean).into()
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Value::Number(number.into()).into()
    }
}

impl From<f64> for Node {
    fn from(number: f64) -> Self {
        serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number).into()
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Value::Array(items).into()
    }
}

impl Queryable for Node {
    fn get(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        Some(self.members()?.iter().map(|(key, node)| (key.as_str(), node)).collect())
    }

    fn as_str(&self) -> Option<&str> {
        self.text()
    }

    fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        self.boolean()
    }

    fn null() -> Self {
        Self::default()
    }
}
