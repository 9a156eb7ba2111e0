use crate::scope::*;

#[test]
fn each_scope_implies_the_lesser_ones() {
    for (words, held) in [
        ("torii:read", "torii:read"),
        ("torii:write", "torii:read torii:write"),
        ("torii:destroy", "torii:read torii:write torii:destroy"),
        ("torii:scim", "torii:scim"),
        ("torii:scim torii:read", "torii:read torii:scim"),
        ("offline_access torii:read openid", "torii:read"),
        ("TORII:READ", ""),
        ("", ""),
    ] {
        assert_eq!(Scopes::parse(words).to_string(), held, "{words:?}");
    }
}

#[test]
fn taking_a_scope_away_takes_away_what_implies_it() {
    assert_eq!(Scopes::ALL.without(Scope::Destroy).to_string(), "torii:read torii:write torii:scim");
    assert_eq!(Scopes::ALL.without(Scope::Write).to_string(), "torii:read torii:scim");
    assert_eq!(Scopes::ALL.without(Scope::Read).to_string(), "torii:scim");
}

#[test]
fn what_one_set_covers_is_decided_by_its_members() {
    let write = Scopes::from(Scope::Write);
    assert!(write.has(Scope::Read) && !write.has(Scope::Destroy) && write.covers(Scopes::NONE));
    assert_eq!(write & Scopes::from(Scope::Destroy), write);
    assert_eq!(serde_json::to_string(&write).unwrap(), r#""torii:read torii:write""#);
    assert_eq!(serde_json::from_str::<Scopes>(r#""torii:write""#).unwrap(), write);
}
