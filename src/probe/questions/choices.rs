//! Whether responses and filters have the values or the labels of choices.

use std::collections::BTreeSet;

use openapi_mcp::catalog::Tool;
use serde_json::{Value, json};

use super::{
    super::{Finding, Probe},
    Answer, Unanswered, call,
    filtering::{Effect, Form, equals},
    find, response, succeeded,
};

/// The tools about fields with choices, about their keys, and about the records that have them.
const PLACES: [[&str; 3]; 2] = [
    ["list_app_fields", "list_app_field_metadata", "list_apps"],
    ["list_contract_fields", "list_contract_field_metadata", "list_contracts"],
];

/// How many fields of one place are tried: each costs a call.
const MAX_FIELDS: usize = 10;

/// What a field with choices told.
struct Told {
    /// What records hold.
    held: String,
    /// What filters by a value and by a label do, if the choices can tell.
    filters: Option<String>,
}

/// Compares the records of a field with choices, whose values and labels differ, with both, and filters by both.
pub(super) async fn held(probe: &Probe<'_>, findings: &[Finding]) -> Answer {
    let (mut why, mut half) = (Unanswered::Untold, None);
    for place in PLACES {
        match of_records(probe, findings, place).await {
            Ok(Told { held, filters: Some(filters) }) => return Ok(format!("{held}; {filters}")),
            Ok(Told { held, filters: None }) => half = half.or(Some(held)),
            Err(Unanswered::Untold) => {}
            Err(failed) => why = failed,
        }
    }
    half.map(|held| format!("{held}; filters cannot be told")).ok_or(why)
}

async fn of_records(probe: &Probe<'_>, findings: &[Finding], [lister, metadata, records]: [&str; 3]) -> Result<Told, Unanswered> {
    let (lister, fields) = response(findings, lister)?;
    let (fields, records) = (succeeded(fields)?.list(lister), find(probe, records)?);
    let mut half = None;
    let with_choices =
        fields.iter().filter(|field| field.get("type").is_some_and(|kind| kind == "dropdown") && Choices::of(field).differ());
    for field in with_choices.take(MAX_FIELDS) {
        let Some(key) = field.get("systemKey").and_then(Value::as_str) else { continue };
        let other = response(findings, metadata).ok().and_then(|(_, found)| filter_key(&found.body, key));
        let keys: BTreeSet<&str> = [key].into_iter().chain(other).collect();
        match of_field(probe, &Choices::of(field), key, &keys, records).await {
            Ok(told) if told.filters.is_some() => return Ok(told),
            Ok(told) => half = half.or(Some(told)),
            Err(Unanswered::Untold) => {}
            Err(failed) => return Err(failed),
        }
    }
    half.ok_or(Unanswered::Untold)
}

/// The choices of a field: value and label of each.
struct Choices<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Choices<'a> {
    fn of(field: &'a Value) -> Self {
        let options = field.get("options").and_then(Value::as_array).into_iter().flatten();
        let text = |option: &'a Value, name: &str| option.get(name).and_then(Value::as_str);
        Self(options.filter_map(|option| Some((text(option, "value")?, text(option, "label")?))).collect())
    }

    /// Whether no value is a label.
    fn differ(&self) -> bool {
        self.0.iter().all(|(value, _)| self.0.iter().all(|(_, label)| value != label))
    }

    /// The choice that a record with this text holds.
    fn held(&self, text: &str) -> Option<(&'a str, &'a str)> {
        self.0.iter().find(|(value, label)| *value == text || *label == text).copied()
    }
}

/// The key of a field in filters, where the metadata has another one.
fn filter_key<'a>(metadata: &'a Value, key: &str) -> Option<&'a str> {
    let fields = metadata.get("predefinedFields")?.as_array()?;
    fields.iter().find(|field| field.get("systemKey").is_some_and(|known| known == key))?.get("filterSystemKey")?.as_str()
}

async fn of_field(
    probe: &Probe<'_>,
    choices: &Choices<'_>,
    key: &str,
    keys: &BTreeSet<&str>,
    records: &'static Tool,
) -> Result<Told, Unanswered> {
    let found = call(probe, records, json!({ "size": 100, "fields": ["id", key] })).await?;
    let all = succeeded(&found)?.list(records);
    let texts: Vec<&str> = all.iter().filter_map(|record| record.get(key)?.as_str()).collect();
    if texts.is_empty() {
        return Err(Unanswered::Untold);
    }
    let held: Vec<(&str, (&str, &str))> = texts.iter().filter_map(|text| Some((*text, choices.held(text)?))).collect();
    let value = held.iter().filter(|(text, (value, _))| text == value).count();
    let (total, label) = (texts.len(), held.len() - value);
    // the first record does not hold it, so that a filter that is ignored shows; and a tenant may compare without capitals
    let first = all.first().and_then(|record| record.get(key)).and_then(Value::as_str);
    let tells =
        |(text, (value, label)): &&(&str, (&str, &str))| first != Some(*text) && value.to_lowercase() != label.to_lowercase();
    let filters = match held.iter().find(tells) {
        None => None,
        Some((text, (value, label))) => {
            let kept = Value::from(*text);
            let by_value = by(probe, records, keys, (*value).into(), (key, &kept)).await;
            let by_label = by(probe, records, keys, (*label).into(), (key, &kept)).await;
            Some(format!("a filter by a value is {by_value}, by a label {by_label}"))
        }
    };
    let held = format!("of {total} records, {value} hold a value, {label} a label, {} neither", total - value - label);
    Ok(Told { held, filters })
}

/// What a filter by a value or label does, in the form and by the key that do most.
async fn by(probe: &Probe<'_>, records: &'static Tool, keys: &BTreeSet<&str>, value: Value, kept: (&str, &Value)) -> String {
    let mut most = None;
    for (key, form) in keys.iter().flat_map(|key| Form::ALL.map(|form| (*key, form))) {
        match equals(probe, records, form, (key, &value), kept).await {
            Ok(effect) => most = most.max(Some(effect)),
            Err(Unanswered::Failed(why)) => return format!("not answered: {why}"),
            Err(Unanswered::Untold) => {}
        }
        if most == Some(Effect::Obeyed) {
            break;
        }
    }
    most.map_or_else(|| "not told".to_owned(), |effect| effect.to_string())
}
