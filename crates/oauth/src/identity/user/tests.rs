use serde_json::json;

use super::*;
use crate::jose::tests::forged;

const ISSUER: &str = "https://id.example";

fn read(issuer: &str, claims: &Value, groups_claim: &str) -> Result<User, Error> {
    let claims = Claims::unverified(&forged(&json!({}), claims)).unwrap();
    user(issuer, &claims, groups_claim)
}

fn claims(more: &Value) -> Value {
    let mut claims = json!({ "sub": "1", "name": "Ada", "email": "ada@company.com" });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[test]
fn users_are_told_apart_by_issuer_and_subject() {
    let id = |issuer: &str, claims: Value| read(issuer, &claims, "groups").unwrap().id;
    let ada = id(ISSUER, json!({ "sub": "1", "email": "ada@company.com" }));
    assert!(ada.starts_with("oidc:") && ada.len() == 69, "{ada}");
    assert_eq!(id(ISSUER, json!({ "sub": "1", "email": "other@company.com", "name": "x" })), ada);
    for (issuer, sub) in [(ISSUER, "2"), ("https://id.example/", "1"), ("https://id.exampl", "e1")] {
        assert_ne!(id(issuer, json!({ "sub": sub, "email": "ada@company.com" })), ada, "{issuer} {sub}");
    }
    for sub in [Value::Null, "".into(), 1.into(), "x".repeat(513).into()] {
        assert_eq!(read(ISSUER, &json!({ "sub": sub }), "groups"), Err(Error::Subject), "{sub}");
    }
}

#[test]
fn an_address_counts_as_far_as_its_issuer_vouches_for_it() {
    for (issuer, more, counts) in [
        (ISSUER, json!({}), true),
        (ISSUER, json!({ "email_verified": true }), true),
        (ISSUER, json!({ "email_verified": "true" }), true),
        (ISSUER, json!({ "email_verified": false }), false),
        (ISSUER, json!({ "email_verified": "false" }), false),
        (ISSUER, json!({ "email_verified": 1 }), false),
        (ISSUER, json!({ "email": ["ada@company.com"] }), false),
        (ISSUER, json!({ "email": format!("{}@company.com", "a".repeat(250)) }), false),
        (GOOGLE, json!({ "email_verified": true }), false),
        (GOOGLE, json!({ "email_verified": true, "hd": "other.com" }), false),
        (GOOGLE, json!({ "email_verified": true, "hd": "company.com" }), true),
        (GOOGLE, json!({ "email_verified": false, "hd": "company.com" }), false),
        (GOOGLE, json!({ "email_verified": true, "email": "ada@gmail.com" }), true),
        (GOOGLE, json!({ "email_verified": true, "email": "x@gmail.com@company.com" }), false),
    ] {
        let user = read(issuer, &claims(&more), "groups").unwrap();
        assert_eq!(user.email.is_some(), counts, "{issuer} {more}");
    }
}

#[test]
fn groups_are_found_where_the_settings_say() {
    let nested = json!({ "realm_access": { "roles": ["a", "b"] }, "https://c.example/groups": ["c"] });
    for (more, claim, groups) in [
        (json!({ "groups": ["a", "b"] }), "groups", &["a", "b"][..]),
        (json!({ "groups": "a" }), "groups", &["a"]),
        (json!({ "groups": ["a", 1, "", null] }), "groups", &["a"]),
        (json!({ "groups": { "a": 1 } }), "groups", &[]),
        (json!({ "roles": ["a"] }), "groups", &[]),
        (nested.clone(), "realm_access.roles", &["a", "b"]),
        (nested.clone(), "https://c.example/groups", &["c"]),
        (nested, "realm_access.none", &[]),
        (json!({ "_claim_names": { "other": "src1" } }), "groups", &[]),
    ] {
        assert_eq!(read(ISSUER, &claims(&more), claim).unwrap().groups, groups, "{more}");
    }
}

#[test]
fn groups_that_are_left_out_are_an_error_and_not_an_empty_list() {
    for more in [
        json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": { "endpoint": "https://graph.example" } } }),
        json!({ "hasgroups": true }),
        json!({ "groups": vec!["a"; GROUPS + 1] }),
    ] {
        assert_eq!(read(ISSUER, &claims(&more), "groups"), Err(Error::TooManyGroups));
    }
}

#[test]
fn a_name_is_one_line() {
    for (given, name) in [
        (json!({ "name": " Ada\r\n Lovelace " }), "Ada Lovelace"),
        (json!({ "name": "", "preferred_username": "ada" }), "ada"),
        (json!({ "name": null }), "ada@company.com"),
        (json!({ "name": 1, "email": null }), "somebody without a name"),
    ] {
        assert_eq!(read(ISSUER, &claims(&given), "groups").unwrap().name, name);
    }
}
