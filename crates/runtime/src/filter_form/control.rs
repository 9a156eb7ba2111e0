//! Control calls: they show whether an API applies a filter where the items of a response do not.

use serde_json::{Value, json};

use super::{FILTERS, FilterForm, FilteredCall, Form, ID, Sending, evidence::evidence};
use crate::{
    arguments::Arguments,
    custom_fields::{MAX_CHARACTERS, TTL},
    large_work,
    tool_error::{ErrorKind, ToolError},
    upstream::Outcome,
};

/// The memory limit for what control calls found, in bytes.
pub(super) const CONTROLLED_BYTES: u64 = 8 << 20;
/// How many bytes an entry takes besides its texts.
pub(super) const ENTRY_BYTES: usize = 200;
/// The longest key of a filter that is remembered, in bytes.
const MAX_KEY_BYTES: usize = 4 * MAX_CHARACTERS;

/// What a control call is about: the API key, the tool, the form, and the key and the operator of the filter.
pub(super) type Controlled = (u64, &'static str, Form, String, String);

/// What control calls found.
pub(super) type Found = moka::sync::Cache<Controlled, Applied>;

/// What a control call found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// The API applies this operator to the field.
    Yes,
    /// The API applies whether the field is set, and it is not known whether it applies this operator.
    Presence,
    No,
    Unknown,
}

/// The operator that exactly those items meet that do not meet another one, among those that have the field; `None` for operators
/// about presence, which the last control call tests.
fn opposite(op: &str) -> Option<&'static str> {
    const PAIRS: [[&str; 2]; 7] = [
        ["equals", "notEquals"],
        ["contains", "notContains"],
        ["anyOf", "noneOf"],
        ["gt", "lte"],
        ["gte", "lt"],
        ["dayAfter", "dayOnOrBefore"],
        ["dayOnOrAfter", "dayBefore"],
    ];
    PAIRS.iter().find_map(|[one, other]| if *one == op { Some(*other) } else { (*other == op).then_some(*one) })
}

/// A cache for what control calls find.
pub(super) fn found() -> Found {
    let weight = |(_, _, _, key, op): &Controlled, _: &Applied| u32::try_from(ENTRY_BYTES + key.len() + op.len());
    let weight = move |about: &Controlled, applied: &Applied| weight(about, applied).unwrap_or(u32::MAX);
    moka::sync::Cache::builder().weigher(weight).max_capacity(CONTROLLED_BYTES).time_to_live(TTL).build()
}

impl FilterForm {
    /// Whether the API applies a filter, as far as control calls can tell or have told. They ask for what no item can meet: the filter
    /// and its opposite; then, if that has items all the same, as a field with several values may, that the field is set and is not.
    pub(super) async fn control<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        filter: &Value,
        form: Form,
        (formed, total): (&Arguments, Option<u64>),
        send: impl Fn(Arguments, Sending) -> F,
    ) -> Applied {
        let text = |name: &str| filter.get(name).and_then(Value::as_str).unwrap_or_default();
        let (key, op) = (text("key"), text("op"));
        // these operators join filters, so that a control call by their key would tell nothing
        if matches!(op, "or" | "and") {
            return Applied::Unknown;
        }
        let about = (call.key, call.tool.name.as_str(), form, key.to_owned(), op.to_owned());
        if let Some(applied) = self.controlled.get(&about) {
            return applied;
        }
        if let Some(opposite) = opposite(op) {
            let mut other = filter.clone();
            if let Some(members) = other.as_object_mut() {
                members.insert("op".to_owned(), opposite.into());
            }
            match self.found(call, formed, self.formed(&json!([filter, other]), form), &send).await {
                Some(Ok(found)) if !found.has_items && found.total.is_none_or(|total| total == 0) => {
                    return self.remember(about, Applied::Yes);
                }
                Some(_) => {}
                // it may be known the next time
                None => return Applied::Unknown,
            }
        }
        // a field that may have several values can meet both
        let impossible = json!([{ "key": key, "op": "isSet" }, { "key": key, "op": "isNotSet" }]);
        let applied = match self.found(call, formed, self.formed(&impossible, form), send).await {
            Some(Ok(found)) => match (found.has_items, found.total, total) {
                (false, None | Some(0), _) => Applied::Presence,
                // the same number as before: neither these filters nor those were applied
                (true, Some(found), Some(total)) if found == total => Applied::No,
                _ => Applied::Unknown,
            },
            Some(Err(error)) if error.kind == ErrorKind::BadArgument => Applied::Unknown,
            // it may be known the next time
            _ => return Applied::Unknown,
        };
        self.remember(about, applied)
    }

    /// An API that ignores a filter is asked again, since every such call fails.
    fn remember(&self, about: Controlled, applied: Applied) -> Applied {
        if applied != Applied::No && about.3.len() <= MAX_KEY_BYTES {
            self.controlled.insert(about, applied);
        }
        applied
    }

    /// Whether the API understands a form in which it found nothing: it finds items that have an id, which all have.
    pub(super) async fn is_understood<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        form: Form,
        arguments: &Arguments,
        send: impl Fn(Arguments, Sending) -> F,
    ) -> bool {
        let filters = self.formed(&json!([{ "key": ID, "op": "isSet" }]), form);
        matches!(self.found(call, arguments, filters, send).await, Some(Ok(found)) if found.has_items)
    }

    /// What a call finds with other filters; `None` if it must not be made, or takes too long.
    async fn found<F: Future<Output = Outcome>>(
        &self,
        call: FilteredCall<'_>,
        arguments: &Arguments,
        filters: Value,
        send: impl Fn(Arguments, Sending) -> F,
    ) -> Option<Result<super::evidence::Evidence, ToolError>> {
        let tool = call.tool;
        let mut arguments = arguments.clone().with_unchecked(FILTERS, filters);
        for name in ["aggs", "sort", "cursor"] {
            arguments.values_mut().shift_remove(name);
        }
        if tool.input_schema.get("properties").is_some_and(|properties| properties.get("size").is_some()) {
            arguments = arguments.with_unchecked("size", 1.into());
        }
        let found = async {
            let output = send(arguments, Sending::AtOnce).await?;
            let length = output.text.len();
            large_work::run(length, move || evidence(tool, &Value::Null, &[], &output)).await.ok_or(ToolError::not_json())
        };
        call.checks.control(found).await
    }
}
