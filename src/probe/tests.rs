use serde_json::json;

use super::{shape::Difference, *};

fn differences(documented: &[(&str, &str)], body: &Value) -> Vec<Difference> {
    let documented = documented.iter().map(|(place, types)| ((*place).to_owned(), (*types).to_owned())).collect();
    Shapes::of(body).differences(&documented, |_| false)
}

#[test]
fn types_are_compared_with_the_documented_ones() {
    let documented = [("/apps/[]/id", "integer"), ("/apps/[]/at", "string of date-time | null"), ("/apps/[]/tags", "array")];
    let fits =
        json!({ "apps": [{ "id": 1, "at": "2026-02-03T10:00:00.000Z", "tags": ["a"] }, { "id": 2, "at": null, "tags": [] }] });
    assert_eq!(differences(&documented, &fits), []);
    let other = json!({ "apps": [{ "id": "1", "at": 1_780_000_000_000_i64, "tags": "a,b" }] });
    let told = format!("{:?}", differences(&documented, &other));
    for expected in ["number in a text", "milliseconds", "types: \"text\""] {
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn members_that_are_missing_or_new_are_told_by_what_holds_them() {
    let documented = [("/apps/[]/id", "integer"), ("/apps/[]/name", "string"), ("/count", "integer")];
    let body = json!({ "apps": [{ "id": 1, "c_secret": "Acme", "c_other": 2 }], "count": 1 });
    assert_eq!(
        differences(&documented, &body),
        [
            Difference::Missing { place: "/apps/[]/name".to_owned() },
            Difference::Undocumented {
                place: "/apps/[]".to_owned(),
                names: vec!["c_other".to_owned(), "c_secret".to_owned()],
                types: "integer, text".to_owned()
            },
        ]
    );
}

#[test]
fn every_tool_that_reads_is_planned_and_has_documented_types() {
    let catalog = crate::generated::catalog().unwrap();
    let steps = plan(catalog);
    assert!(steps.iter().all(|step| step.tool.effect == openapi_mcp::catalog::Effect::Read));
    assert!(steps.len() > 30, "{}", steps.len());
    for step in steps {
        assert!(documented(&step.tool.name).is_some(), "{}", step.tool.name);
    }
}

#[test]
fn whole_words_name_the_headers_about_rates_and_only_plain_values_are_told() {
    let told = |name: &'static str, value: &'static str| {
        let headers = reqwest::header::HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            reqwest::header::HeaderValue::from_static(value),
        )]);
        rates(&headers).pop().map(|(_, value)| value)
    };
    for name in ["x-corporate-name", "x-generated", "x-unlimited", "x-retry", "x-acme-rate-limit", "moderate-limit"] {
        assert_eq!(told(name, "41"), None, "{name}");
    }
    for name in ["retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-reset", "x-rate-limit-remaining", "rate-limit"] {
        assert_eq!(told(name, "41").as_deref(), Some("41"), "{name}");
    }
    let date = "Sat, 28 Nov 2026 00:16:30 GMT";
    assert_eq!(told("retry-after", date).as_deref(), Some(date));
    for value in ["AcmeInc", "1 Acme", "infinity", "nan", "Sat, 28 Nov 2026 00:16:30 GMT (Acme)", "limit=100;acme", ""] {
        assert_eq!(told("retry-after", value).as_deref(), Some("…"), "{value}");
    }
}

#[test]
fn a_list_under_another_name_is_compared_at_its_documented_place() {
    let mut shapes = Shapes::of(&json!({ "runs": [{ "id": "1" }], "runsBefore": 1 }));
    shapes.rename("runs", "response");
    let documented = [("/response/[]/id", "integer"), ("/response/[]/error", "string"), ("/runsBefore", "integer")];
    let documented = documented.iter().map(|(place, types)| ((*place).to_owned(), (*types).to_owned())).collect();
    let told = format!("{:?}", shapes.differences(&documented, |_| false));
    assert!(told.contains("number in a text") && told.contains("/response/[]/error") && !told.contains("runs"), "{told}");
}
