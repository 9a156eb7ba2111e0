//! Everything else that a store does.

use std::time::Duration;

use mcp_http::{clock::Timestamp, token::Random};
use mcp_oauth_server::{
    keyring::{EncryptedKey, Error as KeyringError, Keyring},
    store::{
        self, Access, ApiKeySource, CONNECTIONS_OF_USER, Connection, Error, Grant, Redemption, Registration, Rotation,
        SESSIONS_OF_USER, Session, Store, StoreAt, User,
    },
};

use super::{NOW, Place, access, approve, at, code, connect, contract, counts, grant, hash, issue, refresh, rotate, user};
use crate::support::rights::{definitions, scopes};

contract! {
    what_is_settled_stays
    the_same_registration_is_the_same_client
    a_registration_is_forgotten_unless_a_grant_stands_on_it
    of_clients_without_a_grant_those_that_expire_first_go
    a_session_lasts_until_it_expires_or_is_closed
    what_was_allowed_last_is_remembered
    an_approval_is_kept_as_a_whole_or_not_at_all
    an_approval_for_a_client_that_is_forgotten_keeps_nothing
    a_code_and_its_grant_come_back_as_they_were
    an_access_token_tells_its_grant_and_never_more_than_it
    a_client_that_acts_for_itself_has_one_grant
    connections_are_those_that_count_the_newest_first
    one_connection_too_many_ends_the_one_that_was_unused_longest
    approvals_whose_code_was_not_redeemed_end_no_connection
    what_was_allowed_is_forgotten_with_a_connection_that_makes_room
    one_browser_too_many_signs_the_oldest_out
    a_connection_was_used_when_it_was_touched
    a_grant_is_revoked_by_its_owner_or_by_nobody_in_particular
    an_access_token_is_revoked_by_its_client_alone
    an_encrypted_key_opens_in_its_own_row_only
    keys_are_encrypted_anew_in_pages
    a_revoked_grant_keeps_no_key
    everything_of_a_user_is_ended_at_once
    users_are_found_by_all_that_is_kept_of_them
    cleaning_removes_what_is_void_and_nothing_else
    a_table_that_cannot_be_cleaned_keeps_nothing_else
    damaged_rows_are_found
    scopes_that_are_not_defined_any_more_allow_nothing
    a_store_that_a_newer_program_wrote_is_not_opened
    a_store_opens_many_times_at_once
    a_text_may_hold_anything
}

async fn first<T, E: std::fmt::Debug>(result: impl Future<Output = Result<T, E>>) -> T {
    result.await.expect("the store answers")
}

async fn what_is_settled_stays(place: Place) {
    let store = &*place.open().await;
    assert_eq!(first(store.get_or_insert("keyring", b"\x00one")).await, b"\x00one");
    assert_eq!(first(store.get_or_insert("keyring", b"two")).await, b"\x00one");
    assert_eq!(first(store.get_or_insert("other", b"")).await, b"");
    assert_eq!(first(place.open().await.get_or_insert("keyring", b"three")).await, b"\x00one");
    first(store.check()).await;
}

fn registration(id: &str, digest: &str, expires_at: i64) -> Registration {
    let metadata = format!(r#"{{"client_name":"{id} \u0000 é"}}"#);
    Registration { id: id.to_owned(), digest: hash(digest), metadata, created_at: NOW, expires_at: at(expires_at) }
}

async fn the_same_registration_is_the_same_client(place: Place) {
    let store = &*place.open().await;
    let a = registration("a", "same", 100);
    assert_eq!(first(store.register(&a)).await, a);
    assert_eq!(first(store.registration("a", at(99))).await, Some(a.clone()));
    // another id, since each is made anew
    let later = Registration { expires_at: at(200), ..a.clone() };
    assert_eq!(first(store.register(&registration("b", "same", 200))).await, later);
    assert_eq!(first(store.register(&registration("c", "same", 50))).await, later);
    for unknown in ["b", "c", "A", ""] {
        assert_eq!(first(store.registration(unknown, NOW)).await, None, "{unknown:?}");
    }
}

async fn a_registration_is_forgotten_unless_a_grant_stands_on_it(place: Place) {
    let store = &*place.open().await;
    for id in ["unused", "approved", "used"] {
        first(store.register(&registration(id, id, 100))).await;
    }
    let approved = grant("g", "ann", "approved");
    first(store.approve(&approved, &code(&approved), Some(at(150)))).await;
    connect(store, "h", "ann", "used").await;
    let known = |now| async move {
        let mut known = Vec::new();
        for id in ["unused", "approved", "used"] {
            known.extend(first(store.registration(id, at(now))).await.map(|_| id));
        }
        known
    };
    assert_eq!(known(99).await, ["unused", "approved", "used"]);
    assert_eq!(known(100).await, ["approved", "used"]);
    assert_eq!(known(150).await, ["used"]);
    first(store.clean(at(150), 10)).await;
    assert_eq!(known(99).await, ["used"]);
    assert_eq!(known(24 * 3600).await, [""; 0], "its last token is void then");
}

async fn of_clients_without_a_grant_those_that_expire_first_go(place: Place) {
    let store = &*place.open().await;
    first(store.register(&registration("used", "used", 1))).await;
    approve(store, &grant("g", "ann", "used")).await;
    for (id, expires_at) in [("c", 30), ("a", 10), ("b", 20), ("d", 40), ("e", 5)] {
        first(store.register(&registration(id, id, expires_at))).await;
    }
    let known = async || {
        let mut known = Vec::new();
        for id in ["used", "a", "b", "c", "d", "e"] {
            known.extend(first(store.registration(id, NOW)).await.map(|_| id));
        }
        known
    };
    assert_eq!(known().await, ["used", "a", "b", "c", "d", "e"], "until it is cleaned");
    assert_eq!(first(store.clean(NOW, 3)).await, 2);
    assert_eq!(known().await, ["used", "b", "c", "d"]);
    assert!(first(store.is_registered(hash("d"))).await && !first(store.is_registered(hash("e"))).await);
}

async fn a_session_lasts_until_it_expires_or_is_closed(place: Place) {
    let store = &*place.open().await;
    let session = |name: &str, encrypted: Option<&[u8]>| Session {
        hash: hash(name),
        user: user(name),
        encrypted: encrypted.map(|bytes| EncryptedKey::from_bytes(bytes.to_vec())),
        opened_at: NOW,
        expires_at: at(100),
    };
    let (a, b) = (session("a", Some(b"\x00\xff")), session("b", None));
    first(store.open_session(&a)).await;
    first(store.open_session(&b)).await;
    assert_eq!(first(store.session(a.hash, at(99))).await, Some(a.clone()));
    assert_eq!(first(store.session(b.hash, at(99))).await, Some(b.clone()));
    assert_eq!(first(store.session(a.hash, at(100))).await, None);
    first(store.close_session(a.hash)).await;
    first(store.close_session(a.hash)).await;
    assert_eq!(first(store.session(a.hash, NOW)).await, None);
    assert_eq!(first(store.session(b.hash, NOW)).await, Some(b));
}

async fn what_was_allowed_last_is_remembered(place: Place) {
    let store = &*place.open().await;
    let grant = grant("a", "ann", "client");
    approve(store, &grant).await;
    assert_eq!(first(store.consent(&grant.user.id, "client")).await, Some(scopes("torii:write")));
    let grant = Grant { id: "b".to_owned(), scopes: scopes("torii:read"), ..grant };
    approve(store, &grant).await;
    assert_eq!(first(store.consent(&grant.user.id, "client")).await, Some(scopes("torii:read")));
    assert_eq!(first(store.consent(&grant.user.id, "other")).await, None);
    assert_eq!(first(store.consent(&user("bob").id, "client")).await, None);
}

async fn an_approval_is_kept_as_a_whole_or_not_at_all(place: Place) {
    let store = &*place.open().await;
    approve(store, &grant("a", "ann", "client")).await;
    let other = grant("b", "bob", "client");
    let mut taken = code(&other);
    taken.hash = hash("a");
    let failed = store.approve(&other, &taken, None).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert_eq!(first(store.consent(&other.user.id, "client")).await, None);
    approve(store, &other).await;
}

async fn an_approval_for_a_client_that_is_forgotten_keeps_nothing(place: Place) {
    let store = &*place.open().await;
    first(store.register(&registration("client", "client", 100))).await;
    assert_eq!(first(store.clean(NOW, 0)).await, 1);
    let grant = grant("a", "ann", "client");
    assert!(!first(store.approve(&grant, &code(&grant), Some(at(1000)))).await);
    assert_eq!(first(store.code(hash("a"))).await, None);
    assert_eq!(first(store.consent(&grant.user.id, "client")).await, None);
    first(store.register(&registration("client", "client", 100))).await;
    assert!(first(store.approve(&grant, &code(&grant), Some(at(1000)))).await, "once it has registered again");
}

async fn a_code_and_its_grant_come_back_as_they_were(place: Place) {
    let store = &*place.open().await;
    for (id, key_source) in [
        ("a", ApiKeySource::User(EncryptedKey::from_bytes(vec![1, 0, 255]))),
        ("b", ApiKeySource::Identity),
        ("c", ApiKeySource::User(EncryptedKey::from_bytes(Vec::new()))),
    ] {
        let mut grant = grant(id, "ann", "https://client.example/metadata.json");
        grant.key_source = key_source;
        grant.user.email = None;
        grant.scopes = definitions().all();
        approve(store, &grant).await;
        assert_eq!(first(store.code(hash(id))).await, Some((code(&grant), grant)));
    }
    assert_eq!(first(store.code(hash("d"))).await, None);
    let redeemed = connect(store, "e", "ann", "client").await;
    assert_eq!(first(store.code(hash("e"))).await.map(|(_, grant)| grant), Some(redeemed.clone()));
    assert_eq!(first(store.refresh(refresh("e"))).await, Some(redeemed));
    assert_eq!(first(store.refresh(refresh("a"))).await, None, "no token was issued");
}

async fn an_access_token_tells_its_grant_and_never_more_than_it(place: Place) {
    let store = &*place.open().await;
    let grant = connect(store, "a", "ann", "client").await;
    let expected = Access { grant: grant.clone(), scopes: scopes("torii:read"), expires_at: at(3600) };
    assert_eq!(first(store.access(access("a"), at(3599))).await, Some(expected.clone()));
    assert_eq!(first(store.access(access("a"), at(3600))).await, None);
    assert_eq!(first(store.access(access("b"), NOW)).await, None);
    assert_eq!(first(store.access(refresh("a"), NOW)).await, None, "a refresh token is none");
    let mut tokens = issue("b", NOW);
    tokens.scopes = definitions().all();
    assert_eq!(first(store.rotate(refresh("a"), &tokens, NOW)).await, Rotation::Rotated);
    assert_eq!(first(store.access(access("b"), NOW)).await, Some(Access { scopes: grant.scopes, ..expected }));
}

async fn a_client_that_acts_for_itself_has_one_grant(place: Place) {
    let store = &*place.open().await;
    let asked = |id: &str, scopes| Grant { key_source: ApiKeySource::Client, scopes, ..grant(id, "robot", "robot") };
    first(store.open_for_client(&asked("a", scopes("torii:write")), access("1"), at(100))).await;
    first(store.open_for_client(&asked("b", scopes("torii:read")), access("2"), at(200))).await;
    for (token, scope, seconds) in [("1", scopes("torii:write"), 99), ("2", scopes("torii:read"), 199)] {
        let found = first(store.access(access(token), at(seconds))).await.expect("the token counts");
        assert_eq!((found.grant.id.as_str(), found.scopes), ("a", scope));
    }
    assert_eq!(first(store.connections(None, at(199))).await.len(), 1);
    assert!(first(store.revoke("a", None, NOW)).await);
    assert!(!counts(store, "1", NOW).await);
    first(store.open_for_client(&asked("c", scopes("torii:read")), access("3"), at(100))).await;
    let found = first(store.access(access("3"), NOW)).await.expect("the token counts");
    assert_eq!((found.grant.id.as_str(), found.grant.scopes), ("c", scopes("torii:read")));
    assert!(first(store.access(hash("1 access"), NOW)).await.is_none(), "what was revoked stays so");
}

async fn ids(store: &dyn Store, who: Option<&str>, now: Timestamp) -> Vec<String> {
    let who = who.map(|who| user(who).id);
    first(store.connections(who.as_deref(), now)).await.into_iter().map(|connection| connection.grant.id).collect()
}

async fn connections_are_those_that_count_the_newest_first(place: Place) {
    let store = &*place.open().await;
    for (id, who, age) in [("a", "ann", 1), ("b", "bob", 0), ("c", "ann", 3), ("d", "ann", 2), ("e", "ann", 4)] {
        let grant = Grant { created_at: at(-age), ..grant(id, who, "client") };
        approve(store, &grant).await;
        if id != "d" {
            first(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
        }
    }
    assert!(first(store.revoke("e", None, NOW)).await);
    assert_eq!(ids(store, None, NOW).await, ["b", "a", "c"]);
    assert_eq!(ids(store, Some("ann"), NOW).await, ["a", "c"]);
    assert_eq!(ids(store, Some("eve"), NOW).await, [""; 0]);
    assert_eq!(rotate(store, "c", "c2", at(1)).await, Rotation::Rotated);
    assert_eq!(ids(store, None, at(24 * 3600)).await, ["c"], "the tokens of the others are void");
}

async fn one_connection_too_many_ends_the_one_that_was_unused_longest(place: Place) {
    let store = &*place.open().await;
    let most = usize::try_from(CONNECTIONS_OF_USER).expect("it is positive");
    connect(store, "other", "bob", "client").await;
    for number in 0..most {
        let id = format!("{number:04}");
        approve(store, &grant(&id, "ann", "client")).await;
        first(store.redeem(hash(&id), &issue(&id, NOW), NOW)).await;
        first(store.touch(&id, at(if number == 7 { 60 } else { 120 }))).await;
    }
    assert_eq!(ids(store, Some("ann"), at(200)).await.len(), most);
    let new = Grant { created_at: at(200), ..grant("new", "ann", "client") };
    approve(store, &new).await;
    first(store.redeem(hash("new"), &issue("new", at(200)), at(200))).await;
    let left = ids(store, Some("ann"), at(200)).await;
    assert_eq!((left.len(), left.first().map(String::as_str)), (most, Some("new")));
    assert!(!left.contains(&"0007".to_owned()) && ids(store, Some("bob"), at(200)).await == ["other"]);
    // what is dead goes first
    assert!(first(store.revoke("0100", None, at(201))).await);
    approve(store, &Grant { created_at: at(202), ..grant("newer", "ann", "client") }).await;
    assert_eq!(ids(store, Some("ann"), at(202)).await.len(), most - 1);
}

async fn approvals_whose_code_was_not_redeemed_end_no_connection(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b", "c"] {
        approve(store, &grant(id, "ann", "client")).await;
        first(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
    }
    for number in 0..CONNECTIONS_OF_USER + 10 {
        approve(store, &Grant { created_at: at(5), ..grant(&format!("{number:04}"), "ann", "client") }).await;
    }
    let mut left = ids(store, Some("ann"), at(10)).await;
    left.sort_unstable();
    assert_eq!(left, ["a", "b", "c"]);
}

async fn what_was_allowed_is_forgotten_with_a_connection_that_makes_room(place: Place) {
    let store = &*place.open().await;
    approve(store, &Grant { created_at: at(-10), ..grant("oldest", "ann", "other client") }).await;
    approve(store, &grant("bob", "bob", "other client")).await;
    for number in 1..CONNECTIONS_OF_USER {
        approve(store, &grant(&format!("{number}"), "ann", "client")).await;
    }
    let allowed = async |who: &str| first(store.consent(&user(who).id, "other client")).await;
    assert!(allowed("ann").await.is_some());
    approve(store, &grant("one more", "ann", "client")).await;
    assert_eq!(allowed("ann").await, None);
    assert!(allowed("bob").await.is_some());
}

async fn one_browser_too_many_signs_the_oldest_out(place: Place) {
    let store = &*place.open().await;
    let session = |name: &str, who: &str, opened_at: Timestamp| Session {
        hash: hash(name),
        user: user(who),
        encrypted: None,
        opened_at,
        expires_at: at(10_000),
    };
    first(store.open_session(&session("bob", "bob", NOW))).await;
    for number in 0..=SESSIONS_OF_USER {
        first(store.open_session(&session(&format!("s{number}"), "ann", at(number)))).await;
    }
    assert_eq!(first(store.session(hash("s0"), NOW)).await, None);
    for left in ["s1", "bob"] {
        assert!(first(store.session(hash(left), NOW)).await.is_some(), "{left}");
    }
}

async fn a_connection_was_used_when_it_was_touched(place: Place) {
    let store = &*place.open().await;
    let grant = connect(store, "a", "ann", "client").await;
    let used = async || first(store.connections(None, NOW)).await;
    assert_eq!(used().await, [Connection { grant: grant.clone(), used_at: Some(NOW) }]);
    for (touched, noted) in [(at(30), NOW), (at(60), at(60)), (at(119), at(60)), (at(0), at(60)), (at(120), at(120))] {
        first(store.touch("a", touched)).await;
        assert_eq!(used().await, [Connection { grant: grant.clone(), used_at: Some(noted) }], "{touched:?}");
    }
    assert_eq!(rotate(store, "a", "b", at(130)).await, Rotation::Rotated);
    assert_eq!(used().await, [Connection { grant, used_at: Some(at(130)) }]);
    first(store.touch("unknown", NOW)).await;
}

async fn a_grant_is_revoked_by_its_owner_or_by_nobody_in_particular(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b"] {
        connect(store, id, "ann", "client").await;
    }
    assert!(!first(store.revoke("a", Some(&user("bob").id), NOW)).await, "it is not his");
    assert!(!first(store.revoke("c", None, NOW)).await);
    assert!(counts(store, "a", NOW).await);
    assert!(first(store.revoke("a", Some(&user("ann").id), NOW)).await);
    assert!(first(store.revoke("b", None, NOW)).await);
    for id in ["a", "b"] {
        assert!(!first(store.revoke(id, None, NOW)).await, "it is revoked already");
        assert!(!counts(store, id, NOW).await);
        assert_eq!(rotate(store, id, "new", NOW).await, Rotation::Void);
        first(store.touch(id, at(1000))).await;
        assert!(!counts(store, id, NOW).await);
    }
    assert_eq!(ids(store, None, NOW).await, [""; 0]);
}

async fn an_access_token_is_revoked_by_its_client_alone(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    assert!(!first(store.revoke_access(access("a"), "other")).await);
    assert!(!first(store.revoke_access(access("b"), "client")).await);
    assert!(counts(store, "a", NOW).await);
    assert!(first(store.revoke_access(access("a"), "client")).await);
    assert!(!first(store.revoke_access(access("a"), "client")).await);
    assert!(!counts(store, "a", NOW).await);
    assert_eq!(rotate(store, "a", "b", NOW).await, Rotation::Rotated, "the grant goes on");
}

fn keyring() -> Keyring {
    Keyring::parse(&Keyring::new_key(Random::system()).expect("there are random bytes"), torii_mcp::torii::BRAND.server)
        .expect("it is a key")
}

async fn an_encrypted_key_opens_in_its_own_row_only(place: Place) {
    let store = &*place.open().await;
    let keyring = keyring();
    for id in ["a", "b"] {
        let encrypted = keyring.encrypt(&format!("grant {id}"), id.as_bytes()).expect("it can be encrypted");
        approve(store, &Grant { key_source: ApiKeySource::User(encrypted), ..grant(id, "ann", "client") }).await;
        first(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
    }
    let open = async |id: &str| {
        let found = first(store.access(access(id), NOW)).await.expect("the token counts");
        let ApiKeySource::User(encrypted) = found.grant.key_source else { panic!("the key was brought") };
        keyring.decrypt(&format!("grant {id}"), &encrypted)
    };
    assert_eq!((open("a").await, open("b").await), (Ok(b"a".to_vec()), Ok(b"b".to_vec())));
    place.tamper("UPDATE grants SET sealed = (SELECT g.sealed FROM grants g WHERE g.id = 'a') WHERE id = 'b'").await;
    assert_eq!((open("a").await, open("b").await), (Ok(b"a".to_vec()), Err(KeyringError::Broken)));
}

async fn keys_are_encrypted_anew_in_pages(place: Place) {
    let store = &*place.open().await;
    let encrypted = |text: &str| EncryptedKey::from_bytes(text.as_bytes().to_vec());
    for number in 0..230 {
        let key_source = if number % 10 == 0 { ApiKeySource::Identity } else { ApiKeySource::User(encrypted("old")) };
        let who = if number % 2 == 0 { "ann" } else { "bob" };
        approve(store, &Grant { key_source, ..grant(&format!("g{number:03}"), who, "client") }).await;
    }
    assert!(first(store.revoke("g001", None, NOW)).await);
    let mut after = String::new();
    let mut seen = Vec::new();
    loop {
        let page = first(store.encrypted(&after)).await;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        assert!(page.len() < 150, "a page is bounded");
        for (id, old) in page {
            assert_eq!(old, encrypted("old"));
            first(store.reencrypt(&id, &old, &encrypted("new"))).await;
            seen.push(id);
        }
    }
    assert_eq!(seen.len(), 206);
    // it has changed meanwhile
    first(store.reencrypt("g002", &encrypted("old"), &encrypted("late"))).await;
    let mut page = first(store.encrypted("g001")).await.into_iter();
    assert_eq!(page.next(), Some(("g002".to_owned(), encrypted("new"))));
    first(store.reencrypt("g001", &encrypted(""), &encrypted("new"))).await;
    assert_eq!(first(store.encrypted("")).await.first().map(|(id, _)| id.as_str()), Some("g002"), "a revoked grant gets no key");
}

async fn a_revoked_grant_keeps_no_key(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b", "c"] {
        connect(store, id, "ann", "client").await;
    }
    assert!(first(store.revoke("a", None, NOW)).await);
    first(store.redeem(hash("b"), &issue("again", NOW), NOW)).await;
    assert_eq!(rotate(store, "c", "d", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "c", "e", at(100)).await, Rotation::Reused);
    for id in ["a", "b", "c"] {
        let found = first(store.refresh(refresh(id))).await.expect("it is remembered");
        assert_eq!(found.key_source, ApiKeySource::User(EncryptedKey::from_bytes(Vec::new())), "{id}");
    }
}

async fn everything_of_a_user_is_ended_at_once(place: Place) {
    let store = &*place.open().await;
    connect(store, "one", "bob", "client").await;
    connect(store, "other", "ann", "client").await;
    approve(store, &grant("unused", "bob", "client")).await;
    for who in ["bob", "ann"] {
        let session = Session { hash: hash(who), user: user(who), encrypted: None, opened_at: NOW, expires_at: at(60) };
        first(store.open_session(&session)).await;
    }
    assert_eq!(first(store.end(Some(&user("bob").id), NOW)).await, 2, "what was used, and what was not yet");
    assert!(!counts(store, "one", NOW).await && counts(store, "other", NOW).await);
    assert_eq!(first(store.redeem(hash("unused"), &issue("unused", NOW), NOW)).await, Redemption::Void);
    assert_eq!(first(store.session(hash("bob"), NOW)).await, None);
    assert!(first(store.session(hash("ann"), NOW)).await.is_some());
    assert_eq!(first(store.consent(&user("bob").id, "client")).await, None);
    assert!(first(store.consent(&user("ann").id, "client")).await.is_some());
    assert_eq!(first(store.end(None, NOW)).await, 1);
    assert_eq!(first(store.session(hash("ann"), NOW)).await, None);
}

async fn users_are_found_by_all_that_is_kept_of_them(place: Place) {
    let store = &*place.open().await;
    let elsewhere = |id: &str| User { id: id.to_owned(), ..user("ann") };
    let session = Session { hash: hash("1"), user: elsewhere("session"), encrypted: None, opened_at: NOW, expires_at: at(60) };
    first(store.open_session(&session)).await;
    approve(store, &Grant { user: elsewhere("code"), ..grant("a", "ann", "client") }).await;
    connect(store, "b", "ann", "client").await;
    first(store.revoke("b", None, NOW)).await;
    connect(store, "c", "bob", "client").await;
    let keyholder = User { email: None, ..elsewhere("key") };
    approve(store, &Grant { user: keyholder, ..grant("d", "ann", "client") }).await;
    let ids = async |who: &str| first(store.users(who)).await.into_iter().collect::<Vec<_>>();
    assert_eq!(ids("Ann@Example.com").await, ["code", &user("ann").id, "session"]);
    assert_eq!(ids("key").await, ["key"]);
    assert_eq!(ids("eve@example.com").await, [""; 0]);
}

const DAY: i64 = 24 * 3600;

async fn cleaning_removes_what_is_void_and_nothing_else(place: Place) {
    let store = &*place.open().await;
    // void after 60 seconds: a code with its grant, something spent, a session, a registration
    approve(store, &grant("unused", "ann", "client")).await;
    first(store.consume_once(hash("spent"), at(60))).await;
    first(store.register(&registration("client", "client", 60))).await;
    let session = Session { hash: hash("s"), user: user("ann"), encrypted: None, opened_at: NOW, expires_at: at(60) };
    first(store.open_session(&session)).await;
    // void after an hour and a day: tokens; thirty days after that: grants, one of them revoked before
    connect(store, "used", "bob", "other").await;
    connect(store, "revoked", "cat", "other").await;
    assert!(first(store.revoke("revoked", None, NOW)).await);

    let clean = async |seconds| first(store.clean(at(seconds), 10)).await;
    assert_eq!(clean(0).await, 2, "the tokens of the grant that was revoked");
    assert_eq!(clean(59).await, 0);
    // two codes that were redeemed, one that was not, its grant and consent
    assert_eq!(clean(60).await, 3 + 1 + 1 + 3);
    assert_eq!(clean(60).await, 0);
    assert_eq!(first(store.code(hash("unused"))).await, None);
    assert_eq!(first(store.consent(&user("ann").id, "client")).await, None);
    assert!(first(store.consume_once(hash("spent"), at(120))).await);
    assert!(counts(store, "used", at(60)).await);
    assert_eq!(clean(3599).await, 1);
    assert_eq!(clean(3600).await, 1);
    assert_eq!(rotate(store, "used", "next", at(3600)).await, Rotation::Rotated);
    assert_eq!(clean(DAY).await, 2, "a refresh token, and an access token");
    assert_eq!(clean(DAY + 3600).await, 1);
    assert_eq!(clean(30 * DAY - 1).await, 0);
    assert_eq!(first(store.consent(&user("cat").id, "other")).await, None, "forgotten when it was revoked");
    assert_eq!(clean(30 * DAY).await, 1, "the grant that was revoked");
    assert_eq!(clean(31 * DAY + 3599).await, 0);
    assert_eq!(first(store.consent(&user("bob").id, "other")).await, Some(scopes("torii:write")));
    assert_eq!(clean(31 * DAY + 3600).await, 2);
    assert_eq!(first(store.consent(&user("bob").id, "other")).await, None);
    for table in ["spent", "sessions", "registrations", "grants", "codes", "access_tokens", "refresh_tokens", "consents"] {
        place
            .tamper(&format!(
                "CREATE TABLE was_{table} AS SELECT 1 / (1 - COUNT(*)) AS quotient FROM {table} HAVING COUNT(*) > 0"
            ))
            .await;
    }
}

async fn a_table_that_cannot_be_cleaned_keeps_nothing_else(place: Place) {
    let store = &*place.open().await;
    let session = Session { hash: hash("s"), user: user("ann"), encrypted: None, opened_at: NOW, expires_at: at(60) };
    first(store.open_session(&session)).await;
    first(store.register(&registration("client", "client", 60))).await;
    place.tamper("ALTER TABLE spent RENAME TO gone; ALTER TABLE codes RENAME TO gone_too").await;
    let failed = store.clean(at(60), 10).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert_eq!(first(store.session(session.hash, NOW)).await, None);
    assert_eq!(first(store.registration("client", NOW)).await, None);
}

async fn scopes_that_are_not_defined_any_more_allow_nothing(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    place.tamper("UPDATE grants SET scopes = 'torii:read torii:write torii:fly'").await;
    place.tamper("UPDATE access_tokens SET scopes = 'torii:read torii:fly'; UPDATE consents SET scopes = 'torii:fly'").await;
    let found = first(store.access(access("a"), NOW)).await.expect("the token is valid");
    assert_eq!((found.scopes, found.grant.scopes), (scopes("torii:read"), scopes("torii:write")));
    assert_eq!(first(store.consent(&user("ann").id, "client")).await, Some(scopes("")));
}

async fn damaged_rows_are_found(place: Place) {
    let store = &*place.open().await;
    let session = Session { hash: hash("s"), user: user("ann"), encrypted: None, opened_at: NOW, expires_at: at(60) };
    for (damage, table, column) in [
        ("UPDATE grants SET person = '{}'", "grants", "person"),
        ("UPDATE grants SET person_id = 'somebody else'", "grants", "person_id"),
        ("UPDATE grants SET holder = 'anybody'", "grants", "holder"),
        ("UPDATE grants SET holder = 'identity'", "grants", "sealed"),
        ("UPDATE grants SET sealed = NULL", "grants", "sealed"),
        ("UPDATE codes SET challenge = 'short'", "codes", "challenge"),
        ("UPDATE sessions SET person = 'ann'", "sessions", "person"),
        ("UPDATE registrations SET metadata = '{'", "registrations", "metadata"),
    ] {
        place.tamper("DELETE FROM grants; DELETE FROM sessions; DELETE FROM registrations; DELETE FROM codes").await;
        place.tamper("DELETE FROM access_tokens; DELETE FROM refresh_tokens; DELETE FROM consents").await;
        connect(store, "a", "ann", "client").await;
        first(store.open_session(&session)).await;
        first(store.register(&registration("client", "client", 60))).await;
        place.tamper(damage).await;
        let read = match table {
            "codes" => store.code(hash("a")).await.map(drop),
            "sessions" => store.session(hash("s"), NOW).await.map(drop),
            "registrations" => store.registration("client", NOW).await.map(drop),
            _ => store.access(access("a"), NOW).await.map(drop),
        };
        let found = matches!(&read, Err(Error::Damaged { table: t, column: c }) if (*t, *c) == (table, column));
        assert!(found, "{damage}: {read:?}");
        first(store.check()).await;
    }
}

async fn a_store_that_a_newer_program_wrote_is_not_opened(place: Place) {
    place.open().await;
    place
        .tamper("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, '', true, '', 0)")
        .await;
    let error = store::open(&place.at, definitions()).await.expect_err("the store does not open").to_string();
    assert!(error.contains("a newer version of this program wrote it (migration 9999)"), "{error}");
    place.tamper("DELETE FROM _sqlx_migrations WHERE version = 9999; UPDATE _sqlx_migrations SET checksum = ''").await;
    let error = store::open(&place.at, definitions()).await.expect_err("the store does not open").to_string();
    assert!(error.contains("migration 1 of it is not the one of this program"), "{error}");
}

async fn a_store_opens_many_times_at_once(place: Place) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let at: StoreAt = place.at.clone();
        tasks.spawn(async move { store::open(&at, definitions()).await.map(drop) });
    }
    for opened in tasks.join_all().await {
        opened.expect("the store opens");
    }
    tokio::time::timeout(Duration::from_mins(1), place.open()).await.expect("no lock is left");
}

async fn a_text_may_hold_anything(place: Place) {
    let store = &*place.open().await;
    let odd = "'; DROP TABLE grants; -- \u{0} \u{202e} 🦀 $1 %s \\";
    let kept = odd.replace('\u{0}', "\u{fffd}");
    let mut asked = grant("a", "ann", odd);
    asked.client_name = odd.to_owned();
    approve(store, &asked).await;
    let (_, found) = first(store.code(hash("a"))).await.expect("it is kept");
    assert_eq!((found.client_name, found.client_id), (kept.clone(), kept));
    assert_eq!(first(store.registration(odd, NOW)).await, None);
    assert!(first(store.consent(&asked.user.id, odd)).await.is_some());
}
