//! Fields by their display names: assistants may use the name of a field wherever a key is expected, since keys differ from one
//! organization to the next.

use std::{collections::HashMap, sync::Arc};

use mcp_http::{caller::Caller, sanitize::one_line};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{CustomFields, Field, FieldList, PATIENCE, RequestedKeys, requested_keys};
use crate::{
    arguments::Arguments, catalog::Tool, custom_fields::requested_keys::KeyLocation, nearest::bare, tool_error::ToolError,
};

/// How many names a note explains.
const TOLD: usize = 20;
/// How many fields of one name an error lists.
const SAME: usize = 5;
/// How much of a name is quoted, in characters.
const QUOTED: usize = 60;

/// Which fields a text refers to.
enum Reference<'a> {
    /// The text is a key already, or the organization has no such field.
    Itself,
    Field(&'a Field),
    Several(Vec<&'a Field>),
}

impl CustomFields {
    /// Replaces names of fields by their keys, and adds the tool's [`fields_by_name`] to its default fields. The note says which
    /// keys the names have. If the organization's fields cannot be read, nothing is replaced.
    ///
    /// # Errors
    /// When a name belongs to several fields.
    ///
    /// [`fields_by_name`]: openapi_mcp_model::ResponseDescription::fields_by_name
    pub async fn resolve_names(
        &self,
        tool: &'static Tool,
        caller: &Caller,
        arguments: &mut Arguments,
    ) -> Result<Option<String>, ToolError> {
        let by_name = if arguments.values().contains_key("fields") { &[][..] } else { &tool.response.fields_by_name };
        if RequestedKeys::of(tool, arguments.values()).are_named() && by_name.is_empty() {
            return Ok(None);
        }
        let Some(known) = self.known(tool, caller).await else { return Ok(None) };
        let values = arguments.values_mut();
        let mut found = names_of(tool, values, &known)?;
        found.extend(add_defaults(tool, by_name, values, &known));
        found.truncate(TOLD);
        Ok((!found.is_empty()).then(|| format!("Fields of {} by name: {}.", known.kind, found.join(", "))))
    }
    /// The fields whose keys a tool takes, if they can be had in time.
    async fn known(&self, tool: &'static Tool, caller: &Caller) -> Option<Arc<FieldList>> {
        let kind = tool.takes_keys.as_deref()?;
        timeout(PATIENCE, self.read(kind, caller)).await.ok().flatten()?.ok()
    }
}

/// Replaces the names in the arguments; returns each with its key.
fn names_of(tool: &Tool, values: &mut Map<String, Value>, known: &FieldList) -> Result<Vec<String>, ToolError> {
    let (mut found, mut ambiguous) = (Vec::new(), None);
    requested_keys::rename(tool, values, &mut |place, text| match known.refers(place, text) {
        Reference::Itself => None,
        Reference::Field(field) => {
            let key = field.at(place).to_owned();
            let is_other = matches!(place, KeyLocation::Filter(_)) && key != field.key;
            let told = format!("`{}` is `{key}`{}", one_line(text, QUOTED), if is_other { " in filters" } else { "" });
            if !found.contains(&told) {
                found.push(told);
            }
            Some(key)
        }
        Reference::Several(fields) => {
            ambiguous.get_or_insert_with(|| several(place, text, &fields));
            None
        }
    });
    match ambiguous {
        Some(problem) => Err(ToolError::arguments(problem)),
        None => Ok(found),
    }
}

/// Adds the fields that are requested by name to the default ones; returns each with its key.
fn add_defaults(tool: &Tool, by_name: &[String], values: &mut Map<String, Value>, known: &FieldList) -> Vec<String> {
    let Some(mut fields) = tool.defaults.get("fields").and_then(Value::as_array).cloned() else { return Vec::new() };
    let named = by_name.iter().filter_map(|name| match known.refers(KeyLocation::CustomFields, name) {
        Reference::Field(field) => Some((name, &field.key)),
        Reference::Itself | Reference::Several(_) => None,
    });
    let named: Vec<_> = named.filter(|(_, key)| !fields.iter().any(|field| field == *key)).collect();
    if named.is_empty() {
        return Vec::new();
    }
    fields.extend(named.iter().map(|(_, key)| key.as_str().into()));
    values.insert("fields".to_owned(), fields.into());
    named.into_iter().map(|(name, key)| format!("`{name}` is `{key}`")).collect()
}

fn several(place: KeyLocation, text: &str, fields: &[&Field]) -> String {
    let keys: Vec<String> = fields.iter().take(SAME).map(|field| format!("`{}`", field.at(place))).collect();
    let more = fields.len().saturating_sub(SAME);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("`{}`{place} is the name of several fields, use the key of one: {}{more}", one_line(text, QUOTED), keys.join(", "))
}

impl FieldList {
    fn refers(&self, place: KeyLocation, text: &str) -> Reference<'_> {
        if self.fields.iter().any(|field| field.at(place) == text) {
            return Reference::Itself;
        }
        // filters have keys of their own
        if let Some(field) = self.fields.iter().find(|field| field.key == text) {
            return Reference::Field(field);
        }
        let fields = self.by_name.get(&bare(text)).map(Vec::as_slice).unwrap_or_default();
        match fields.iter().filter_map(|at| self.fields.get(*at)).collect::<Vec<_>>().as_slice() {
            [] => Reference::Itself,
            [field] => Reference::Field(field),
            fields => Reference::Several(fields.to_vec()),
        }
    }
}

/// The positions of the fields of each name.
pub(super) fn by_name(fields: &[Field]) -> HashMap<String, Vec<usize>> {
    let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, field) in fields.iter().enumerate() {
        let name = bare(&field.name);
        if !name.is_empty() {
            positions.entry(name).or_default().push(at);
        }
    }
    positions
}

#[cfg(test)]
mod tests;
