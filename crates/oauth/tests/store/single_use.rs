//! What can be used once: codes, refresh tokens, assertions.

use std::{future::Future, sync::Arc};

use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CALLS_OF_USER, CallState, EarlierCall, KeyedCall},
};
use mcp_oauth_server::{
    keyring::EncryptedKey,
    store::{Error, REFRESH_GRACE, Redemption, Rotation, Store},
};
use tokio::task::JoinSet;

use super::{NOW, Place, approve, at, connect, contract, counts, grant, hash, issue, refresh, rotate};

contract! {
    a_code_gives_tokens_once
    a_code_is_void_when_it_expired_or_its_grant_was_revoked_or_it_never_was
    of_two_replicas_that_redeem_a_code_one_does
    of_twenty_that_redeem_a_code_one_does
    a_redemption_that_fails_leaves_everything_as_it_was
    a_refresh_token_is_replaced_by_the_next
    a_token_that_was_replaced_counts_until_its_grace_ends
    the_grace_ends_when_the_successor_is_used
    using_a_token_in_its_grace_does_not_prolong_it
    processes_that_refresh_within_the_grace_go_on_side_by_side
    of_two_chains_in_turn_both_are_ended
    an_access_token_counts_for_one_generation_more
    a_client_that_refreshes_for_ever_keeps_few_tokens
    a_client_that_brings_one_token_again_and_again_keeps_a_bounded_number
    a_clock_that_went_back_does_not_end_the_grace
    a_refresh_token_is_void_when_it_expired_or_its_grant_was_revoked_or_it_never_was
    twenty_that_rotate_a_token_at_once_all_get_one
    of_twenty_generations_at_once_none_forks
    what_is_spent_is_spent_once
    of_twenty_that_spend_the_same_one_does
    a_call_with_a_key_is_claimed_once_and_keeps_what_became_of_it
    of_twenty_that_claim_the_same_call_one_does
    of_the_calls_of_a_user_the_newest_are_kept
}

async fn redeem(store: &dyn Store, code: &str, tokens: &str, now: Timestamp) -> Redemption {
    store.redeem(hash(code), &issue(tokens, now), now).await.expect("the store answers")
}

/// Does the same at once many times, half of it in one replica and half in another.
async fn at_once<T, F>(place: &Place, count: usize, work: impl Fn(Arc<dyn Store>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let replicas = [place.open().await, place.open().await];
    let mut tasks = JoinSet::new();
    for (number, replica) in (0..count).zip(replicas.iter().cycle()) {
        tasks.spawn(work(Arc::clone(replica), number));
    }
    tasks.join_all().await
}

async fn a_code_gives_tokens_once(place: Place) {
    let store = &*place.open().await;
    approve(store, &grant("a", "ann", "client")).await;
    connect(store, "b", "ann", "client").await;
    assert_eq!(redeem(store, "a", "1", at(59)).await, Redemption::Redeemed);
    assert!(counts(store, "1", at(59)).await);
    assert_eq!(redeem(store, "a", "2", at(59)).await, Redemption::Replayed);
    assert!(!counts(store, "1", at(59)).await && !counts(store, "2", at(59)).await, "a replay revokes the grant");
    assert_eq!(rotate(store, "1", "3", at(59)).await, Rotation::Invalid);
    assert_eq!(redeem(store, "a", "4", at(59)).await, Redemption::Invalid, "what is revoked is not revoked again");
    assert!(counts(store, "b", at(59)).await, "another grant is not concerned");
    approve(store, &grant("c", "ann", "client")).await;
    assert_eq!(redeem(store, "c", "5", at(59)).await, Redemption::Redeemed);
    assert_eq!(redeem(store, "c", "6", at(100)).await, Redemption::Replayed, "it is known after it expired");
}

async fn a_code_is_void_when_it_expired_or_its_grant_was_revoked_or_it_never_was(place: Place) {
    let store = &*place.open().await;
    approve(store, &grant("a", "ann", "client")).await;
    approve(store, &grant("b", "ann", "client")).await;
    assert!(store.revoke("b", None, NOW).await.expect("the store answers"));
    for (code, now) in [("a", at(60)), ("b", NOW), ("c", NOW)] {
        assert_eq!(redeem(store, code, code, now).await, Redemption::Invalid, "{code}");
        assert!(!counts(store, code, now).await, "{code}");
    }
    assert_eq!(redeem(store, "a", "a", at(59)).await, Redemption::Redeemed, "a clock that went on too far does no harm");
}

async fn redeem_at_once(place: Place, count: usize) {
    approve(&*place.open().await, &grant("a", "ann", "client")).await;
    let results =
        at_once(&place, count, |store, number| async move { redeem(&*store, "a", &number.to_string(), NOW).await }).await;
    let n_redeemed = results.iter().filter(|result| **result == Redemption::Redeemed).count();
    let n_replayed = results.iter().filter(|result| **result == Redemption::Replayed).count();
    assert_eq!((n_redeemed, n_replayed), (1, 1), "the grant is revoked once");
    let store = &*place.open().await;
    for number in 0..count {
        assert!(!counts(store, &number.to_string(), NOW).await, "the others revoked the grant");
    }
}

async fn of_two_replicas_that_redeem_a_code_one_does(place: Place) {
    redeem_at_once(place, 2).await;
}

async fn of_twenty_that_redeem_a_code_one_does(place: Place) {
    redeem_at_once(place, 20).await;
}

async fn a_redemption_that_fails_leaves_everything_as_it_was(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    approve(store, &grant("b", "ann", "client")).await;
    // the access token can be kept, the refresh token cannot, since it is there
    let mut tokens = issue("b", NOW);
    tokens.refresh = refresh("a");
    let failed = store.redeem(hash("b"), &tokens, NOW).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert!(!counts(store, "b", NOW).await);
    assert_eq!(redeem(store, "b", "b", NOW).await, Redemption::Redeemed);
    tokens.access = hash("other");
    let failed = store.rotate(refresh("b"), &tokens, NOW).await;
    assert!(matches!(failed, Err(Error::Unexpected(_))), "{failed:?}");
    assert_eq!(rotate(store, "b", "c", at(1000)).await, Rotation::Rotated, "it is of the current generation still");
}

async fn a_refresh_token_is_replaced_by_the_next(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for number in 0..5_i32 {
        let now = at(i64::from(number) * 3000);
        let (old, new) = (number.to_string(), (number + 1).to_string());
        assert_eq!(rotate(store, &old, &new, now).await, Rotation::Rotated);
        assert!(counts(store, &new, now).await);
        assert!(counts(store, &old, now).await, "an access token lives until it expires");
    }
    // two generations old
    assert_eq!(rotate(store, "3", "6", at(12_000)).await, Rotation::Reused);
    assert!(!counts(store, "5", at(12_000)).await, "reuse revokes the grant");
    assert_eq!(rotate(store, "5", "7", at(12_000)).await, Rotation::Invalid);
}

async fn a_token_that_was_replaced_counts_until_its_grace_ends(place: Place) {
    let store = &*place.open().await;
    let grace = i64::try_from(REFRESH_GRACE.as_secs()).expect("it is short");
    connect(store, "0", "ann", "client").await;
    assert_eq!(rotate(store, "0", "1", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "0", "1 too", at(grace - 1)).await, Rotation::Rotated);
    assert!(counts(store, "1", at(grace)).await && counts(store, "1 too", at(grace)).await);
    assert_eq!(rotate(store, "0", "2", at(grace)).await, Rotation::Reused);
    assert!(!counts(store, "1", at(grace)).await && !counts(store, "1 too", at(grace)).await);
    assert_eq!(rotate(store, "1", "3", at(grace)).await, Rotation::Invalid);
}

async fn the_grace_ends_when_the_successor_is_used(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    assert_eq!(rotate(store, "0", "1", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "0", "1 too", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "1 too", "2", at(1)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "1", "2 too", at(2)).await, Rotation::Rotated, "it is of the generation before");
    assert_eq!(rotate(store, "0", "3", at(2)).await, Rotation::Reused);
    assert!(!counts(store, "2", at(2)).await);
}

async fn using_a_token_in_its_grace_does_not_prolong_it(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for seconds in [0, 40, 59] {
        assert_eq!(rotate(store, "0", &format!("1 {seconds}"), at(seconds)).await, Rotation::Rotated);
    }
    assert_eq!(rotate(store, "0", "2", at(60)).await, Rotation::Reused);
}

async fn processes_that_refresh_within_the_grace_go_on_side_by_side(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for name in ["1", "1 too"] {
        assert_eq!(rotate(store, "0", name, NOW).await, Rotation::Rotated);
    }
    assert_eq!(rotate(store, "1", "2", at(3600)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "1 too", "2 too", at(3659)).await, Rotation::Rotated, "another process comes a little later");
    assert_eq!(rotate(store, "2 too", "3", at(7200)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "2", "3 too", at(7259)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "3", "4", at(7260)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "4", "5", at(7260)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "3 too", "6", at(7260)).await, Rotation::Reused, "two generations are too many");
}

async fn of_two_chains_in_turn_both_are_ended(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    assert_eq!(rotate(store, "0", "owner", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "0", "thief", at(59)).await, Rotation::Rotated, "it could be a lost response");
    assert_eq!(rotate(store, "owner", "owner 2", at(3600)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "thief", "thief 2", at(3663)).await, Rotation::Reused);
    assert!(!counts(store, "owner 2", at(3663)).await && !counts(store, "thief", at(3663)).await);
    assert_eq!(rotate(store, "owner 2", "owner 3", at(3663)).await, Rotation::Invalid);
}

async fn an_access_token_counts_for_one_generation_more(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for (old, new) in [("0", "1"), ("0", "1 too"), ("1", "2")] {
        assert_eq!(rotate(store, old, new, at(1)).await, Rotation::Rotated);
    }
    for (name, does) in [("0", false), ("1", true), ("1 too", true), ("2", true)] {
        assert_eq!(counts(store, name, at(2)).await, does, "{name}");
    }
    assert_eq!(rotate(store, "1 too", "2 too", at(3)).await, Rotation::Rotated, "whose access token counts may refresh");
    assert!(counts(store, "1", at(3)).await && counts(store, "1 too", at(3)).await);
}

async fn a_client_that_refreshes_for_ever_keeps_few_tokens(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for number in 0..1000 {
        assert_eq!(rotate(store, &number.to_string(), &(number + 1).to_string(), at(number)).await, Rotation::Rotated);
    }
    assert_eq!(place.count("access_tokens").await, 2);
    assert_eq!(place.count("refresh_tokens").await, 1000);
    assert_eq!(rotate(store, "0", "new", at(1000)).await, Rotation::Invalid, "it is too old to be known");
    assert!(counts(store, "1000", at(1000)).await);
    assert_eq!(rotate(store, "1", "new", at(1000)).await, Rotation::Reused, "the oldest that is known");
}

async fn a_client_that_brings_one_token_again_and_again_keeps_a_bounded_number(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    for number in 1..=1000 {
        assert_eq!(rotate(store, "0", &number.to_string(), at(number / 100)).await, Rotation::Rotated);
    }
    assert_eq!(rotate(store, "0", "new", at(10)).await, Rotation::Invalid, "it made room for those that it gave");
    assert_eq!((place.count("access_tokens").await, place.count("refresh_tokens").await), (1000, 1000));
    assert!(counts(store, "1000", at(10)).await);
    assert_eq!(rotate(store, "1000", "next", at(10)).await, Rotation::Rotated);
}

async fn a_clock_that_went_back_does_not_end_the_grace(place: Place) {
    let store = &*place.open().await;
    connect(store, "0", "ann", "client").await;
    assert_eq!(rotate(store, "0", "1", NOW).await, Rotation::Rotated);
    assert_eq!(rotate(store, "0", "2", at(-100_000)).await, Rotation::Rotated);
    assert_eq!(rotate(store, "0", "3", Timestamp(0)).await, Rotation::Rotated);
}

async fn a_refresh_token_is_void_when_it_expired_or_its_grant_was_revoked_or_it_never_was(place: Place) {
    let store = &*place.open().await;
    connect(store, "a", "ann", "client").await;
    connect(store, "b", "ann", "client").await;
    assert!(store.revoke("b", None, NOW).await.expect("the store answers"));
    for (name, now) in [("a", at(24 * 3600)), ("b", NOW), ("c", NOW)] {
        assert_eq!(rotate(store, name, "new", now).await, Rotation::Invalid, "{name}");
    }
    assert_eq!(rotate(store, "a", "new", at(24 * 3600 - 1)).await, Rotation::Rotated);
}

async fn twenty_that_rotate_a_token_at_once_all_get_one(place: Place) {
    connect(&*place.open().await, "a", "ann", "client").await;
    let results =
        at_once(&place, 20, |store, number| async move { rotate(&*store, "a", &number.to_string(), at(10)).await }).await;
    assert!(results.iter().all(|result| *result == Rotation::Rotated), "{results:?}");
    let store = &*place.open().await;
    // all are of the same generation: one more step makes none of them too old
    assert_eq!(rotate(store, "0", "next", at(11)).await, Rotation::Rotated);
    for number in 0..20 {
        assert!(counts(store, &number.to_string(), at(12)).await);
        assert_eq!(rotate(store, &number.to_string(), &format!("next {number}"), at(12)).await, Rotation::Rotated);
    }
    assert_eq!(rotate(store, "a", "late", at(12)).await, Rotation::Reused);
}

async fn of_twenty_generations_at_once_none_forks(place: Place) {
    let store = place.open().await;
    connect(&*store, "0", "ann", "client").await;
    for number in 0..20 {
        let (old, new) = (number.to_string(), number + 1);
        let results = at_once(&place, 2, |store, copy| {
            let (old, new) = (old.clone(), if copy == 0 { new.to_string() } else { format!("{new} too") });
            async move { rotate(&*store, &old, &new, NOW).await }
        });
        assert_eq!(results.await, [Rotation::Rotated, Rotation::Rotated], "{number}");
    }
    assert_eq!(rotate(&*store, "18", "fork", NOW).await, Rotation::Reused);
}

async fn what_is_spent_is_spent_once(place: Place) {
    let store = &*place.open().await;
    for (name, is_first) in [("a", true), ("a", false), ("b", true), ("a", false)] {
        assert_eq!(store.consume_once(hash(name), at(60)).await.expect("the store answers"), is_first, "{name}");
    }
}

async fn of_twenty_that_spend_the_same_one_does(place: Place) {
    let results =
        at_once(&place, 20, |store, _| async move { store.consume_once(hash("a"), at(60)).await.expect("the store answers") })
            .await;
    assert_eq!(results.into_iter().filter(|is_first| *is_first).count(), 1);
}

/// A call of a user with the key `name`.
fn call(user: &str, name: &str, started_at: Timestamp) -> KeyedCall {
    KeyedCall { user: user.to_owned(), key: hash(name), arguments: hash("arguments"), started_at }
}

async fn a_call_with_a_key_is_claimed_once_and_keeps_what_became_of_it(place: Place) {
    let store = &*place.open().await;
    let claim = async |call: &KeyedCall| store.claim_call(call).await.expect("the store answers");
    let settle = async |call: &KeyedCall, state| store.settle_call(call, state).await.expect("the store answers");
    let state = async |call: &KeyedCall, now| {
        let found = store.keyed_call(call.key, now).await.expect("the store answers");
        found.map(|EarlierCall { arguments, started_at, state }| {
            assert_eq!((arguments, started_at), (call.arguments, call.started_at));
            state
        })
    };
    let sealed = || EncryptedKey::from_bytes(vec![0, 7, 255]);
    for (name, became) in [
        ("done", CallState::Done(Some(sealed()))),
        ("long", CallState::Done(None)),
        ("unknown", CallState::Unknown),
        ("running", CallState::Running),
    ] {
        let call = call("ann", name, NOW);
        assert_eq!(state(&call, NOW).await, None);
        assert!(claim(&call).await && !claim(&KeyedCall { started_at: at(5), ..call.clone() }).await, "{name}");
        assert_eq!(state(&call, NOW).await, Some(CallState::Running));
        settle(&KeyedCall { started_at: at(5), ..call.clone() }, None).await;
        settle(&call, Some(became.clone())).await;
        assert_eq!(state(&call, at(24 * 3600 - 1)).await, Some(became), "{name}");
        assert_eq!(state(&call, at(24 * 3600)).await, None, "{name}");
    }
    settle(&call("ann", "done", NOW), None).await;
    assert!(!claim(&call("ann", "done", at(9))).await, "what is settled stays");
    settle(&call("ann", "running", NOW), None).await;
    assert!(claim(&call("ann", "running", at(9))).await, "a released key can be claimed");
    assert!(claim(&call("ann", "done", at(24 * 3600))).await, "and one that has expired");
    assert_eq!(state(&call("ann", "done", at(24 * 3600)), at(24 * 3600)).await, Some(CallState::Running));
    store.clean(at(24 * 3600), 10).await.expect("the store answers");
    assert_eq!(place.count("keyed_calls").await, 2);
}

async fn of_twenty_that_claim_the_same_call_one_does(place: Place) {
    let claim =
        |store: Arc<dyn Store>, _| async move { store.claim_call(&call("ann", "a", NOW)).await.expect("the store answers") };
    let results = at_once(&place, 20, claim).await;
    assert_eq!(results.into_iter().filter(|is_first| *is_first).count(), 1);
}

async fn of_the_calls_of_a_user_the_newest_are_kept(place: Place) {
    let store = &*place.open().await;
    let claim = async |call: KeyedCall| assert!(store.claim_call(&call).await.expect("the store answers"));
    claim(call("bob", "bob", NOW)).await;
    for number in 0..=CALLS_OF_USER {
        claim(call("ann", &number.to_string(), at(number))).await;
    }
    let is_kept = async |name: &str| store.keyed_call(hash(name), NOW).await.expect("the store answers").is_some();
    assert!(!is_kept("0").await && is_kept("1").await && is_kept("bob").await);
    assert!(is_kept(&CALLS_OF_USER.to_string()).await);
}
