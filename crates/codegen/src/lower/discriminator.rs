//! Discriminators: a property whose value says which schema the others belong to (OpenAPI 3.0.3, section 4.7.25).
//!
//! Assistants do not know discriminators, so the property becomes an enum of the values that the mapping names. Without a mapping,
//! the names of the schemas would be the values; many documents do not mean that, so nothing is restricted then.

use serde_json::{Map, Value as Json};

use crate::reference;
use crate::tree::{Members, Node};

/// A discriminator with a mapping.
pub(super) struct Discriminator<'a> {
    pub(super) property: &'a str,
    mapping: &'a Members,
    /// the names of the schemas to choose from
    choices: Vec<&'a str>,
}

impl<'a> Discriminator<'a> {
    /// The discriminator of a schema, if it has one with a mapping.
    pub(super) fn of(schema: &'a Node) -> Option<Self> {
        let stated = schema.get("discriminator")?;
        let mapping = stated.get("mapping").and_then(Node::members).filter(|mapping| !mapping.is_empty())?;
        let choices = ["oneOf", "anyOf"].iter().filter_map(|keyword| schema.get(keyword)?.items()).flatten();
        let choices = choices.filter_map(reference::of).map(name).collect();
        Some(Self { property: stated.get("propertyName")?.text()?, mapping, choices })
    }

    /// The values that select a schema. A schema that the mapping leaves out is selected by its name.
    pub(super) fn values(&self) -> Vec<&'a str> {
        let is_mapped = |choice: &str| self.mapping.values().filter_map(Node::text).any(|target| name(target) == choice);
        let others = self.choices.iter().copied().filter(|choice| !is_mapped(choice));
        self.mapping.keys().map(String::as_str).chain(others).collect()
    }

    /// Which value selects which schema, as text.
    pub(super) fn shown(&self) -> String {
        let target = |target: &Node| target.text().map_or_else(String::new, |target| name(target).to_owned());
        let mut pairs: Vec<String> = self.mapping.iter().map(|(value, node)| format!("{value}: {}", target(node))).collect();
        pairs.sort_unstable();
        format!("{}, {}", self.property, pairs.join(", "))
    }

    /// The values that select one of the schemas.
    pub(super) fn values_of(&self, choice: &'a Node) -> Vec<&'a str> {
        let Some(choice) = reference::of(choice).map(name) else { return Vec::new() };
        let is_it = |target: &Node| target.text().map(name) == Some(choice);
        let values: Vec<&str> =
            self.mapping.iter().filter(|(_, target)| is_it(target)).map(|(value, _)| value.as_str()).collect();
        if values.is_empty() { vec![choice] } else { values }
    }

    /// Makes the property an enum of these values, unless it states its own.
    pub(super) fn name_values(&self, schema: &mut Map<String, Json>, values: Vec<&str>) {
        let property = schema.get_mut("properties").and_then(|properties| properties.get_mut(self.property));
        let Some(property) = property.and_then(Json::as_object_mut).filter(|_| !values.is_empty()) else { return };
        let is_text = property.get("type").is_none_or(|kind| kind == "string" || kind.is_array());
        if is_text && !property.contains_key("enum") && !property.contains_key("const") {
            property.insert("type".to_owned(), "string".into());
            property.insert("enum".to_owned(), values.into());
        }
    }
}

/// The name of a schema: a mapping contains names, or references.
fn name(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}
