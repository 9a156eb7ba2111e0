use serde_json::json;

use super::*;
use crate::jose::tests::forged;

const ISSUER: &str = "https://id.example";

fn read(issuer: &str, claims: &Value, groups_claim: &str) -> Result<User, Error> {
    let claims = Claims::unverified(&forged(&json!({}), claims)).unwrap();
    user(issuer, &claims, groups_claim, &["email".to_owned()]).map(|(user, _)| user)
}

/// The address that claims without `email` have, read from these claims.
fn address(issuer: &str, more: &Value, names: &[&str]) -> Result<String, NoEmail> {
    let mut claims = claims(more);
    if more.get("email").is_none() {
        claims.as_object_mut().unwrap().remove("email");
    }
    let claims = Claims::unverified(&forged(&json!({}), &claims)).unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let (user, without) = user(issuer, &claims, "groups", &names).unwrap();
    user.email.ok_or_else(|| without.unwrap())
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

#[test]
fn other_claims_are_read_where_the_operator_names_them() {
    const NAMES: &[&str] = &["email", "preferred_username", "upn"];
    let ada = |name: &str| json!({ name: "ada@company.com" });
    for name in NAMES {
        assert_eq!(address(ISSUER, &ada(name), NAMES).unwrap(), "ada@company.com", "{name}");
    }
    assert_eq!(address(ISSUER, &ada("upn"), &["email"]), Err(NoEmail::Missing(vec!["email".to_owned()])));
    let both = json!({ "upn": "ada@company.com", "preferred_username": "other@company.com" });
    assert_eq!(address(ISSUER, &both, NAMES).unwrap(), "other@company.com", "the first that is named counts");
    let missing = address(ISSUER, &json!({}), NAMES).unwrap_err().to_string();
    assert_eq!(missing, "it sent no claim `email` or `preferred_username` or `upn`");
}

#[test]
fn other_claims_count_only_as_addresses_of_the_directory_itself() {
    let name = "preferred_username";
    let of = |issuer: &str, more: Value| {
        let mut claims = json!({ "preferred_username": "ada@company.com" });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        address(issuer, &claims, &["email", name])
    };
    let because = |refused: fn(String) -> NoEmail| Err(refused(name.to_owned()));
    for text in [
        "ada",
        "ada@company",
        "@company.com",
        "ada@x@company.com",
        "ada company@x.com",
        "ada_gmail.com#EXT#@company.onmicrosoft.com",
    ] {
        assert_eq!(of(ISSUER, json!({ "preferred_username": text })), because(NoEmail::NoAddress), "{text}");
    }
    assert_eq!(of(ISSUER, json!({ "idp": "https://sts.windows.net/another/" })), because(NoEmail::Guest));
    assert_eq!(of(ISSUER, json!({ "acct": 1 })), because(NoEmail::Guest));
    assert_eq!(of(ISSUER, json!({ "acct": 0, "idp": ISSUER })).unwrap(), "ada@company.com");
    assert_eq!(of(ISSUER, json!({ "email_verified": false })), because(NoEmail::Unverified));
    assert_eq!(of(GOOGLE, json!({ "hd": "company.com" })), because(NoEmail::OtherDomain));
    // an address that does not count is not replaced by a claim that says less
    let unverified = json!({ "email": "ada@company.com", "email_verified": false });
    assert_eq!(of(ISSUER, unverified), Err(NoEmail::Unverified("email".to_owned())));
}
