//! The fields that only fill a large organization: their labels in several languages, and values that are computed from the
//! id of the record, so that nobody has to store a million of them.

use jiff::{ToSpan, civil::date};
use serde_json::{Value, json};

use super::{
    cell::Cell,
    field::{Field, Place},
    organization::Organization,
};

/// The types of fields that organizations have, in turn.
const KINDS: [&str; 11] = [
    "singleLine",
    "dropdown",
    "multiLine",
    "number",
    "datePicker",
    "currency",
    "usersDropdown",
    "dropdownMulti",
    "fileUpload",
    "cardNumber",
    "usersDropdownMulti",
];

/// Some labels occur twice, and others are the labels of Torii's own fields.
const LABELS: [&str; 30] = [
    "Cost center",
    "Kostenstelle",
    "Région",
    "Propriétaire métier",
    "契約担当者",
    "部署",
    "مركز التكلفة",
    "מחלקה",
    "Отдел",
    "💳 Card",
    "🔥 Priority",
    "Cost center",
    "Owner",
    "Status",
    "Is this app – as far as anybody knows – approved by the security team, the privacy team and the works council?",
    "Größe (m²)",
    "Última revisión",
    "책임자",
    "Zuständig",
    "Data residency / Datenstandort",
    "\u{202e}reversed\u{202c}",
    "NULL",
    "123",
    "  spaced  out  ",
    "e-mail",
    "E-Mail",
    "ประเภท",
    "Ţară",
    "Café ☕",
    "a/b~c.d",
];

const TEXTS: [&str; 10] = [
    "Zürich",
    "naïve café",
    "東京都千代田区",
    "القاهرة الجديدة",
    "תל אביב",
    "👩‍👩‍👧‍👦 family plan 🎉",
    "line one\nline two\t\"quoted\" \\ back",
    "",
    "N/A",
    "<b>not markup</b> & more",
];

const OPTIONS: [(&str, &str); 4] = [("opt1", "Ja"), ("opt2", "いいえ"), ("opt3", "ربما"), ("opt4", "🤷 Unknown")];

/// The number of first users and files that values refer to.
const REFERENCES: u32 = 20;

/// `count` fields with ids from `first_id`; `salt` makes their keys those of one kind of record in one organization.
pub(super) fn fields(first_id: u32, count: u32, salt: u32) -> impl Iterator<Item = Field> {
    (0..count).map(move |at| {
        let pick = |limit: usize| usize::try_from(at).unwrap_or_default() % limit;
        let (label, kind) = (LABELS.get(pick(LABELS.len())), KINDS.get(pick(KINDS.len())));
        // 40503 has no common factor with 65536, so no two keys are the same.
        let scrambled = (at + salt * 256).wrapping_mul(40_503) % 65_536;
        let key = format!("c_x{scrambled:04x}");
        let field =
            Field::new(first_id + at, "", label.copied().unwrap_or_default(), kind.copied().unwrap_or_default(), Place::Custom);
        let options: &[_] = if field.kind.starts_with("dropdown") { &OPTIONS } else { &[] };
        Field { key: key.into(), filler: Some(at), ..field.with_options(options) }
    })
}

/// The value of the field at a position in the record with an id; three of five are null.
pub(super) fn value<'a>(kind: &str, at: u32, id: u32, organization: &Organization) -> Cell<'a> {
    let mixed = (id.wrapping_mul(2_654_435_761) ^ at.wrapping_mul(40_503)) >> 7;
    if mixed % 5 < 3 {
        return Cell::Null;
    }
    let drawn = mixed / 5;
    let text =
        |drawn: u32| usize::try_from(drawn).ok().and_then(|drawn| TEXTS.get(drawn % TEXTS.len())).copied().unwrap_or_default();
    let choice = |drawn: u32| usize::try_from(drawn).ok().and_then(|drawn| OPTIONS.get(drawn % OPTIONS.len()));
    let held = |drawn: u32| {
        choice(drawn).map(|(value, label)| match organization.choices {
            crate::options::Choices::Values => *value,
            crate::options::Choices::Labels => *label,
        })
    };
    let user = |drawn: u32| organization.users.keys().next().map(|first| first + drawn % REFERENCES);
    match kind {
        "number" => Cell::Integer(i64::from(drawn) - 1000),
        "currency" => Cell::Integer(i64::from(drawn) * 100),
        "datePicker" => Cell::Text(date(2019, 1, 1).saturating_add(i64::from(drawn % 4000).days()).to_string().into()),
        "dropdown" => Cell::maybe(held(drawn), Cell::text),
        "dropdownMulti" => Cell::json([held(drawn), held(drawn / 4)].into_iter().flatten().map(Value::from).collect()),
        "usersDropdown" => Cell::maybe(user(drawn), |id| Cell::Integer(id.into())),
        "usersDropdownMulti" => Cell::json([user(drawn), user(drawn / 3)].into_iter().flatten().map(Value::from).collect()),
        "fileUpload" => {
            Cell::json(organization.files.keys().take(1).map(|id| json!({ "idUpload": id, "name": text(drawn) })).collect())
        }
        "cardNumber" => Cell::Text(format!("{:04}", drawn % 10_000).into()),
        // One value in forty is very long.
        "multiLine" if drawn.is_multiple_of(40) => Cell::Text(format!("{} ", text(drawn)).repeat(400).into()),
        _ => Cell::text(text(drawn)),
    }
}
