use super::*;
use crate::testing;

fn user(email: Option<&str>, groups: &[&str]) -> User {
    User {
        id: "oidc:1".to_owned(),
        name: "Ada".to_owned(),
        email: email.map(str::to_owned),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        outside: None,
        organization: String::new(),
    }
}

fn access(roles: Option<&[(&str, &str)]>) -> AccessRules {
    let rule = |who, key: &str, scopes: &str| Rule { who, key: key.to_owned(), scopes: testing::scopes(scopes) };
    let roles = roles.map(|roles| roles.iter().map(|(name, scopes)| ((*name).to_owned(), testing::scopes(scopes))).collect());
    AccessRules {
        rules: vec![
            rule(Who::Email("Ada@company.com".to_owned()), "admin", "api:destroy api:staff"),
            rule(Who::Group("finance".to_owned()), "finance", "api:write"),
            rule(Who::Email("none@company.com".to_owned()), "all", ""),
            rule(Who::Domain("company.com".to_owned()), "all", "api:read"),
        ],
        roles,
    }
}

fn key<'a>(access: &'a AccessRules, user: &User) -> Option<&'a str> {
    access.decide(user, None).map(|(key, _)| key)
}

#[test]
fn the_first_rule_that_matches_decides() {
    let access = access(None);
    for (email, groups, expected) in [
        (Some("ada@company.com"), &["finance"][..], Some("admin")),
        (Some("ADA@COMPANY.COM"), &[], Some("admin")),
        (Some("bob@company.com"), &["finance"], Some("finance")),
        (Some("bob@company.com"), &["Finance", "finance2"], Some("all")),
        (Some("bob@Company.Com"), &[], Some("all")),
        (None, &["finance"], Some("finance")),
        (Some("none@company.com"), &[], None),
        (None, &[], None),
        (Some("bob@other.com"), &["sales"], None),
    ] {
        assert_eq!(key(&access, &user(email, groups)), expected, "{email:?} {groups:?}");
    }
}

#[test]
fn an_address_that_only_looks_like_the_company_s_matches_nothing() {
    for email in [
        "evil@company.com.evil.example",
        "a@b@company.com",
        "\"a@b\"@company.com",
        "evil@evilcompany.com",
        "evil@sub.company.com",
        "evil@company.com.",
        "evil@company.com ",
        "evil@company.com\n",
        "evil@company.com\0",
        "evil @company.com",
        "<x>@company.com",
        "a,b@company.com",
        "evil@company.c\u{43e}m",
        "evil@\u{441}ompany.com",
        "evil@company\u{ff0e}com",
        "evil\u{ff20}company.com",
        "ada@compan\u{443}.com",
        "\u{430}da@other.com",
        "@company.com",
        "company.com",
        "@",
        "",
    ] {
        assert_eq!(key(&access(None), &user(Some(email), &[])), None, "{email:?}");
    }
}

#[test]
fn a_role_limits_what_a_rule_allows() {
    let roles = [("admin", "api:destroy"), ("viewer", "api:read"), ("it manager", "api:write api:staff"), ("employee", "")];
    let access = access(Some(&roles));
    let member = |role: &str| Some(Membership::Member { role: role.to_owned() });
    for (email, membership, expected) in [
        ("ada@company.com", member("Admin"), "api:read api:write api:destroy"),
        ("ada@company.com", member(" IT Manager "), "api:read api:write api:staff"),
        ("ada@company.com", member("Viewer"), "api:read"),
        ("ada@company.com", member("Employee"), ""),
        ("ada@company.com", member("Made up"), ""),
        ("bob@company.com", member("Admin"), "api:read"),
        ("ada@company.com", Some(Membership::Left), ""),
        ("ada@company.com", Some(Membership::Unknown), ""),
        ("ada@company.com", None, ""),
        ("bob@other.com", member("Admin"), ""),
    ] {
        let decided = access.decide(&user(Some(email), &[]), membership.as_ref());
        let scopes = decided.map_or(Scopes::NONE, |(_, scopes)| scopes);
        assert_eq!(scopes, testing::scopes(expected), "{email} {membership:?}");
        assert_eq!(decided.is_none(), expected.is_empty(), "{email} {membership:?}");
    }
}

#[test]
fn a_membership_counts_only_where_roles_are_looked_up() {
    let decided = access(None).decide(&user(Some("bob@company.com"), &[]), Some(&Membership::Left)).is_some();
    assert!(decided);
}

#[test]
fn only_groups_that_a_rule_names_are_kept() {
    let many: Vec<String> = (0..1000).map(|number| format!("{number} {}", "g".repeat(500))).collect();
    let groups: Vec<&str> = many.iter().map(String::as_str).chain(["finance"]).collect();
    let kept = access(None).fitted(user(Some("bob@company.com"), &groups));
    assert_eq!((kept.groups.as_slice(), kept.outside.as_deref()), (&["finance".to_owned()][..], Some(&[][..])));
    assert!(serde_json::to_string(&kept).unwrap().len() < 200);
    let kept = access(None).fitted(user(Some("bob@company.com"), &["sales"]));
    assert_eq!((kept.groups.len(), kept.outside.as_ref().map(Vec::len)), (0, Some(1)));
    assert_eq!(key(&access(None), &kept), Some("all"), "known not to be in `finance`");
}

#[test]
fn a_rule_that_names_another_group_later_is_neither_passed_over_nor_guessed() {
    let kept = |email| access(None).fitted(user(Some(email), &["sales"]));
    let mut access = access(None);
    let sales = Rule { who: Who::Group("sales".to_owned()), key: "sales".to_owned(), scopes: testing::scopes("api:read") };
    access.rules.push(sales.clone());
    assert_eq!(key(&access, &kept("bob@company.com")), Some("all"), "an earlier rule decides");
    assert_eq!(access.rule(&kept("bob@other.com")), Err(GroupNotChecked));
    access.rules.insert(1, sales);
    assert_eq!(key(&access, &kept("ada@company.com")), Some("admin"));
    for email in ["bob@company.com", "bob@other.com"] {
        assert_eq!(access.rule(&kept(email)), Err(GroupNotChecked), "{email}");
        assert_eq!(key(&access, &kept(email)), None, "{email}");
        assert_eq!(key(&access, &access.fitted(user(Some(email), &["sales"]))), Some("sales"), "who signs in again: {email}");
    }
    access.rules.retain(|rule| rule.who != Who::Group("sales".to_owned()) && rule.who != Who::Group("finance".to_owned()));
    assert_eq!(key(&access, &kept("bob@company.com")), Some("all"), "a rule that is gone asks for nothing");
}
