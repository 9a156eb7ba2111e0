//! How long clients that registered themselves are known.

use mcp_oauth_server::store::{APPROVED_REGISTRATION, Registration};

use super::{NOW, Place, approve_with, at, code, contract, grant, hash, ok};

contract! {
    approved_registrations_stay_and_their_number_is_bounded
}

const DAY: i64 = 24 * 3600;

fn registration(id: &str, expires_at: i64) -> Registration {
    Registration { id: id.to_owned(), digest: hash(id), metadata: "{}".to_owned(), created_at: NOW, expires_at: at(expires_at) }
}

async fn approved_registrations_stay_and_their_number_is_bounded(place: Place) {
    let store = &*place.open().await;
    let years = i64::try_from(APPROVED_REGISTRATION.as_secs()).expect("it is a time");
    for (number, id) in ["first", "second", "third"].into_iter().enumerate() {
        ok(store.register(&registration(id, DAY))).await;
        let grant = grant(id, id, id);
        let until = at(years + i64::try_from(number).expect("it is small"));
        ok(approve_with(store, &grant, &code(&grant), Some(until))).await;
    }
    let known = async |seconds| {
        let mut known = Vec::new();
        for id in ["first", "second", "third", "new 0", "new 1", "new 2"] {
            known.extend(ok(store.registration(id, at(seconds))).await.map(|_| id));
        }
        known
    };
    // nobody has used them since, and of their grants nothing is left
    ok(store.clean(at(400 * DAY), 3)).await;
    assert_eq!(known(400 * DAY).await, ["first", "second", "third"]);
    // a flood that nobody approves does not push them out
    for number in 0..3 {
        ok(store.register(&registration(&format!("new {number}"), 401 * DAY))).await;
    }
    ok(store.clean(at(400 * DAY), 3)).await;
    assert_eq!(known(400 * DAY).await, ["first", "second", "third", "new 0", "new 1", "new 2"]);
    ok(store.clean(at(400 * DAY), 2)).await;
    assert_eq!(known(400 * DAY).await.len(), 4, "two of each kind");
    assert_eq!(known(402 * DAY).await, ["second", "third"], "those that were approved last");
}
