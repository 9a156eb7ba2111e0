use mcp_http::clock::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::{
    error_texts::leads_on,
    testing::{catalog, read_field},
};

fn known(fields: &[(&str, &str)]) -> FieldList {
    let entries: Vec<Value> =
        fields.iter().map(|(key, name)| json!({ "systemKey": key, "name": name, "type": "text" })).collect();
    let metadata = json!({ "fields": entries });
    FieldList::new("apps", "list_app_field_metadata", metadata.as_object().unwrap(), (read_field, Timestamp(0)))
}

/// The arguments after names were replaced, and what is told of them.
fn replaced(arguments: &Value, known: &FieldList) -> Result<(Value, Vec<String>), ToolError> {
    let tool = catalog().find("list_apps").unwrap();
    let mut values = arguments.as_object().unwrap().clone();
    let told = names_of(tool, &mut values, known)?;
    Ok((Value::Object(values), told))
}

#[test]
fn names_become_keys_wherever_keys_are_used() {
    let known = known(&[("cf_1", "End date"), ("cf_2", "Notice (days)"), ("cf_3", "Größe"), ("name", "Name")]);
    let (values, told) = replaced(
        &json!({
            "fields": ["name", "End date", "endDate", "größe", "unknown"],
            "filters": [{ "key": "END DATE", "op": "isSet" }, { "op": "isSet" }],
            "sort": ["End date:asc", "notice days"],
            "aggs": { "field": "Notice (days)", "options": { "sort": { "field": "End date", "order": "asc" } }, "aggs": { "field": "Name" } },
        }),
        &known,
    )
    .unwrap();
    assert_eq!(
        values,
        json!({
            "fields": ["name", "cf_1", "cf_1", "cf_3", "unknown"],
            "filters": [{ "key": "cf_1", "op": "isSet" }, { "op": "isSet" }],
            "sort": ["cf_1:asc", "cf_2"],
            "aggs": { "field": "cf_2", "options": { "sort": { "field": "cf_1", "order": "asc" } }, "aggs": { "field": "name" } },
        })
    );
    assert_eq!(told[..2], ["`End date` is `cf_1`", "`endDate` is `cf_1`"]);
}

#[test]
fn what_is_a_key_is_not_taken_for_a_name() {
    let known = known(&[("owner", "Contact"), ("cf_9", "owner")]);
    let (values, told) = replaced(&json!({ "fields": ["owner"] }), &known).unwrap();
    assert_eq!((values, told.len()), (json!({ "fields": ["owner"] }), 0));
}

#[test]
fn a_name_of_several_fields_is_refused_with_their_keys() {
    let known = known(&[("cf_1", "Cost center"), ("cf_2", "Cost Center"), ("cf_3", "Other")]);
    let error = replaced(&json!({ "sort": ["cost center:asc"] }), &known).unwrap_err().to_string();
    leads_on(&error);
    assert!(
        error.starts_with("`cost center` in `sort` is the name of several fields, use the key of one: `cf_1`, `cf_2`"),
        "{error}"
    );
    assert!(replaced(&json!({ "sort": ["cf_2:asc"] }), &known).is_ok());
}

#[test]
fn names_without_letters_and_of_any_length_refer_to_nothing() {
    let known = known(&[("cf_1", "!!!"), ("cf_2", "")]);
    let long = "x".repeat(1 << 20);
    let (values, _) = replaced(&json!({ "fields": ["???", "", long] }), &known).unwrap();
    assert_eq!(values, json!({ "fields": ["???", "", long] }));
}
