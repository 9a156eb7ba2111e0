//! The connections and sessions of users: how many, in which order, and how they end.

use mcp_http::clock::Timestamp;
use mcp_oauth_server::store::{
    Approval, CONNECTIONS_OF_APP, CONNECTIONS_OF_USER, Connection, Ended, Grant, Redemption, Rotation, SESSIONS_OF_USER, Session,
    SignedOut, Store,
};

use super::{
    NOW, Place, access, approve, at, code, connect, consent, contract, counts, grant, hash, issue, ok, rotate, session, user,
};

contract! {
    everything_of_a_user_is_ended_at_once
    connections_are_those_that_count_the_newest_first
    one_connection_too_many_ends_the_one_that_was_unused_longest
    codes_that_are_redeemed_late_make_no_more_connections_of_an_app
    one_connection_too_many_of_an_app_ends_its_one_that_was_unused_longest
    a_user_whom_the_provider_signs_out_has_no_session_and_if_so_configured_no_connection
    a_sign_in_that_began_before_its_sign_out_is_told
    approvals_whose_code_was_not_redeemed_end_no_connection
    what_was_allowed_is_forgotten_with_a_connection_that_makes_room
    one_browser_too_many_signs_the_oldest_out
    a_connection_was_used_when_it_was_touched
    a_grant_is_revoked_by_its_owner_or_by_nobody_in_particular
    an_access_token_is_revoked_by_its_client_alone
    nothing_is_allowed_in_a_session_that_is_over
}

async fn ids(store: &dyn Store, who: Option<&str>, now: Timestamp) -> Vec<String> {
    let who = who.map(|who| user(who).id);
    ok(store.connections(who.as_deref(), now)).await.into_iter().map(|connection| connection.grant.id).collect()
}

async fn connections_are_those_that_count_the_newest_first(place: Place) {
    let store = &*place.open().await;
    for (id, who, age) in [("a", "ann", 1), ("b", "bob", 0), ("c", "ann", 3), ("d", "ann", 2), ("e", "ann", 4)] {
        let grant = Grant { created_at: at(-age), ..grant(id, who, "client") };
        approve(store, &grant).await;
        if id != "d" {
            ok(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
        }
    }
    assert!(ok(store.revoke("e", None, NOW)).await);
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
        approve(store, &grant(&id, "ann", &format!("client {}", number / 10))).await;
        ok(store.redeem(hash(&id), &issue(&id, NOW), NOW)).await;
        ok(store.touch(&id, at(if number == 7 { 60 } else { 120 }))).await;
    }
    assert_eq!(ids(store, Some("ann"), at(200)).await.len(), most);
    let new = Grant { created_at: at(200), ..grant("new", "ann", "client") };
    approve(store, &new).await;
    ok(store.redeem(hash("new"), &issue("new", at(200)), at(200))).await;
    let left = ids(store, Some("ann"), at(200)).await;
    assert_eq!((left.len(), left.first().map(String::as_str)), (most, Some("new")));
    assert!(!left.contains(&"0007".to_owned()) && ids(store, Some("bob"), at(200)).await == ["other"]);
    // what is dead goes first
    assert!(ok(store.revoke("0100", None, at(201))).await);
    approve(store, &Grant { created_at: at(202), ..grant("newer", "ann", "client") }).await;
    assert_eq!(ids(store, Some("ann"), at(202)).await.len(), most - 1);
}

async fn one_connection_too_many_of_an_app_ends_its_one_that_was_unused_longest(place: Place) {
    let store = &*place.open().await;
    let most = usize::try_from(CONNECTIONS_OF_APP).expect("it is positive");
    let others = [
        grant("of bob", "bob", "client"),
        grant("of another client", "ann", "other client"),
        Grant { redirect_uri: "https://other.example/cb".to_owned(), ..grant("elsewhere", "ann", "client") },
        Grant { resource: "https://mcp.example/mcp/read-only".to_owned(), ..grant("of a part", "ann", "client") },
    ];
    let numbered: Vec<_> = (0..=most).map(|number| grant(&format!("{number:02}"), "ann", "client")).collect();
    for grant in others.iter().chain(&numbered[..most]) {
        approve(store, grant).await;
        ok(store.redeem(hash(&grant.id), &issue(&grant.id, NOW), NOW)).await;
        ok(store.touch(&grant.id, at(if grant.id == "03" { 60 } else { 120 }))).await;
    }
    approve(store, &numbered[most]).await;
    assert_eq!(ids(store, Some("ann"), at(200)).await.len(), most + 3, "what was not redeemed yet ends nothing");
    ok(store.redeem(hash("10"), &issue("10", NOW), NOW)).await;
    let mut left = ids(store, Some("ann"), at(200)).await;
    left.sort_unstable();
    let expected = ["00", "01", "02", "04", "05", "06", "07", "08", "09", "10", "elsewhere", "of a part", "of another client"];
    assert_eq!(left, expected);
    assert_eq!(ids(store, Some("bob"), at(200)).await, ["of bob"]);
}

async fn codes_that_are_redeemed_late_make_no_more_connections_of_an_app(place: Place) {
    let store = &*place.open().await;
    let all: Vec<_> = (0..25).map(|number| grant(&format!("{number:02}"), "ann", "client")).collect();
    for grant in &all {
        approve(store, grant).await;
    }
    for grant in &all {
        ok(store.redeem(hash(&grant.id), &issue(&grant.id, NOW), NOW)).await;
    }
    let most = usize::try_from(CONNECTIONS_OF_APP).expect("it is positive");
    assert_eq!(ids(store, Some("ann"), NOW).await.len(), most);
}

async fn a_user_whom_the_provider_signs_out_has_no_session_and_if_so_configured_no_connection(place: Place) {
    let store = &*place.open().await;
    let provider_session = |name: &str| Some(name.to_owned());
    for (id, who, of) in [("a1", "ann", "s1"), ("a2", "ann", "s2"), ("b", "bob", "s3")] {
        let session = Session { provider_session: provider_session(of), ..session(id, who) };
        ok(store.open_session(&session)).await;
        approve(store, &Grant { provider_session: provider_session(of), ..grant(id, who, "client") }).await;
        ok(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
    }
    let left = async || {
        let mut sessions = Vec::new();
        for id in ["a1", "a2", "b"] {
            sessions.push(ok(store.session(hash(id), NOW)).await.is_some());
        }
        let mut connections = ids(store, None, NOW).await;
        connections.sort_unstable();
        (sessions, connections.join(" "))
    };
    let sign_out = async |token: &str, who: SignedOut<'_>, ends_grants: bool| {
        let ended = ok(store.sign_out((hash(token), at(100)), who, ends_grants, NOW)).await;
        ended.map(|Ended { sessions, grants }| (sessions, grants))
    };
    assert_eq!(sign_out("1", SignedOut::Session("s1", None), false).await, Some((1, 0)));
    assert_eq!(sign_out("1", SignedOut::User(&user("bob").id), true).await, None, "a token counts once, whatever it says");
    assert_eq!(left().await, (vec![false, true, true], "a1 a2 b".to_owned()));
    assert_eq!(sign_out("2", SignedOut::Session("s1", None), true).await, Some((0, 1)));
    assert_eq!(left().await, (vec![false, true, true], "a2 b".to_owned()));
    assert_eq!(sign_out("3", SignedOut::User(&user("ann").id), true).await, Some((1, 1)));
    assert_eq!(left().await, (vec![false, false, true], "b".to_owned()));
    assert_eq!(sign_out("4", SignedOut::User("nobody"), true).await, Some((0, 0)));
    // where it is not known in which session at the provider they signed in
    ok(store.open_session(&session("b2", "bob"))).await;
    connect(store, "b2", "bob", "other client").await;
    assert_eq!(sign_out("5", SignedOut::Session("s9", Some(&user("bob").id)), true).await, Some((1, 1)));
    assert_eq!(left().await, (vec![false, false, true], "b".to_owned()), "that of another session stays");
}

async fn a_sign_in_that_began_before_its_sign_out_is_told(place: Place) {
    let store = &*place.open().await;
    let (ann, bob) = (user("ann").id, user("bob").id);
    let was_signed_out = async |who: &str, session: Option<&str>, since| ok(store.was_signed_out(who, session, at(since))).await;
    let sign_out = async |token: &str, who: SignedOut<'_>| {
        assert!(ok(store.sign_out((hash(token), at(100)), who, false, NOW)).await.is_some());
    };
    for session in [None, Some("s1")] {
        assert!(!was_signed_out(&ann, session, 0).await);
    }
    sign_out("1", SignedOut::User(&ann)).await;
    for session in [None, Some("s1")] {
        assert!(was_signed_out(&ann, session, 0).await, "in whatever session");
        assert!(!was_signed_out(&ann, session, 1).await, "whoever begins later is not meant");
        assert!(!was_signed_out(&bob, session, 0).await);
    }
    sign_out("2", SignedOut::Session("s2", Some(&bob))).await;
    assert!(was_signed_out(&bob, Some("s2"), 1).await, "a session never begins again");
    assert!(!was_signed_out(&bob, Some("s3"), 0).await);
    assert!(was_signed_out(&bob, None, 0).await && !was_signed_out(&bob, None, 1).await);
}

async fn approvals_whose_code_was_not_redeemed_end_no_connection(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b", "c"] {
        approve(store, &grant(id, "ann", "client")).await;
        ok(store.redeem(hash(id), &issue(id, NOW), NOW)).await;
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
    let allowed = async |who: &str| consent(store, who, "other client").await;
    assert!(allowed("ann").await.is_some());
    approve(store, &grant("one more", "ann", "client")).await;
    assert_eq!(allowed("ann").await, None);
    assert!(allowed("bob").await.is_some());
}

async fn one_browser_too_many_signs_the_oldest_out(place: Place) {
    let store = &*place.open().await;
    let session =
        |name: &str, who: &str, opened_at: Timestamp| Session { opened_at, expires_at: at(10_000), ..session(name, who) };
    ok(store.open_session(&session("bob", "bob", NOW))).await;
    for number in 0..=SESSIONS_OF_USER {
        ok(store.open_session(&session(&format!("s{number}"), "ann", at(number)))).await;
    }
    assert_eq!(ok(store.session(hash("s0"), NOW)).await, None);
    for left in ["s1", "bob"] {
        assert!(ok(store.session(hash(left), NOW)).await.is_some(), "{left}");
    }
}

async fn a_connection_was_used_when_it_was_touched(place: Place) {
    let store = &*place.open().await;
    let grant = connect(store, "a", "ann", "client").await;
    let used = async || ok(store.connections(None, NOW)).await;
    assert_eq!(used().await, [Connection { grant: grant.clone(), used_at: Some(NOW) }]);
    for (touched, noted) in [(at(30), NOW), (at(60), at(60)), (at(119), at(60)), (at(0), at(60)), (at(120), at(120))] {
        ok(store.touch("a", touched)).await;
        assert_eq!(used().await, [Connection { grant: grant.clone(), used_at: Some(noted) }], "{touched:?}");
    }
    assert_eq!(rotate(store, "a", "b", at(130)).await, Rotation::Rotated);
    assert_eq!(used().await, [Connection { grant, used_at: Some(at(130)) }]);
    ok(store.touch("unknown", NOW)).await;
}

async fn a_grant_is_revoked_by_its_owner_or_by_nobody_in_particular(place: Place) {
    let store = &*place.open().await;
    for id in ["a", "b"] {
        connect(store, id, "ann", "client").await;
    }
    assert!(!ok(store.revoke("a", Some(&user("bob").id), NOW)).await, "it is not his");
    assert!(!ok(store.revoke("c", None, NOW)).await);
    assert!(counts(store, "a", NOW).await);
    assert!(ok(store.revoke("a", Some(&user("ann").id), NOW)).await);
    assert!(ok(store.revoke("b", None, NOW)).await);
    for id in ["a", "b"] {
        assert!(!ok(store.revoke(id, None, NOW)).await, "it is revoked already");
        assert!(!counts(store, id, NOW).await);
        assert_eq!(rotate(store, id, "new", NOW).await, Rotation::Invalid);
        ok(store.touch(id, at(1000))).await;
        assert!(!counts(store, id, NOW).await);
    }
    assert_eq!(ids(store, None, NOW).await, [""; 0]);
}

async fn an_access_token_is_revoked_by_its_client_alone(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    assert!(!ok(store.revoke_access(access("a"), "other")).await);
    assert!(!ok(store.revoke_access(access("b"), "client")).await);
    assert!(counts(store, "a", NOW).await);
    assert!(ok(store.revoke_access(access("a"), "client")).await);
    assert!(!ok(store.revoke_access(access("a"), "client")).await);
    assert!(!counts(store, "a", NOW).await);
    assert_eq!(rotate(store, "a", "b", NOW).await, Rotation::Rotated, "the grant goes on");
}

async fn everything_of_a_user_is_ended_at_once(place: Place) {
    let store = &*place.open().await;
    connect(store, "one", "bob", "client").await;
    connect(store, "other", "ann", "client").await;
    approve(store, &grant("unused", "bob", "client")).await;
    for who in ["bob", "ann"] {
        ok(store.open_session(&session(who, who))).await;
    }
    assert_eq!(ok(store.end(Some(&user("bob").id), NOW)).await, 2, "what was used, and what was not yet");
    assert!(!counts(store, "one", NOW).await && counts(store, "other", NOW).await);
    assert_eq!(ok(store.redeem(hash("unused"), &issue("unused", NOW), NOW)).await, Redemption::Invalid);
    assert_eq!(ok(store.session(hash("bob"), NOW)).await, None);
    assert!(ok(store.session(hash("ann"), NOW)).await.is_some());
    assert_eq!(consent(store, "bob", "client").await, None);
    assert!(consent(store, "ann", "client").await.is_some());
    assert_eq!(ok(store.end(None, NOW)).await, 1);
    assert_eq!(ok(store.session(hash("ann"), NOW)).await, None);
}

async fn nothing_is_allowed_in_a_session_that_is_over(place: Place) {
    let store = &*place.open().await;
    let granted = grant("a", "ann", "client");
    for end in ["closed", "ended", "expired", "unknown"] {
        if end != "unknown" {
            ok(store.open_session(&session(end, "ann"))).await;
        }
        match end {
            "closed" => ok(store.close_session(hash(end))).await,
            "ended" => assert_eq!(ok(store.end(Some(&user("ann").id), NOW)).await, 0),
            _ => {}
        }
        let granted = if end == "expired" { Grant { created_at: at(60), ..granted.clone() } } else { granted.clone() };
        let approval = ok(store.approve(&granted, &code(&granted), hash(end), None)).await;
        assert_eq!(approval, Approval::SignedOut, "{end}");
    }
    assert_eq!(ok(store.code(hash("a"))).await, None);
    assert_eq!(consent(store, "ann", "client").await, None);
    ok(store.open_session(&session("open", "ann"))).await;
    assert_eq!(ok(store.approve(&granted, &code(&granted), hash("open"), None)).await, Approval::Stored);
}
