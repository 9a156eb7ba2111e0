//! The field keys of an organization's apps, users and contracts, custom fields included.
//!
//! The overlay specifies which tools list keys and which take them; the API specifies which keys exist.
//!
//! Invariants:
//! - Keys are fetched with the caller's own API key and within the caller's scopes, and are used for that API key only.
//! - They are cached for [`TTL`]. Concurrent readers share one request; a failure is not cached.
//! - A call waits for them only if it uses a name or a key that the tool's own texts do not name.
//! - Names come from the organization: they are treated as data, in one line and of limited length.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
    time::Duration,
};

use mcp_http::{
    caller::{Caller, Key},
    clock::Timestamp,
    sanitize::one_line,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    arguments::Arguments,
    catalog::{Catalog, Tool},
    large_work::in_turn,
    nearest::{ALIKE, COMPARED, Letters, likeness, plain},
    tool_error::{ErrorKind, ToolError},
    tool_output::ToolOutput,
    upstream::{Outcome, Upstream},
};

mod filtered;
mod names;
mod requested_keys;

pub(crate) use filtered::FilteredField;
pub use names::Lookup;
use requested_keys::KeyLocation;
pub use requested_keys::RequestedKeys;

#[cfg(test)]
mod tests;

/// How long keys are cached.
pub const TTL: Duration = Duration::from_mins(15);
/// The memory limit of the cache, in bytes.
const KEPT_BYTES: u64 = 32 << 20;
/// How many bytes a field takes in addition to its texts.
const FIELD_BYTES: usize = 800;
/// The memory limit for the metadata of the API while it is read, in bytes.
const METADATA_BYTES: usize = 64 << 20;
/// How many fields of one kind are cached.
const MAX_FIELDS: usize = 5000;
/// The longest key or name, in characters.
pub const MAX_CHARACTERS: usize = 200;
/// How long an explanation of a rejected argument is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many words of a name are compared.
const WORDS: usize = 8;
/// How many similar keys are suggested.
const NEAR: usize = 3;

/// Reads one field from an entry of the response of a tool that lists keys; `None` if the entry is not a field or has no key.
pub type ReadField = fn(&Value) -> Option<Field>;

/// The cache of the organizations' fields. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct CustomFields {
    catalog: &'static Catalog,
    upstream: Upstream,
    read_field: ReadField,
    /// Indexed by the fingerprint of the API key and the kind of record.
    kept: moka::future::Cache<(u64, &'static str), Arc<FieldList>>,
}

/// The fields of one kind of record that one API key can see.
#[derive(Debug, PartialEq)]
pub struct FieldList {
    /// The kind of record.
    pub kind: &'static str,
    /// The name of the tool that lists them.
    pub lister: &'static str,
    /// The fields, in the API's order.
    pub fields: Vec<Field>,
    /// Key and name of each field as they are searched, so that a search does not prepare thousands of texts.
    searched: Vec<[String; 2]>,
    /// The positions of the fields of each name.
    by_name: HashMap<String, Vec<usize>>,
    /// The texts that may refer to each field, for suggestions. They are prepared when they are needed first.
    similar: OnceLock<Vec<Vec<Letters>>>,
    read_at: Timestamp,
}

/// One field.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its key in calls.
    pub key: String,
    /// Its key in `filters`, if that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_key: Option<String>,
    /// Its display name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether the organization defined it.
    pub is_custom: bool,
}

/// Why fields cannot be read.
#[derive(Clone, Debug)]
pub enum FieldsError {
    /// The caller's scopes do not cover the tool that lists them.
    Scopes(&'static Tool),
    /// The call of the API failed.
    Failed(ToolError),
}

impl CustomFields {
    /// An empty cache.
    #[must_use]
    pub fn new(catalog: &'static Catalog, upstream: Upstream, read_field: ReadField) -> Self {
        let weight = |_: &(u64, &str), known: &Arc<FieldList>| u32::try_from(known.bytes()).unwrap_or(u32::MAX);
        let kept = moka::future::Cache::builder().weigher(weight).max_capacity(KEPT_BYTES).time_to_live(TTL).build();
        Self { catalog, upstream, read_field, kept }
    }

    /// The kinds of records whose fields can be listed, in alphabetical order, with the tools that list them.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static Tool)> + use<> {
        let listed = self.catalog.tools().iter().filter_map(|tool| Some((tool.lists_keys.as_deref()?, tool)));
        listed.collect::<std::collections::BTreeMap<_, _>>().into_iter()
    }

    fn lister(&self, kind: &str) -> Option<(&'static str, &'static Tool)> {
        self.kinds().find(|(known, _)| *known == kind)
    }

    /// The fields of a kind of record that the caller can see; `None` if no tool lists them.
    ///
    /// # Errors
    /// When the caller's scopes do not suffice, or the call of the API fails.
    pub async fn read(&self, kind: &str, caller: &Caller) -> Option<Result<Arc<FieldList>, FieldsError>> {
        let (kind, tool) = self.lister(kind)?;
        Some(self.listed_by(tool, kind, caller).await)
    }

    async fn listed_by(&self, tool: &'static Tool, kind: &'static str, caller: &Caller) -> Result<Arc<FieldList>, FieldsError> {
        if !caller.scopes().covers(tool.needs) {
            return Err(FieldsError::Scopes(tool));
        }
        if let Some(known) = self.cached(tool, kind, caller).await {
            return Ok(known);
        }
        let key = tool.key(caller).map_err(FieldsError::Failed)?;
        let fetched = async {
            let output = self.upstream.call(tool, caller, Arguments::check(tool, Map::new())?).await?;
            let metadata = output.parsed(METADATA_BYTES).ok_or(ToolError::too_many_values())?;
            Ok(Arc::new(FieldList::new(kind, &tool.name, &metadata, (self.read_field, self.now()))))
        };
        let known = self.kept.try_get_with((key.map_or(0, Key::fingerprint), kind), fetched).await;
        known.map_err(|failure: Arc<ToolError>| FieldsError::Failed((*failure).clone()))
    }

    /// The cached fields, unless they have expired.
    async fn cached(&self, tool: &Tool, kind: &'static str, caller: &Caller) -> Option<Arc<FieldList>> {
        let place = (tool.key(caller).ok()?.map_or(0, Key::fingerprint), kind);
        let known = self.kept.get(&place).await.filter(|_| caller.scopes().covers(tool.needs))?;
        if known.left(self.now()).is_zero() {
            self.kept.invalidate(&place).await;
            return None;
        }
        Some(known)
    }

    /// How much longer these fields may be cached.
    #[must_use]
    pub fn left(&self, known: &FieldList) -> Duration {
        known.left(self.now())
    }

    fn now(&self) -> Timestamp {
        self.upstream.clock().timestamp()
    }

    /// Calls a tool. If the API rejects the arguments, the error names the field keys that the organization does not have, as far
    /// as they can be determined.
    ///
    /// # Errors
    /// When the call fails; the message is written for the assistant.
    pub async fn call(&self, tool: &'static Tool, caller: &Caller, arguments: Arguments) -> Outcome {
        let requested = RequestedKeys::of(tool, arguments.values());
        match self.upstream.call(tool, caller, arguments).await {
            Err(error) => Err(self.explained(error, &requested, tool, caller).await),
            outcome => outcome,
        }
    }

    /// The error with the field keys that the organization does not have, if it is about an argument and they can be determined.
    pub(crate) async fn explained(
        &self,
        error: ToolError,
        requested: &RequestedKeys,
        tool: &'static Tool,
        caller: &Caller,
    ) -> ToolError {
        let Some(kind) = tool.takes_keys.as_deref().filter(|_| error.kind == ErrorKind::BadArgument && !requested.is_empty())
        else {
            return error;
        };
        // a refusal that cannot be explained in time stands as it is
        let known = tokio::time::timeout(PATIENCE, self.read(kind, caller)).await.ok().flatten().and_then(Result::ok);
        let Some(known) = known else { return error };
        match in_turn(known.bytes(), || requested.unknown(&known)).await {
            Some(keys) => error.with_unknown_keys(&keys, known.lister),
            None => error,
        }
    }

    /// The note for a response in which no item has one of the requested fields, since the API may ignore unknown keys. Only
    /// cached fields are used, so the response does not wait.
    pub async fn note(&self, requested: &RequestedKeys, tool: &Tool, caller: &Caller, output: &ToolOutput) -> Option<String> {
        let absent = in_turn(requested.comparing(output), || requested.absent(tool, output)).await;
        if absent.is_empty() {
            return None;
        }
        let (kind, lister) = self.lister(tool.takes_keys.as_deref()?)?;
        let Some(known) = self.cached(lister, kind, caller).await else {
            let keys: Vec<_> = absent.iter().take(NEAR).map(|key| format!("`{key}`")).collect();
            return Some(format!(
                "No item has {}, which `fields` requests. `{}` lists the existing keys.",
                keys.join(" or "),
                lister.name
            ));
        };
        let is_absent = |place: &KeyLocation, key: &str| *place == KeyLocation::CustomFields && absent.contains(&key);
        let unknown = in_turn(known.bytes(), || requested.described(&known, is_absent)).await?;
        Some(format!("The API left out what it does not know: {unknown}. `{}` lists the existing keys.", lister.name))
    }
}

impl FieldList {
    fn new(
        kind: &'static str,
        lister: &'static str,
        metadata: &Map<String, Value>,
        (read_field, read_at): (ReadField, Timestamp),
    ) -> Self {
        // the names of the lists do not matter: predefined fields have no id, custom fields have one
        let lists = metadata.values().filter_map(Value::as_array).flatten();
        let mut seen = BTreeSet::new();
        let fields: Vec<Field> =
            lists.filter_map(read_field).filter(|field| seen.insert(field.key.clone())).take(MAX_FIELDS).collect();
        let searched = fields.iter().map(|field| [plain(&field.key), plain(&field.name)]).collect();
        let by_name = names::by_name(&fields);
        Self { kind, lister, fields, searched, by_name, similar: OnceLock::new(), read_at }
    }

    /// Its approximate size in memory, in bytes. Searching it is [work](in_turn) on a text of this length.
    pub(crate) fn bytes(&self) -> usize {
        let texts = |field: &Field| [&field.key, &field.name, &field.type_].map(String::len).iter().sum::<usize>();
        self.fields.iter().map(|field| FIELD_BYTES + 6 * texts(field)).sum()
    }

    fn left(&self, now: Timestamp) -> Duration {
        let age = now.0.saturating_sub(self.read_at.0);
        u64::try_from(age).map_or(Duration::ZERO, |age| TTL.saturating_sub(Duration::from_secs(age)))
    }

    /// The fields whose key or name contains this text; those whose key begins with it come first.
    #[must_use]
    pub fn matching(&self, text: &str) -> Vec<&Field> {
        let wanted = plain(text);
        let beginning = one_line(text, MAX_CHARACTERS).to_lowercase();
        let holds = |texts: &[String; 2]| texts.iter().any(|text| text.contains(&wanted));
        let mut found: Vec<_> =
            self.fields.iter().zip(&self.searched).filter(|(_, texts)| holds(texts)).map(|(field, _)| field).collect();
        found.sort_by_cached_key(|field| !field.key.to_lowercase().starts_with(&beginning));
        found
    }

    /// The fields that may have been meant, most similar first.
    fn near(&self, key: &str) -> Vec<&Field> {
        let wanted = Letters::of(&plain(key));
        let similar = self.similar.get_or_init(|| self.fields.iter().map(Field::texts).collect());
        let mut compared = 0;
        let mut likeness_of = |texts: &[Letters]| {
            let mut best = 0.0_f64;
            for (at, text) in texts.iter().enumerate().filter(|(_, text)| wanted.may_be_alike(text)) {
                if compared == COMPARED {
                    break;
                }
                compared += 1;
                best = best.max(text_likeness(at, text, &wanted.text));
            }
            best
        };
        let mut near: Vec<_> = self.fields.iter().zip(similar).map(|(field, texts)| (likeness_of(texts), field)).collect();
        near.retain(|(likeness, _)| *likeness > ALIKE);
        near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        near.into_iter().map(|(_, field)| field).take(NEAR).collect()
    }

    /// The fields as JSON of at most `budget` characters, optionally only those that match a text.
    #[must_use]
    pub fn to_json(&self, uri: &str, matching: Option<&str>, budget: usize) -> String {
        let fields = matching.map_or_else(|| self.fields.iter().collect(), |text| self.matching(text));
        let total = fields.len();
        // the rest of the budget after the enclosing object
        let mut room = budget.saturating_sub(200);
        let fits = |field: &&Field| {
            let length = json!(field).to_string().len() + 1;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        };
        let fields: Vec<_> = fields.into_iter().take_while(fits).collect();
        let mut shown = json!({ "kind": self.kind, "count": fields.len(), "total": total, "fields": fields });
        if fields.len() < total
            && let Some(members) = shown.as_object_mut()
        {
            let next = format!("search with {uri}?q=TEXT, or with the tool {}", self.lister);
            members.insert("next".to_owned(), next.into());
        }
        shown.to_string()
    }
}

impl Field {
    /// Its key where it is used.
    fn at(&self, place: KeyLocation) -> &str {
        if matches!(place, KeyLocation::Filter(_)) { self.in_filters() } else { &self.key }
    }

    /// Its key in `filters`.
    fn in_filters(&self) -> &str {
        self.filter_key.as_deref().unwrap_or(&self.key)
    }

    /// The texts that may refer to it: its key, its name, and the words of its name.
    fn texts(&self) -> Vec<Letters> {
        [self.key.as_str(), &self.name].into_iter().chain(self.words()).map(|text| Letters::of(&plain(text))).collect()
    }

    /// The first words of its name, without the short ones.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.name.split_whitespace().filter(|word| word.len() > 3).take(WORDS)
    }
}

/// How similar a text is to the wanted one. Of the texts of a field, the first two are its key and its name; the others are words of its
/// name, and count a little less.
fn text_likeness(at: usize, text: &Letters, wanted: &str) -> f64 {
    let is_whole = at < 2;
    // `owner` or `ownr` for `primaryOwner`, but hardly `id` for everything with these letters
    let is_part = is_whole && wanted.len() > 3 && text.text.contains(wanted);
    let alike = likeness(wanted, &text.text) - if is_whole { 0.0 } else { 0.1 };
    if is_part { alike.max(ALIKE + 0.05) } else { alike }
}
