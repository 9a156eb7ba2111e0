//! The fields of apps, users, contracts and transactions: predefined ones and those that the tenant defined.

use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Value, json};

use super::{
    answer::Failure,
    cell::{Cell, parse_day, parse_time},
    filler,
    options::Choices,
    organization::Organization,
};

/// One field of a kind of record.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: u32,
    pub(super) key: Cow<'static, str>,
    /// Its key in filters, if that differs.
    pub(super) filter_key: Option<Cow<'static, str>>,
    pub(super) name: String,
    pub(super) kind: Cow<'static, str>,
    pub(super) place: Place,
    pub(super) options: Vec<Choice>,
    pub(super) is_deleted: bool,
    /// The integration that a user field comes from.
    pub(super) source_app: Option<u32>,
    /// The position among the fields that only fill a large organization. Records do not store their values.
    pub(super) filler: Option<u32>,
}

/// The kind of a field, which decides who may write it and which lists contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Computed or maintained by Torii; callers can only read it.
    Fixed,
    /// Predefined and writable, but not listed among the details.
    Basic,
    /// Predefined, with values that the tenant sets.
    Detail,
    /// Predefined, listed among the details, and calculated from other fields.
    Calculated,
    /// Defined by the tenant.
    Custom,
    /// Part of responses, but not available for selection, filters and sorting.
    Extra,
}

/// One option of a dropdown.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_deleted: bool,
}

impl Field {
    pub(super) fn new(id: u32, key: &'static str, name: &str, kind: &'static str, place: Place) -> Self {
        Self {
            id,
            key: Cow::Borrowed(key),
            filter_key: None,
            name: name.to_owned(),
            kind: Cow::Borrowed(kind),
            place,
            options: Vec::new(),
            is_deleted: false,
            source_app: None,
            filler: None,
        }
    }

    /// Adds options: pairs of value and label.
    pub(super) fn with_options(mut self, options: &[(&str, &str)]) -> Self {
        self.options = options
            .iter()
            .map(|(value, label)| Choice { value: (*value).to_owned(), label: (*label).to_owned(), is_deleted: false })
            .collect();
        self
    }

    /// The field with its options, as the `/fields` calls list it.
    pub(super) fn show(&self, with_deleted_options: bool) -> Value {
        let options: Vec<_> = self
            .options
            .iter()
            .filter(|option| with_deleted_options || !option.is_deleted)
            .map(|option| {
                let mut shown = json!({ "value": option.value, "label": option.label });
                if option.is_deleted
                    && let Some(shown) = shown.as_object_mut()
                {
                    shown.insert("isDeleted".to_owned(), Value::Bool(true));
                }
                shown
            })
            .collect();
        json!({
            "id": self.id,
            "name": self.name,
            "systemKey": self.key,
            "type": self.kind,
            "options": options,
            "isCustom": self.place == Place::Custom,
        })
    }

    /// Checks a value that a caller wants to store, and converts it to its stored form.
    pub(super) fn accept(&self, value: &Value, organization: &Organization) -> Result<Value, Failure> {
        let wrong = |wanted: &str| Failure::invalid(format!("{} must be {wanted}: {value}", self.key)).at(self.key.as_ref());
        if value.is_null() {
            return Ok(Value::Null);
        }
        match self.kind.as_ref() {
            "number" => value.as_f64().map(|_| value.clone()).ok_or_else(|| wrong("a number")),
            "bool" => value.as_bool().map(Value::from).ok_or_else(|| wrong("true or false")),
            // One published example sends an amount as text.
            "currency" => {
                let amount = value.as_i64().or_else(|| value.as_str()?.parse().ok());
                amount.map(Value::from).ok_or_else(|| wrong("an integer in minor units"))
            }
            "datePicker" => match value.as_str() {
                Some(text) if parse_day(text).is_some() || parse_time(text).is_some() => {
                    Ok(Value::from(text.get(..10).unwrap_or(text)))
                }
                _ => Err(wrong("a date like 2022-02-03")),
            },
            "dropdown" => match value.as_str() {
                Some(text) if self.offers(text, organization.choices) => Ok(value.clone()),
                _ => Err(wrong(&format!("one of {}", self.choices(organization.choices)))),
            },
            "dropdownMulti" => match value.as_array() {
                Some(items)
                    if items.iter().all(|item| item.as_str().is_some_and(|text| self.offers(text, organization.choices))) =>
                {
                    Ok(value.clone())
                }
                _ => Err(wrong(&format!("an array of {}", self.choices(organization.choices)))),
            },
            "usersDropdown" | "user" => match organization.user_in(value) {
                Some(user) => Ok(Value::from(user.id)),
                None => Err(wrong("the id of a user")),
            },
            "usersDropdownMulti" => match value.as_array() {
                Some(items) if items.iter().all(|item| organization.user_in(item).is_some()) => Ok(value.clone()),
                _ => Err(wrong("an array of user ids")),
            },
            "fileUpload" => match value.as_array() {
                Some(items) if items.iter().all(|item| organization.file_in(item.get("idUpload")).is_some()) => Ok(value.clone()),
                _ => Err(wrong("an array of {idUpload, name} with ids of uploaded files")),
            },
            // Only the last digits of a card are kept.
            "cardNumber" => match value.as_str() {
                Some(text) if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(value.clone()),
                _ => Err(wrong("the last four digits of a card")),
            },
            _ => value.as_str().map(Value::from).ok_or_else(|| wrong("a string")),
        }
    }

    fn is_writable(&self) -> bool {
        matches!(self.place, Place::Basic | Place::Detail | Place::Custom)
    }

    fn offers(&self, text: &str, choices: Choices) -> bool {
        self.options.iter().any(|option| option.held(choices) == text && !option.is_deleted)
    }

    fn choices(&self, choices: Choices) -> String {
        let values: Vec<_> = self.options.iter().map(|option| option.held(choices)).collect();
        values.join(", ")
    }

    /// What records hold for the value of an option.
    pub(super) fn held<'a>(&'a self, value: &'a str, choices: Choices) -> &'a str {
        self.options.iter().find(|option| option.value == value).map_or(value, |option| option.held(choices))
    }
}

impl Choice {
    /// What records hold if this option is chosen.
    pub(super) fn held(&self, choices: Choices) -> &str {
        match choices {
            Choices::Values => &self.value,
            Choices::Labels => &self.label,
        }
    }
}

/// The fields of one kind of record, in the order of responses.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) fields: Vec<Field>,
    /// The positions of the fields by key.
    places: HashMap<Cow<'static, str>, usize>,
}

impl Schema {
    pub(super) fn new(fields: Vec<Field>) -> Self {
        let places = (0..).zip(&fields).map(|(at, field)| (field.key.clone(), at)).collect();
        Self { fields, places }
    }

    pub(super) fn push(&mut self, field: Field) {
        self.places.insert(field.key.clone(), self.fields.len());
        self.fields.push(field);
    }

    pub(super) fn find(&self, key: &str) -> Option<&Field> {
        self.fields.get(*self.places.get(key)?).filter(|field| !field.is_deleted)
    }

    /// The value that a record has in a field which only fills a large organization.
    pub(super) fn filled<'a>(&self, key: &str, id: u32, organization: &Organization) -> Cell<'a> {
        match self.find(key) {
            Some(Field { kind, filler: Some(at), .. }) => filler::value(kind, *at, id, organization),
            _ => Cell::Null,
        }
    }

    /// The field with a key, or an error that names the key.
    pub(super) fn require(&self, key: &str) -> Result<&Field, Failure> {
        self.find(key)
            .filter(|field| field.place != Place::Extra)
            .ok_or_else(|| Failure::malformed(format!("unknown field: {key}")).at(key))
    }

    /// The field with a key in filters, or an error that names the key.
    pub(super) fn require_in_filters(&self, key: &str) -> Result<&Field, Failure> {
        let is_meant = |field: &&Field| field.filter_key.as_deref() == Some(key);
        match self.fields.iter().find(is_meant) {
            Some(field) => Ok(field),
            None => self.require(key).and_then(|field| match field.filter_key {
                Some(_) => Err(Failure::malformed(format!("unknown field in filters: {key}")).at(key)),
                None => Ok(field),
            }),
        }
    }

    /// The selected fields, or else the default ones, always in the order of the schema.
    pub(super) fn select(&self, chosen: Option<&[&str]>, default: &[&str]) -> Result<Vec<&Field>, Failure> {
        let keys = chosen.unwrap_or(default);
        for key in keys {
            self.require(key)?;
        }
        Ok(self.fields.iter().filter(|field| keys.contains(&field.key.as_ref()) && !field.is_deleted).collect())
    }

    /// The fields whose values the tenant sets; the `/fields` calls list them.
    pub(super) fn details(&self) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(|field| matches!(field.place, Place::Detail | Place::Calculated | Place::Custom) && !field.is_deleted)
    }

    /// The response of a `/metadata` call; `q` searches names and keys.
    pub(super) fn metadata(&self, q: Option<&str>, id_org: u32) -> Value {
        let q = q.unwrap_or_default().to_lowercase();
        let matching = |field: &&Field| {
            field.place != Place::Extra && (field.name.to_lowercase().contains(&q) || field.key.to_lowercase().contains(&q))
        };
        let (custom, predefined): (Vec<_>, Vec<_>) =
            self.fields.iter().filter(matching).partition(|field| field.place == Place::Custom);
        let predefined: Vec<_> = predefined
            .into_iter()
            .map(|field| {
                json!({
                    "name": field.name,
                    "systemKey": field.key,
                    "type": field.kind,
                    "filterType": filter_type(&field.kind),
                    "filterSystemKey": field.filter_key.as_ref().unwrap_or(&field.key),
                    "relatedFields": [],
                    "scopes": [],
                })
            })
            .collect();
        let custom: Vec<_> = custom
            .into_iter()
            .map(|field| {
                json!({
                    "idField": field.id,
                    "systemKey": field.key,
                    "isShown": true,
                    "idOrg": id_org,
                    "sourceIdApp": field.source_app,
                    "name": field.name,
                    "type": field.kind,
                    "isDeleted": field.is_deleted,
                    "relatedFields": [],
                    "filterType": filter_type(&field.kind),
                })
            })
            .collect();
        json!({ "predefinedFields": predefined, "customFields": custom })
    }

    /// Checks the properties of the body of a write; the error names the first property that is not a writable field.
    pub(super) fn accept_all(
        &self,
        body: &Map<String, Value>,
        organization: &Organization,
    ) -> Result<Vec<(String, Value)>, Failure> {
        let accept = |(key, value): (&String, &Value)| match self.find(key) {
            Some(field) if field.is_writable() => Ok((key.clone(), field.accept(value, organization)?)),
            Some(field) if field.place == Place::Calculated => Err(Failure::calculated(key)),
            Some(_) => Err(Failure::invalid(format!("field cannot be written: {key}")).at(key)),
            None => Err(Failure::invalid(format!("unknown field: {key}")).at(key)),
        };
        body.iter().map(accept).collect()
    }
}

/// The kind of filter that fields of a type accept.
fn filter_type(kind: &str) -> &str {
    match kind {
        "singleLine" | "email" | "multiValueString" => "text",
        "multiLine" => "longText",
        "datePicker" => "date",
        "usersDropdown" | "user" => "user",
        "usersDropdownMulti" => "userMulti",
        "cardNumber" => "freeText",
        other => other,
    }
}
