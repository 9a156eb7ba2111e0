//! Whether filters are obeyed, and in which form.

use std::fmt::{self, Display, Formatter};

use openapi_mcp::catalog::Tool;
use serde_json::{Map, Value, json};

use super::{super::Probe, Answer, Unanswered, call, find, is_accepted, succeeded};
use crate::torii::filters::wrapped;

/// The keys of apps by which it is tried: a tenant may refuse one of them and still know the form.
const KEYS: [&str; 2] = ["id", "name"];

/// The form of a filter.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Key and operator are texts.
    Flat,
    /// Key and operator are objects with a `value`.
    Wrapped,
}

impl Form {
    pub(super) const ALL: [Self; 2] = [Self::Flat, Self::Wrapped];
}

/// What became of a filter that some items match and others do not, from what tells least about the form to what tells most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Refused(u16),
    Ignored,
    Nothing,
    Obeyed,
}

impl Display for Effect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "refused with status {status}"),
            Self::Ignored => f.write_str("ignored"),
            Self::Nothing => f.write_str("accepted, and nothing is found"),
            Self::Obeyed => f.write_str("obeyed"),
        }
    }
}

/// What a filter `equals` does to a list. Items that it should leave have `held` under `member`.
pub(super) async fn equals(
    probe: &Probe<'_>,
    tool: &'static Tool,
    form: Form,
    (key, value): (&str, &Value),
    (member, held): (&str, &Value),
) -> Result<Effect, Unanswered> {
    let flat = json!([{ "key": key, "op": "equals", "value": value }]);
    let filters = match form {
        Form::Flat => flat,
        Form::Wrapped => wrapped(&flat),
    };
    let arguments = Map::from_iter([("size".to_owned(), json!(2)), ("fields".to_owned(), json!(["id", member]))]);
    let found = probe.call(tool, arguments, |arguments| arguments.with_unchecked("filters", filters).with_defaults(tool)).await;
    let found = found.map_err(|error| Unanswered::from(&error))?;
    if !is_accepted(&found)? {
        return Ok(Effect::Refused(found.status));
    }
    let items = found.list(tool);
    Ok(if items.is_empty() {
        Effect::Nothing
    } else if items.iter().all(|item| item.get(member) == Some(held)) {
        Effect::Obeyed
    } else {
        Effect::Ignored
    })
}

/// Filters for one app by each key, until a filter is obeyed.
pub(super) async fn is_obeyed(probe: &Probe<'_>, form: Form) -> Answer {
    let tool = find(probe, "list_apps")?;
    let apps = call(probe, tool, json!({ "size": 2, "fields": KEYS })).await?;
    let [first, second] = succeeded(&apps)?.list(tool) else { return Err(Unanswered::Untold) };
    let mut tried = Vec::new();
    for key in KEYS {
        let Some(value) = first.get(key).filter(|value| !value.is_null() && second.get(key) != Some(*value)) else { continue };
        let effect = equals(probe, tool, form, (key, value), (key, value)).await?;
        tried.push((key, effect));
        if effect == Effect::Obeyed {
            break;
        }
    }
    let (_, last) = tried.last().ok_or(Unanswered::Untold)?;
    if tried.iter().all(|(_, effect)| effect == last) {
        return Ok(last.to_string());
    }
    Ok(tried.iter().map(|(key, effect)| format!("by `{key}` {effect}")).collect::<Vec<_>>().join(", "))
}
