//! Which member of an item holds the value that a filter compares.

use std::collections::{HashMap, HashSet};

use mcp_http::caller::Caller;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    CustomFields, Field, FieldList, PATIENCE,
    requested_keys::{self, KeyLocation, MAX_KEYS, names},
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

/// The known fields, prepared for many keys.
#[derive(Default)]
struct Known<'a> {
    by_filter_key: HashMap<&'a str, &'a Field>,
    keys: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(known: &'a FieldList) -> Self {
        let keys = known.fields.iter().map(|field| field.key.as_str()).collect();
        let mut by_filter_key = HashMap::new();
        for field in &known.fields {
            by_filter_key.entry(field.in_filters()).or_insert(field);
        }
        Self { by_filter_key, keys }
    }
}

impl FilteredField {
    /// The value that the filter compares, of the value of the member.
    pub(crate) fn value<'a>(&self, member: &'a Value) -> Option<&'a Value> {
        match &self.part {
            None => Some(member),
            Some(part) => member.get(part),
        }
    }

    fn of(tool: &Tool, known: &Known<'_>, key: &str) -> Self {
        let has = |name: &str| known.keys.contains(name) || names(tool, name);
        let (name, part, is_known) = match (known.by_filter_key.get(key), key.split_once('.')) {
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
        let with_another_key = known.fields.iter().filter(|field| field.in_filters() != field.key);
        let with_another_key: HashMap<&str, &Field> = with_another_key.map(|field| (field.key.as_str(), field)).collect();
        requested_keys::rename(tool, arguments.values_mut(), &mut |place, key| {
            let field = with_another_key.get(key).filter(|_| matches!(place, KeyLocation::Filter(_)))?;
            is_changed = true;
            Some(field.in_filters().to_owned())
        });
        is_changed.then_some(arguments)
    }

    /// The fields of the first [`MAX_KEYS`] filters in these arguments. Only cached fields of the organization are used.
    pub(crate) async fn filtered(
        &self,
        tool: &'static Tool,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Vec<FilteredField> {
        let filters = arguments.get("filters").and_then(Value::as_array).into_iter().flatten().take(MAX_KEYS);
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
        let known = known.as_deref().map(Known::of).unwrap_or_default();
        keys.into_iter().map(|key| FilteredField::of(tool, &known, key)).collect()
    }
}
