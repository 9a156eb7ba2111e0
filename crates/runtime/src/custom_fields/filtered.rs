//! Which member of an item holds the value that a filter compares.

use mcp_http::caller::Caller;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    CustomFields, Field, FieldList, PATIENCE,
    requested_keys::{self, KeyLocation, names},
};
use crate::{arguments::Arguments, catalog::Tool};

/// The field of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilteredField {
    /// Its key in the filter.
    pub(crate) filter_key: String,
    /// The member of an item.
    pub(crate) name: String,
    /// The member of that member, for a key such as `owner.email`.
    pub(crate) part: Option<String>,
    /// Whether the API is known to have a field of this name, so that `fields` can request it.
    pub(crate) is_known: bool,
}

impl FilteredField {
    /// The value that the filter compares, of the value of the member.
    pub(crate) fn value(&self, mut member: Value) -> Option<Value> {
        match &self.part {
            None => Some(member),
            Some(part) => member.get_mut(part).map(Value::take),
        }
    }

    fn of(tool: &Tool, known: Option<&FieldList>, key: &str) -> Self {
        let field = known.and_then(|known| known.fields.iter().find(|field| field.in_filters() == key));
        let has = |name: &str| names(tool, name) || known.is_some_and(|known| known.fields.iter().any(|field| field.key == name));
        let (name, part, is_known) = match (field, key.split_once('.')) {
            (Some(field), _) => (field.key.as_str(), None, true),
            (None, Some((name, part))) if !has(key) => (name, Some(part.to_owned()), has(name)),
            (None, _) => (key, None, has(key)),
        };
        Self { filter_key: key.to_owned(), name: name.to_owned(), part, is_known }
    }
}

impl CustomFields {
    /// The arguments with the keys that fields have in filters; `None` if they have these, or the fields cannot be read in time.
    pub(crate) async fn with_filter_keys(
        &self,
        tool: &'static Tool,
        caller: &Caller,
        arguments: &Arguments,
    ) -> Option<Arguments> {
        let known = timeout(PATIENCE, self.read(tool.takes_keys.as_deref()?, caller)).await.ok()??.ok()?;
        let (mut arguments, mut is_changed) = (arguments.clone(), false);
        requested_keys::rename(tool, arguments.values_mut(), &mut |place, key| {
            let is_meant = |field: &&Field| field.key == key && field.in_filters() != key;
            let field = known.fields.iter().find(is_meant).filter(|_| matches!(place, KeyLocation::Filter(_)))?;
            is_changed = true;
            Some(field.in_filters().to_owned())
        });
        is_changed.then_some(arguments)
    }

    /// The fields of the filters in these arguments. Only cached fields of the organization are used.
    pub(crate) async fn filtered(
        &self,
        tool: &'static Tool,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Vec<FilteredField> {
        let filters = arguments.get("filters").and_then(Value::as_array).into_iter().flatten();
        let mut keys: Vec<&str> = filters.filter_map(|filter| filter.get("key")?.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Vec::new();
        }
        let known = match tool.takes_keys.as_deref().and_then(|kind| self.lister(kind)) {
            Some((kind, lister)) => self.cached(lister, kind, caller).await,
            None => None,
        };
        keys.into_iter().map(|key| FilteredField::of(tool, known.as_deref(), key)).collect()
    }
}
