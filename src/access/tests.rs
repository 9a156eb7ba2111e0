use super::*;

fn person(email: Option<&str>, groups: &[&str]) -> Person {
    Person {
        id: "oidc:1".to_owned(),
        name: "Ada".to_owned(),
        email: email.map(str::to_owned),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        organization: String::new(),
    }
}

fn access(roles: Option<&[(&str, &str)]>) -> Access {
    let rule = |who, key: &str, scopes: &str| Rule { who, key: key.to_owned(), scopes: Scopes::parse(scopes) };
    let roles = roles.map(|roles| roles.iter().map(|(name, scopes)| ((*name).to_owned(), Scopes::parse(scopes))).collect());
    Access {
        rules: vec![
            rule(Who::Email("Ada@company.com".to_owned()), "admin", "torii:destroy torii:scim"),
            rule(Who::Group("finance".to_owned()), "finance", "torii:write"),
            rule(Who::Email("none@company.com".to_owned()), "all", ""),
            rule(Who::Domain("company.com".to_owned()), "all", "torii:read"),
        ],
        roles,
    }
}

fn key<'a>(access: &'a Access, person: &Person) -> Option<&'a str> {
    access.decide(person, None).map(|(key, _)| key)
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
        assert_eq!(key(&access, &person(email, groups)), expected, "{email:?} {groups:?}");
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
        assert_eq!(key(&access(None), &person(Some(email), &[])), None, "{email:?}");
    }
}

#[test]
fn a_role_limits_what_a_rule_allows() {
    let roles =
        [("admin", "torii:destroy"), ("viewer", "torii:read"), ("it manager", "torii:write torii:scim"), ("employee", "")];
    let access = access(Some(&roles));
    let member = |role: &str| Some(Standing::Member { role: role.to_owned() });
    for (email, standing, expected) in [
        ("ada@company.com", member("Admin"), "torii:read torii:write torii:destroy"),
        ("ada@company.com", member(" IT Manager "), "torii:read torii:write torii:scim"),
        ("ada@company.com", member("Viewer"), "torii:read"),
        ("ada@company.com", member("Employee"), ""),
        ("ada@company.com", member("Made up"), ""),
        ("bob@company.com", member("Admin"), "torii:read"),
        ("ada@company.com", Some(Standing::Left), ""),
        ("ada@company.com", Some(Standing::Unknown), ""),
        ("ada@company.com", None, ""),
        ("bob@other.com", member("Admin"), ""),
    ] {
        let decided = access.decide(&person(Some(email), &[]), standing.as_ref());
        let scopes = decided.map_or(Scopes::NONE, |(_, scopes)| scopes);
        assert_eq!(scopes, Scopes::parse(expected), "{email} {standing:?}");
        assert_eq!(decided.is_none(), expected.is_empty(), "{email} {standing:?}");
    }
}

#[test]
fn a_standing_counts_only_where_roles_are_looked_up() {
    let decided = access(None).decide(&person(Some("bob@company.com"), &[]), Some(&Standing::Left)).is_some();
    assert!(decided);
}
