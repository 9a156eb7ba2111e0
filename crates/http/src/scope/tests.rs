use super::*;

fn definition(name: &str, implies: &[&str], access: ScopeAccess) -> ScopeDefinition {
    let implies = implies.iter().map(|name| (*name).to_owned()).collect();
    let (title, description) = (String::new(), String::new());
    ScopeDefinition { name: name.to_owned(), title, description, implies, access, credential: None }
}

fn pets() -> ScopeDefinitions {
    let staff = ScopeDefinition { credential: Some("staff".to_owned()), ..definition("staff", &[], ScopeAccess::Read) };
    ScopeDefinitions::new(vec![
        definition("pets:read", &[], ScopeAccess::Read),
        definition("pets:write", &["pets:read"], ScopeAccess::Write),
        definition("pets:destroy", &["pets:write"], ScopeAccess::Destroy),
        staff,
    ])
    .unwrap()
}

#[test]
fn each_scope_includes_what_it_implies() {
    for (names, held) in [
        ("pets:read", "pets:read"),
        ("pets:write", "pets:read pets:write"),
        ("pets:destroy", "pets:read pets:write pets:destroy"),
        ("staff", "staff"),
        ("staff pets:read", "pets:read staff"),
        ("offline_access pets:read openid", "pets:read"),
        ("PETS:READ", ""),
        ("", ""),
    ] {
        assert_eq!(pets().text(pets().parse(names)), held, "{names:?}");
    }
}

#[test]
fn a_client_is_told_of_no_scope_that_it_did_not_request_by_name() {
    for (held, requested, told) in [
        ("pets:write", "pets:write", "pets:write"),
        ("pets:write", "pets:read pets:write", "pets:read pets:write"),
        ("pets:read", "pets:write", "pets:read"),
        ("pets:destroy staff", "pets:write offline_access", "pets:write pets:destroy staff"),
        ("pets:write", "", "pets:read pets:write"),
        ("", "pets:read", ""),
    ] {
        let text = pets().told(pets().parse(held), requested);
        assert_eq!(text, told, "{held:?} {requested:?}");
        assert_eq!(pets().parse(&text), pets().parse(held), "it is the same set");
    }
}

#[test]
fn taking_a_scope_away_takes_away_what_implies_it() {
    let pets = pets();
    let without = |name: &str| pets.text(pets.without(Scopes::ALL, pets.get(name).unwrap()));
    assert_eq!(without("pets:destroy"), "pets:read pets:write staff");
    assert_eq!(without("pets:write"), "pets:read staff");
    assert_eq!(without("pets:read"), "staff");
    assert_eq!(pets.text(pets.without_credential(Scopes::ALL, "staff")), "pets:read pets:write pets:destroy");
    assert_eq!(pets.without_credential(pets.all(), "unheard-of"), pets.all());
}

#[test]
fn what_one_set_covers_is_decided_by_its_members() {
    let pets = pets();
    let [read, destroy] = ["pets:read", "pets:destroy"].map(|name| pets.get(name).unwrap());
    let write = pets.parse("pets:write");
    assert!(write.has(read) && !write.has(destroy) && write.covers(Scopes::NONE));
    assert_eq!(write & destroy.into(), write);
    assert_eq!((pets.least(), pets.text(pets.reading())), (read.into(), "pets:read staff".to_owned()));
    assert!(Scopes::ALL.covers(pets.all()));
}

#[test]
fn scopes_that_cannot_work_are_refused() {
    let refused = |definitions| ScopeDefinitions::new(definitions).unwrap_err();
    let read = |name: &str| definition(name, &[], ScopeAccess::Read);
    assert_eq!(refused(Vec::new()), ScopeError::None);
    for name in ["", "two words", "quo\"te", "back\\slash", "späh"] {
        assert_eq!(refused(vec![read(name)]), ScopeError::Name(name.to_owned()));
    }
    assert_eq!(refused(vec![read("a"), read("a")]), ScopeError::Twice("a".to_owned()));
    let backwards = vec![definition("write", &["read"], ScopeAccess::Write), read("read")];
    assert_eq!(refused(backwards), ScopeError::Implied { name: "write".to_owned(), implied: "read".to_owned() });
    assert_eq!(refused((0..33).map(|index| read(&format!("s{index}"))).collect()), ScopeError::TooMany);
    assert!(ScopeDefinitions::new((0..32).map(|index| read(&format!("s{index}"))).collect()).is_ok());
}
