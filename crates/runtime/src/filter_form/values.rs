//! The values of one field in the items of a response, prepared once for all filters that are compared with them.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap, HashSet},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::nearest::bare;

/// The longest text that counts as a day, in bytes.
const DAY_BYTES: usize = 40;

/// The values of one field; what filters need of them is made when the first filter needs it.
pub(super) struct Values<'a> {
    /// How many items show the field.
    pub(super) n_shown: usize,
    /// Those that are not null.
    pub(super) set: Vec<&'a Value>,
    /// Those that are neither null nor lists or objects.
    pub(super) plain: Vec<&'a Value>,
    texts: OnceCell<Option<Texts<'a>>>,
    moments: OnceCell<Vec<Option<i64>>>,
}

/// Values that are all texts.
pub(super) struct Texts<'a> {
    pub(super) each: Vec<Text<'a>>,
    /// What differs of them for certain: several choices may be one text, as in `DevOps,Finance`, and an API may compare without
    /// accents.
    pub(super) n_different: usize,
}

/// A text as filters compare it.
pub(super) struct Text<'a> {
    pub(super) whole: &'a str,
    pub(super) lower: String,
    pub(super) bare: String,
    /// Whether another text before it has the same [`bare`] form.
    pub(super) is_repeated: bool,
}

impl<'a> Values<'a> {
    pub(super) fn new(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let all: Vec<&Value> = values.into_iter().collect();
        let set: Vec<&Value> = all.iter().copied().filter(|value| !value.is_null()).collect();
        let plain = set.iter().copied().filter(|value| !value.is_array() && !value.is_object()).collect();
        Self { n_shown: all.len(), set, plain, texts: OnceCell::new(), moments: OnceCell::new() }
    }

    /// The plain values, if all are texts.
    pub(super) fn texts(&self) -> Option<&Texts<'a>> {
        let read = || texts(self.plain.iter().copied()).map(|texts| Texts::new(&texts));
        self.texts.get_or_init(read).as_ref()
    }

    /// The moment that each plain value is, if it is one.
    pub(super) fn moments(&self) -> &[Option<i64>] {
        self.moments.get_or_init(|| self.plain.iter().map(|value| moment(value)).collect())
    }
}

impl<'a> Texts<'a> {
    fn new(texts: &[&'a str]) -> Self {
        #[cfg(test)]
        counted::add(texts.iter().map(|text| text.len()).sum());
        let mut each: Vec<_> = texts
            .iter()
            .map(|whole| Text { whole, lower: whole.to_ascii_lowercase(), bare: bare(whole), is_repeated: false })
            .collect();
        let mut first = HashMap::new();
        for (at, text) in each.iter().enumerate() {
            first.entry(text.bare.as_str()).or_insert(at);
        }
        let first: HashSet<usize> = first.into_values().collect();
        for (at, text) in each.iter_mut().enumerate() {
            text.is_repeated = !first.contains(&at);
        }
        let is_certain = |text: &&Text<'_>| text.whole.is_ascii() && !text.whole.contains(',');
        let n_different = each.iter().filter(is_certain).map(|text| &text.bare).collect::<HashSet<_>>().len();
        Self { each, n_different }
    }

    /// Whether each is one of the choices; `None` if it is uncertain. A choice may have another value than its label.
    pub(super) fn are_one_of(&self, choices: &[&str]) -> Option<bool> {
        let wanted: BTreeSet<String> = choices.iter().map(|choice| bare(choice)).collect();
        if wanted.iter().any(String::is_empty) || choices.iter().any(|choice| !choice.is_ascii()) {
            return None;
        }
        let days = Days::new(choices);
        if self.each.iter().all(|text| wanted.contains(&text.bare) || days.begin(text.whole)) {
            return Some(true);
        }
        (self.n_different > wanted.len()).then_some(false)
    }

    /// Whether each contains a text; `None` if it is uncertain, since a choice may have another value than its label, and an API may
    /// compare without accents or signs.
    pub(super) fn contain(&self, part: &str) -> Option<bool> {
        let wanted = Some(bare(part)).filter(|wanted| !wanted.is_empty() && part.is_ascii())?;
        let mut without = self.each.iter().filter(|text| !text.is_repeated && !text.bare.contains(&wanted)).peekable();
        if without.peek().is_none() {
            return Some(true);
        }
        (without.filter(|text| text.bare.is_ascii()).take(2).count() > 1).then_some(false)
    }

    /// Whether none contains a text; `None` if it is uncertain.
    pub(super) fn lack(&self, part: &str) -> Option<bool> {
        let wanted = Some(bare(part)).filter(|wanted| !wanted.is_empty() && part.is_ascii())?;
        let exact = part.to_ascii_lowercase();
        if self.each.iter().any(|text| text.lower.contains(&exact)) {
            return Some(false);
        }
        self.each.iter().all(|text| text.whole.is_ascii() && !text.bare.contains(&wanted)).then_some(true)
    }
}

/// The days among some choices, by their lengths.
struct Days<'a>(HashMap<usize, HashSet<&'a str>>);

impl<'a> Days<'a> {
    fn new(choices: &[&'a str]) -> Self {
        let mut days = HashMap::<_, HashSet<_>>::new();
        for day in choices.iter().filter(|text| text.len() <= DAY_BYTES && text.parse::<Date>().is_ok()) {
            days.entry(day.len()).or_default().insert(*day);
        }
        Self(days)
    }

    /// Whether a text begins with one of them.
    fn begin(&self, text: &str) -> bool {
        self.0.iter().any(|(length, days)| text.get(..*length).is_some_and(|beginning| days.contains(beginning)))
    }
}

/// The values, if all are texts.
pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<Vec<&'a str>> {
    values.into_iter().map(Value::as_str).collect()
}

/// A moment in milliseconds since 1970: a day, a time, or such a number.
pub(super) fn moment(value: &Value) -> Option<i64> {
    let Some(text) = value.as_str() else { return value.as_i64() };
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse::<Timestamp>().ok().or_else(day).map(Timestamp::as_millisecond)
}

/// How many bytes of texts were prepared in this thread.
#[cfg(test)]
pub(super) mod counted {
    use std::cell::Cell;

    thread_local! {
        static BYTES: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(bytes: usize) {
        BYTES.set(BYTES.get() + bytes);
    }

    pub(in crate::filter_form) fn take() -> usize {
        BYTES.take()
    }
}
