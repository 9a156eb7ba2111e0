use std::sync::atomic::{AtomicI64, Ordering};

use mcp_http::{caller::Keys, scope::Scopes};
use serde_json::json;

use crate::{confirmation::*, testing::api_keys, tool_error::ErrorKind};

fn caller(key: &str, connection: &str) -> Caller {
    let keys = api_keys(key);
    Caller::signed_in(Arc::new(keys), Scopes::ALL, connection.into(), "ada".into())
}

fn tool(name: &str) -> &'static Tool {
    crate::testing::catalog().find(name).unwrap()
}

fn object(value: &Value) -> Arguments {
    Arguments::check(crate::catalog::tests::tool(json!({})), value.as_object().unwrap().clone()).unwrap()
}

/// A clock that only moves when it is set.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let seconds = Arc::new(AtomicI64::new(1_000_000));
    let shown = Arc::clone(&seconds);
    let now = move || std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::SeqCst).unsigned_abs());
    (seconds, Clock::new(now))
}

fn confirmations(when: ConfirmationPolicy, clock: &Clock) -> Confirmations {
    Confirmations::new(when, clock.clone(), Random::system(), UsedConfirmations::default())
}

#[test]
fn the_operator_says_what_is_confirmed() {
    let (_, clock) = clock();
    for (name, arguments, always, destroy) in [
        ("delete_contract", json!({}), true, true),
        ("run_workflow", json!({}), true, true),
        ("update_user", json!({ "lifecycleStatus": "offboarding" }), true, true),
        ("update_app", json!({ "state": "Closed" }), true, true),
        ("update_app", json!({ "state": "sanctioned", "name": "closed" }), true, false),
        ("update_contract", json!({}), true, false),
        ("get_app", json!({}), false, false),
    ] {
        let asked = |when| confirmations(when, &clock).are_for(tool(name), &object(&arguments));
        assert_eq!(asked(ConfirmationPolicy::Always), always, "{name}");
        assert_eq!(asked(ConfirmationPolicy::Destroy), destroy, "{name} {arguments}");
        assert!(!asked(ConfirmationPolicy::Never), "{name}");
    }
}

#[tokio::test]
async fn a_confirmation_counts_once_for_what_it_was_given_for() {
    let (_, clock) = clock();
    let confirmations = confirmations(ConfirmationPolicy::Destroy, &clock);
    let (ada, arguments) = (caller("key", "1"), object(&json!({ "idContract": 5, "x": { "a": 1, "b": 2 } })));
    let call = PendingCall { tool: tool("delete_contract"), caller: &ada, arguments: &arguments, change: &Ok(None) };
    let confirmation = confirmations.prepare(ConfirmationVia::Argument, call).unwrap();
    // the order of members does not matter
    let again = object(&json!({ "x": { "b": 2, "a": 1 }, "idContract": 5 }));
    confirmations.redeem(ConfirmationVia::Argument, &confirmation, PendingCall { arguments: &again, ..call }).await.unwrap();
    let used = confirmations.redeem(ConfirmationVia::Argument, &confirmation, call).await.unwrap_err().to_string();
    assert!(used.starts_with("this confirmation was answered before"), "{used}");
}

#[tokio::test]
async fn a_confirmation_for_one_thing_is_none_for_another() {
    let (_, clock) = clock();
    let confirmations = confirmations(ConfirmationPolicy::Destroy, &clock);
    let (ada, arguments) = (caller("key", "1"), object(&json!({ "idContract": 5 })));
    let call = PendingCall { tool: tool("delete_contract"), caller: &ada, arguments: &arguments, change: &Ok(None) };
    let confirmation = confirmations.prepare(ConfirmationVia::Argument, call).unwrap();
    let (another_key, another_connection) = (caller("other", "1"), caller("key", "2"));
    let another_argument = object(&json!({ "idContract": 6 }));
    for (what, call) in [
        ("tool", PendingCall { tool: tool("delete_app_field"), ..call }),
        ("key", PendingCall { caller: &another_key, ..call }),
        ("connection", PendingCall { caller: &another_connection, ..call }),
        ("argument", PendingCall { arguments: &another_argument, ..call }),
    ] {
        let refused = confirmations.redeem(ConfirmationVia::Argument, &confirmation, call).await.unwrap_err().to_string();
        assert!(refused.contains("not for this call"), "{what}: {refused}");
    }
    let mut later = confirmation.clone();
    later.replace_range("confirm_".len().."confirm_1".len(), "9");
    for forged in ["", "confirm_", "confirm_a.b.c", "x", &later, &confirmation[1..], &format!("{confirmation}A")] {
        let refused = confirmations.redeem(ConfirmationVia::Argument, forged, call).await.unwrap_err().to_string();
        assert!(refused.contains("not for this call"), "{forged}: {refused}");
    }
    let refused = confirmations.redeem(ConfirmationVia::Elicitation, &confirmation, call).await.unwrap_err().to_string();
    assert!(refused.contains("not for this call"), "the other way: {refused}");
    // the failed attempts did not use it up
    confirmations.redeem(ConfirmationVia::Argument, &confirmation, call).await.unwrap();
}

#[tokio::test]
async fn a_confirmation_grows_old() {
    let (seconds, clock) = clock();
    let confirmations = confirmations(ConfirmationPolicy::Destroy, &clock);
    let (ada, arguments) = (caller("key", "1"), object(&json!({})));
    let call = PendingCall { tool: tool("delete_contract"), caller: &ada, arguments: &arguments, change: &Ok(None) };
    let [old, young] = [(), ()].map(|()| confirmations.prepare(ConfirmationVia::Argument, call).unwrap());
    seconds.fetch_add(299, Ordering::SeqCst);
    confirmations.redeem(ConfirmationVia::Argument, &young, call).await.unwrap();
    seconds.fetch_add(1, Ordering::SeqCst);
    let refused = confirmations.redeem(ConfirmationVia::Argument, &old, call).await.unwrap_err().to_string();
    assert!(refused.contains("too old"), "{refused}");
}

#[test]
fn who_has_no_key_can_confirm_nothing() {
    let (_, clock) = clock();
    let nobody = Caller::new(Keys::default());
    let call = PendingCall { tool: tool("delete_contract"), caller: &nobody, arguments: &object(&json!({})), change: &Ok(None) };
    assert!(matches!(
        confirmations(ConfirmationPolicy::Destroy, &clock).prepare(ConfirmationVia::Argument, call),
        Err(ToolError { kind: ErrorKind::KeyMissing, .. })
    ));
}

#[tokio::test]
async fn a_call_that_needs_no_key_is_confirmed_with_one_of_this_process() {
    let open = crate::catalog::tests::tool(serde_json::json!({ "credential": null, "effect": "destroy", "confirm": true }));
    let arguments = Arguments::check(open, serde_json::Map::new()).unwrap();
    let caller = Caller::new(Keys::default());
    let call = PendingCall { tool: open, caller: &caller, arguments: &arguments, change: &Ok(None) };
    let new =
        || Confirmations::new(ConfirmationPolicy::default(), Clock::system(), Random::system(), UsedConfirmations::default());
    let (confirmations, others) = (new(), new());
    let confirmation = confirmations.prepare(ConfirmationVia::Argument, call).unwrap();
    assert!(others.redeem(ConfirmationVia::Argument, &confirmation, call).await.is_err(), "another process does not know it");
    assert!(confirmations.redeem(ConfirmationVia::Argument, &confirmation, call).await.is_ok());
}
