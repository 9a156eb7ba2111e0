//! Everything else that a store does.

use std::time::Duration;

use mcp_http::token::Random;
use mcp_oauth_server::{
    keyring::{EncryptedKey, Error as KeyringError, Keyring},
    store::{
        self, AccessToken, ApiKeySource, Approval, ConsentKey, Error, Grant, Registration, Rotation, Session, StoreAt, User,
    },
};

use super::{
    NOW, Place, access, approve, approve_with, at, code, connect, consent, consent_of, contract, counts, grant, hash, issue, ok,
    refresh, rotate, session, user,
};
use crate::support::rights::{definitions, scopes};

contract! {
    what_is_settled_stays
    the_same_registration_is_the_same_client
    a_registration_is_forgotten_unless_a_grant_stands_on_it
    of_clients_without_a_grant_those_that_expire_first_go
    a_session_lasts_until_it_expires_or_is_closed
    what_was_allowed_last_is_remembered
    what_was_allowed_is_remembered_for_one_redirect_uri_and_one_resource
    an_approval_is_kept_as_a_whole_or_not_at_all
    an_approval_for_a_client_that_is_forgotten_keeps_nothing
    a_code_and_its_grant_come_back_as_they_were
    an_access_token_tells_its_grant_and_never_more_than_it
    a_client_that_acts_for_itself_has_one_grant
    an_encrypted_key_opens_in_its_own_row_only
    keys_are_encrypted_anew_in_pages
    a_revoked_grant_keeps_no_key
    users_are_found_by_all_that_is_kept_of_them
    cleaning_removes_what_is_void_and_nothing_else
    a_table_that_cannot_be_cleaned_keeps_nothing_else
    damaged_rows_are_found
    scopes_that_are_not_defined_any_more_allow_nothing
    a_store_that_a_newer_program_wrote_is_not_opened
    a_store_opens_many_times_at_once
    a_text_may_hold_anything
}

async fn what_is_settled_stays(place: Place) {
    let store = &*place.open().await;
    assert_eq!(ok(store.get_or_insert("keyring", b"\x00one")).await, b"\x00one");
    assert_eq!(ok(store.get_or_insert("keyring", b"two")).await, b"\x00one");
    assert_eq!(ok(store.get_or_insert("other", b"")).await, b"");
    assert_eq!(ok(place.open().await.get_or_insert("keyring", b"three")).await, b"\x00one");
    ok(store.check()).await;
}

fn registration(id: &str, digest: &str, expires_at: i64) -> Registration {
    let metadata = format!(r#"{{"client_name":"{id} \u0000 é"}}"#);
    Registration { id: id.to_owned(), digest: hash(digest), metadata, created_at: NOW, expires_at: at(expires_at) }
}

async fn the_same_registration_is_the_same_client(place: Place) {
    let store = &*place.open().await;
    let a = registration("a", "same", 100);
    assert_eq!(ok(store.register(&a)).await, a);
    assert_eq!(ok(store.registration("a", at(99))).await, Some(a.clone()));
    // another id, since each is made anew
    let later = Registration { expires_at: at(200), ..a.clone() };
    assert_eq!(ok(store.register(&registration("b", "same", 200))).await, later);
    assert_eq!(ok(store.register(&registration("c", "same", 50))).await, later);
    for unknown in ["b", "c", "A", ""] {
        assert_eq!(ok(store.registration(unknown, NOW)).await, None, "{unknown:?}");
    }
}

async fn a_registration_is_forgotten_unless_a_grant_stands_on_it(place: Place) {
    let store = &*place.open().await;
    for id in ["unused", "approved", "used"] {
        ok(store.register(&registration(id, id, 100))).await;
    }
    let approved = grant("g", "ann", "approved");
    ok(approve_with(store, &approved, &code(&approved), Some(at(150)))).await;
    connect(store, "h", "ann", "used").await;
    let known = |now| async move {
        let mut known = Vec::new();
        for id in ["unused", "approved", "used"] {
            known.extend(ok(store.registration(id, at(now))).await.map(|_| id));
        }
        known
    };
    assert_eq!(known(99).await, ["unused", "approved", "used"]);
    assert_eq!(known(100).await, ["approved", "used"]);
    assert_eq!(known(150).await, ["used"]);
    ok(store.clean(at(150), 10)).await;
    assert_eq!(known(99).await, ["used"]);
    assert_eq!(known(24 * 3600).await, [""; 0], "its last token is void then");
}

async fn of_clients_without_a_grant_those_that_expire_first_go(place: Place) {
    let store = &*place.open().await;
    ok(store.register(&registration("used", "used", 1))).await;
    approve(store, &grant("g", "ann", "used")).await;
    for (id, expires_at) in [("c", 30), ("a", 10), ("b", 20), ("d", 40), ("e", 5)] {
        ok(store.register(&registration(id, id, expires_at))).await;
    }
    let known = async || {
        let mut known = Vec::new();
        for id in ["used", "a", "b", "c", "d", "e"] {
            known.extend(ok(store.registration(id, NOW)).await.map(|_| id));
        }
        known
    };
    assert_eq!(known().await, ["used", "a", "b", "c", "d", "e"], "until it is cleaned");
    assert_eq!(ok(store.clean(NOW, 3)).await, 2);
    assert_eq!(known().await, ["used", "b", "c", "d"]);
    assert_eq!(ok(store.registration_of(hash("d"))).await.map(|kept| kept.id), Some("d".to_owned()));
    assert_eq!(ok(store.registration_of(hash("e"))).await, None);
}

async fn a_session_lasts_until_it_expires_or_is_closed(place: Place) {
    let store = &*place.open().await;
    let session = |name: &str, encrypted: Option<&[u8]>| Session {
        encrypted: encrypted.map(|bytes| EncryptedKey::from_bytes(bytes.to_vec())),
        expires_at: at(100),
        ..session(name, name)
    };
    let (a, b) = (session("a", Some(b"\x00\xff")), session("b", None));
    ok(store.open_session(&a)).await;
    ok(store.open_session(&b)).await;
    assert_eq!(ok(store.session(a.hash, at(99))).await, Some(a.clone()));
    assert_eq!(ok(store.session(b.hash, at(99))).await, Some(b.clone()));
    assert_eq!(ok(store.session(a.hash, at(100))).await, None);
    ok(store.close_session(a.hash)).await;
    ok(store.close_session(a.hash)).await;
    assert_eq!(ok(store.session(a.hash, NOW)).await, None);
    assert_eq!(ok(store.session(b.hash, NOW)).await, Some(b));
}

async fn what_was_allowed_last_is_remembered(place: Place) {
    let store = &*place.open().await;
    let grant = grant("a", "ann", "client");
    approve(store, &grant).await;
    assert_eq!(consent_of(store, &grant.user, "client").await, Some(scopes("api:write")));
    let grant = Grant { id: "b".to_owned(), scopes: scopes("api:read"), ..grant };
    approve(store, &grant).await;
    assert_eq!(consent_of(store, &grant.user, "client").await, Some(scopes("api:read")));
    assert_eq!(consent_of(store, &grant.user, "other").await, None);
    assert_eq!(consent(store, "bob", "client").await, None);
}

async fn what_was_allowed_is_remembered_for_one_redirect_uri_and_one_resource(place: Place) {
    let store = &*place.open().await;
    let grant = connect(store, "a", "ann", "client").await;
    let same =
        ConsentKey { user_id: &grant.user.id, client_id: "client", redirect_uri: &grant.redirect_uri, resource: &grant.resource };
    let (uri, part) = ("https://claude.ai/other", "https://mcp.example/mcp/read-only");
    assert_eq!(ok(store.consent(same)).await, Some(scopes("api:write")));
    for other in [ConsentKey { redirect_uri: uri, ..same }, ConsentKey { resource: part, ..same }] {
        assert_eq!(ok(store.consent(other)).await, None, "{other:?}");
    }
    assert!(ok(store.has_consented(&grant.user.id, "client", &grant.redirect_uri)).await);
    assert!(!ok(store.has_consented(&grant.user.id, "client", uri)).await);
    let second = Grant { redirect_uri: uri.to_owned(), scopes: scopes("api:read"), ..grant.clone() };
    approve(store, &Grant { id: "b".to_owned(), ..second }).await;
    assert_eq!(ok(store.consent(ConsentKey { redirect_uri: uri, ..same })).await, Some(scopes("api:read")));
    // each is forgotten with its own connection
    assert!(ok(store.revoke("b", None, NOW)).await);
    assert_eq!(ok(store.consent(ConsentKey { redirect_uri: uri, ..same })).await, None);
    assert_eq!(ok(store.consent(same)).await, Some(scopes("api:write")));
}

async fn an_approval_is_kept_as_a_whole_or_not_at_all(place: Place) {
    let store = &*place.open().await;
    approve(store, &grant("a", "ann", "client")).await;
    let other = grant("b", "bob", "client");
    let mut taken = code(&other);
    taken.hash = hash("a");
    let failed = approve_with(store, &other, &taken, None).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert_eq!(consent_of(store, &other.user, "client").await, None);
    approve(store, &other).await;
}

async fn an_approval_for_a_client_that_is_forgotten_keeps_nothing(place: Place) {
    let store = &*place.open().await;
    ok(store.register(&registration("client", "client", 100))).await;
    assert_eq!(ok(store.clean(NOW, 0)).await, 1);
    let grant = grant("a", "ann", "client");
    assert_eq!(ok(approve_with(store, &grant, &code(&grant), Some(at(1000)))).await, Approval::UnknownClient);
    assert_eq!(ok(store.code(hash("a"))).await, None);
    assert_eq!(consent_of(store, &grant.user, "client").await, None);
    ok(store.register(&registration("client", "client", 100))).await;
    let approval = ok(approve_with(store, &grant, &code(&grant), Some(at(1000)))).await;
    assert_eq!(approval, Approval::Stored, "once it has registered again");
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
        grant.requested_scopes = definitions().text(grant.scopes);
        approve(store, &grant).await;
        assert_eq!(ok(store.code(hash(id))).await, Some((code(&grant), grant)));
    }
    assert_eq!(ok(store.code(hash("d"))).await, None);
    let redeemed = connect(store, "e", "ann", "client").await;
    assert_eq!(ok(store.code(hash("e"))).await.map(|(_, grant)| grant), Some(redeemed.clone()));
    assert_eq!(ok(store.refresh(refresh("e"))).await, Some(redeemed));
    assert_eq!(ok(store.refresh(refresh("a"))).await, None, "no token was issued");
}

async fn an_access_token_tells_its_grant_and_never_more_than_it(place: Place) {
    let store = &*place.open().await;
    let grant = connect(store, "a", "ann", "client").await;
    let expected =
        AccessToken { grant: grant.clone(), scopes: scopes("api:read"), resource: grant.resource.clone(), expires_at: at(3600) };
    assert_eq!(ok(store.access(access("a"), at(3599))).await, Some(expected.clone()));
    assert_eq!(ok(store.access(access("a"), at(3600))).await, None);
    assert_eq!(ok(store.access(access("b"), NOW)).await, None);
    assert_eq!(ok(store.access(refresh("a"), NOW)).await, None, "a refresh token is none");
    let mut tokens = issue("b", NOW);
    tokens.scopes = definitions().all();
    "https://mcp.example/mcp/read-only".clone_into(&mut tokens.resource);
    assert_eq!(ok(store.rotate(refresh("a"), &tokens, NOW)).await, Rotation::Rotated);
    let of_part = AccessToken { scopes: grant.scopes, resource: tokens.resource.clone(), ..expected };
    assert_eq!(ok(store.access(access("b"), NOW)).await, Some(of_part));
}

async fn a_client_that_acts_for_itself_has_one_grant(place: Place) {
    let store = &*place.open().await;
    let asked = |id: &str, scopes| Grant { key_source: ApiKeySource::Client, scopes, ..grant(id, "robot", "robot") };
    ok(store.open_for_client(&asked("a", scopes("api:write")), access("1"), "https://mcp.example/mcp", at(100))).await;
    ok(store.open_for_client(&asked("b", scopes("api:read")), access("2"), "https://mcp.example/mcp?toolsets=a", at(200))).await;
    for (token, scope, seconds, part) in [("1", scopes("api:write"), 99, ""), ("2", scopes("api:read"), 199, "?toolsets=a")] {
        let found = ok(store.access(access(token), at(seconds))).await.expect("the token counts");
        assert_eq!(found.resource, format!("{}{part}", found.grant.resource), "tokens for parts do not change each other");
        assert_eq!((found.grant.id.as_str(), found.scopes), ("a", scope));
    }
    assert_eq!(ok(store.connections(None, at(199))).await.len(), 1);
    assert!(ok(store.revoke("a", None, NOW)).await);
    assert!(!counts(store, "1", NOW).await);
    ok(store.open_for_client(&asked("c", scopes("api:read")), access("3"), "https://mcp.example/mcp", at(100))).await;
    let found = ok(store.access(access("3"), NOW)).await.expect("the token counts");
    assert_eq!((found.grant.id.as_str(), found.grant.scopes), ("c", scopes("api:read")));
    assert!(ok(store.access(hash("1 access"), NOW)).await.is_none(), "what was revoked stays so");
}

fn keyring() -> Keyring {
    Keyring::parse(&Keyring::new_key(Random::system()).expect("there are random bytes"), "pets-mcp").expect("it is a key")
}

async fn an_encrypted_key_opens_in_its_own_row_only(place: Place) {
    let store = &*place.open().await;
    let keyring = keyring();
    for id in ["a", "b"] {
        let encrypted = keyring.encrypt(&format!("grant {id}"), id.as_bytes()).expect("it can be encrypted");
        approve(store, &Grant { key_source: ApiKeySource::User(encrypted), ..grant(id, "ann", "client") }).await;
        ok(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
    }
    let open = async |id: &str| {
        let found = ok(store.access(access(id), NOW)).await.expect("the token counts");
        let ApiKeySource::User(encrypted) = found.grant.key_source else { panic!("the key was brought") };
        keyring.decrypt(&format!("grant {id}"), &encrypted).map(|plain| plain.to_vec())
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
    assert!(ok(store.revoke("g001", None, NOW)).await);
    let mut after = String::new();
    let mut seen = Vec::new();
    loop {
        let page = ok(store.encrypted(&after)).await;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        assert!(page.len() < 150, "a page is bounded");
        for (id, old) in page {
            assert_eq!(old, encrypted("old"));
            ok(store.reencrypt(&id, &old, &encrypted("new"))).await;
            seen.push(id);
        }
    }
    assert_eq!(seen.len(), 206);
    // it has changed meanwhile
    ok(store.reencrypt("g002", &encrypted("old"), &encrypted("late"))).await;
    let mut page = ok(store.encrypted("g001")).await.into_iter();
    assert_eq!(page.next(), Some(("g002".to_owned(), encrypted("new"))));
    ok(store.reencrypt("g001", &encrypted(""), &encrypted("new"))).await;
    assert_eq!(ok(store.encrypted("")).await.first().map(|(id, _)| id.as_str()), Some("g002"), "a revoked grant gets no key");
}

async fn a_revoked_grant_keeps_no_key(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b", "c"] {
        connect(store, id, "ann", "client").await;
    }
    assert!(ok(store.revoke("a", None, NOW)).await);
    ok(store.redeem(hash("b"), &issue("again", NOW), NOW)).await;
    assert_eq!(rotate(store, "c", "d", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "c", "e", at(100)).await, Rotation::Reused);
    for id in ["a", "b", "c"] {
        let found = ok(store.refresh(refresh(id))).await.expect("it is remembered");
        assert_eq!(found.key_source, ApiKeySource::User(EncryptedKey::from_bytes(Vec::new())), "{id}");
    }
}

async fn users_are_found_by_all_that_is_kept_of_them(place: Place) {
    let store = &*place.open().await;
    let elsewhere = |id: &str| User { id: id.to_owned(), ..user("ann") };
    let session = Session { user: elsewhere("session"), ..session("1", "ann") };
    ok(store.open_session(&session)).await;
    approve(store, &Grant { user: elsewhere("code"), ..grant("a", "ann", "client") }).await;
    connect(store, "b", "ann", "client").await;
    ok(store.revoke("b", None, NOW)).await;
    connect(store, "c", "bob", "client").await;
    let keyholder = User { email: None, ..elsewhere("key") };
    approve(store, &Grant { user: keyholder, ..grant("d", "ann", "client") }).await;
    let ids = async |who: &str| ok(store.users(who)).await.into_iter().collect::<Vec<_>>();
    assert_eq!(ids("Ann@Example.com").await, ["code", &user("ann").id, "session"]);
    assert_eq!(ids("key").await, ["key"]);
    assert_eq!(ids("eve@example.com").await, [""; 0]);
}

const DAY: i64 = 24 * 3600;

async fn cleaning_removes_what_is_void_and_nothing_else(place: Place) {
    let store = &*place.open().await;
    // void after 60 seconds: a code with its grant, something spent, a session, a registration
    approve(store, &grant("unused", "ann", "client")).await;
    ok(store.consume_once(hash("spent"), at(60))).await;
    ok(store.register(&registration("client", "client", 60))).await;
    let session = session("s", "ann");
    ok(store.open_session(&session)).await;
    // void after an hour and a day: tokens; thirty days after that: grants, one of them revoked before
    connect(store, "used", "bob", "other").await;
    connect(store, "revoked", "cat", "other").await;
    assert!(ok(store.revoke("revoked", None, NOW)).await);

    let clean = async |seconds| ok(store.clean(at(seconds), 10)).await;
    assert_eq!(clean(0).await, 2, "the tokens of the grant that was revoked");
    assert_eq!(clean(59).await, 0);
    // two codes that were redeemed, one that was not, its grant and consent
    assert_eq!(clean(60).await, 3 + 1 + 1 + 3);
    assert_eq!(clean(60).await, 0);
    assert_eq!(ok(store.code(hash("unused"))).await, None);
    assert_eq!(consent(store, "ann", "client").await, None);
    assert!(ok(store.consume_once(hash("spent"), at(120))).await);
    assert!(counts(store, "used", at(60)).await);
    assert_eq!(clean(3599).await, 1);
    assert_eq!(clean(3600).await, 1);
    assert_eq!(rotate(store, "used", "next", at(3600)).await, Rotation::Rotated);
    assert_eq!(clean(DAY).await, 2, "a refresh token, and an access token");
    assert_eq!(clean(DAY + 3600).await, 1);
    assert_eq!(clean(30 * DAY - 1).await, 0);
    assert_eq!(consent(store, "cat", "other").await, None, "forgotten when it was revoked");
    assert_eq!(clean(30 * DAY).await, 1, "the grant that was revoked");
    assert_eq!(clean(31 * DAY + 3599).await, 0);
    assert_eq!(consent(store, "bob", "other").await, Some(scopes("api:write")));
    assert_eq!(clean(31 * DAY + 3600).await, 2);
    assert_eq!(consent(store, "bob", "other").await, None);
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
    let session = session("s", "ann");
    ok(store.open_session(&session)).await;
    ok(store.register(&registration("client", "client", 60))).await;
    place.tamper("ALTER TABLE spent RENAME TO gone; ALTER TABLE codes RENAME TO gone_too").await;
    let failed = store.clean(at(60), 10).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert_eq!(ok(store.session(session.hash, NOW)).await, None);
    assert_eq!(ok(store.registration("client", NOW)).await, None);
}

async fn scopes_that_are_not_defined_any_more_allow_nothing(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    place.tamper("UPDATE grants SET scopes = 'api:read api:write api:fly'").await;
    place.tamper("UPDATE access_tokens SET scopes = 'api:read api:fly'; UPDATE consents SET scopes = 'api:fly'").await;
    let found = ok(store.access(access("a"), NOW)).await.expect("the token is valid");
    assert_eq!((found.scopes, found.grant.scopes), (scopes("api:read"), scopes("api:write")));
    assert_eq!(consent(store, "ann", "client").await, Some(scopes("")));
}

async fn damaged_rows_are_found(place: Place) {
    let store = &*place.open().await;
    let session = session("s", "ann");
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
        ok(store.open_session(&session)).await;
        ok(store.register(&registration("client", "client", 60))).await;
        place.tamper(damage).await;
        let read = match table {
            "codes" => store.code(hash("a")).await.map(drop),
            "sessions" => store.session(hash("s"), NOW).await.map(drop),
            "registrations" => store.registration("client", NOW).await.map(drop),
            _ => store.access(access("a"), NOW).await.map(drop),
        };
        let found = matches!(&read, Err(Error::Damaged { table: t, column: c }) if (*t, *c) == (table, column));
        assert!(found, "{damage}: {read:?}");
        ok(store.check()).await;
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
    let (_, found) = ok(store.code(hash("a"))).await.expect("it is kept");
    assert_eq!((found.client_name, found.client_id), (kept.clone(), kept));
    assert_eq!(ok(store.registration(odd, NOW)).await, None);
    assert!(consent_of(store, &asked.user, odd).await.is_some());
}
