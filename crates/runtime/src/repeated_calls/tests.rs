use std::sync::atomic::{AtomicI64, Ordering};

use mcp_http::{caller::Caller, keyed_calls::CALLS_OF_USER, scope::Scopes};
use tokio::time::advance;

use crate::{error_texts::leads_on, repeated_calls::*, testing::api_keys, tool_filter::ToolFilter};

/// A clock that only moves when it is set.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let seconds = Arc::new(AtomicI64::new(1_000_000));
    let shown = Arc::clone(&seconds);
    let now = move || std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::SeqCst).unsigned_abs());
    (seconds, Clock::new(now))
}

fn caller(user: &str) -> Caller {
    Caller::signed_in(Arc::new(api_keys("key")), Scopes::ALL, "connection".into(), user.into())
}

fn creation<'a>(calls: &'a RepeatedCalls, user: &str, arguments: &Value, key: Option<&str>) -> Creation<'a> {
    creation_of(calls, "create_contract", user, arguments, key).expect("it creates something")
}

fn creation_of<'a>(
    calls: &'a RepeatedCalls,
    tool: &str,
    user: &str,
    arguments: &Value,
    key: Option<&str>,
) -> Option<Creation<'a>> {
    let catalog = crate::testing::catalog();
    let any = crate::catalog::tests::tool(json!({}));
    let arguments = Arguments::check(any, arguments.as_object().unwrap().clone()).unwrap();
    let (caller, tool_filter) = (caller(user), ToolFilter::default());
    let callable = CallableTools { catalog, caller: &caller, tool_filter: &tool_filter };
    calls.creation(catalog.find(tool).unwrap(), callable, &arguments, key)
}

/// Begins a call that is to be sent.
async fn send<'a>(creation: &'a Creation<'a>) -> Attempt<'a> {
    match creation.begin().await {
        Ok(Begun::Sending(attempt)) => attempt,
        Ok(Begun::Repeated(result)) => panic!("it is not sent: {result:?}"),
        Err(error) => panic!("{error}"),
    }
}

async fn succeed(creation: &Creation<'_>, text: &str) -> Truncated {
    let mut result = Truncated { output: ToolOutput::new(text.to_owned()), note: None };
    send(creation).await.succeeded(&mut result).await;
    result
}

/// Why a call with a key gets no result.
async fn refused(creation: &Creation<'_>) -> String {
    let error = creation.repeated().await.expect_err("it is refused");
    assert_eq!(error.kind, ErrorKind::IdempotencyKey);
    leads_on(&error.to_string());
    error.to_string()
}

#[tokio::test(start_paused = true)]
async fn the_same_key_and_arguments_get_the_result_of_the_first_call_again() {
    let (seconds, clock) = clock();
    let calls = RepeatedCalls::in_memory(clock);
    let arguments = json!({ "name": "Slack", "x": { "a": 1, "b": 2 } });
    let first = creation(&calls, "ada", &arguments, Some("k"));
    assert!(first.repeated().await.unwrap().is_none());
    assert_eq!(succeed(&first, r#"{"id":7}"#).await.note, None);
    seconds.fetch_add(9, Ordering::SeqCst);
    let again = json!({ "x": { "b": 2, "a": 1 }, "name": "Slack" });
    let again = creation(&calls, "ada", &again, Some("k"));
    let Ok(Begun::Repeated(result)) = again.begin().await else { panic!("it is not sent again") };
    assert_eq!(result.output.text, r#"{"id":7}"#);
    assert!(result.note.is_some_and(|note| note.contains("first call") && note.contains(" 9 s ago")));
    // others: another user, another tool, and after a day
    assert!(creation(&calls, "bob", &arguments, Some("k")).repeated().await.unwrap().is_none());
    let other = creation_of(&calls, "add_app", "ada", &arguments, Some("k")).unwrap();
    assert!(other.repeated().await.unwrap().is_none());
    seconds.fetch_add(24 * 3600, Ordering::SeqCst);
    assert!(again.repeated().await.unwrap().is_none());
    succeed(&again, r#"{"id":8}"#).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_with_other_arguments_is_refused() {
    let calls = RepeatedCalls::in_memory(clock().1);
    succeed(&creation(&calls, "ada", &json!({ "name": "Slack" }), Some("k")), "{}").await;
    let refused = refused(&creation(&calls, "ada", &json!({ "name": "Zoom" }), Some("k"))).await;
    assert!(refused.contains("with other arguments") && refused.ends_with("call again with a new key"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_key_is_released_when_the_call_certainly_failed_and_only_then() {
    let calls = RepeatedCalls::in_memory(clock().1);
    let call = creation(&calls, "ada", &json!({}), Some("k"));
    for error in [ToolError::rate_limited(3), ToolError::too_many_calls(), ToolError::invalid_request("x")] {
        assert_eq!(send(&call).await.failed(error.clone()).await, error);
        assert!(call.repeated().await.unwrap().is_none(), "{error}");
    }
    send(&call).await.failed(ToolError::timeout(20).of_a_change()).await;
    let refused = refused(&call).await;
    assert!(refused.contains("may or may not have been executed") && refused.contains("look with `list_contracts`"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_repeats_a_running_one_waits_for_it() {
    let (_, clock) = clock();
    let calls = RepeatedCalls::in_memory(clock);
    let (first, second) = [(), ()].map(|()| creation(&calls, "ada", &json!({}), Some("k"))).into();
    let attempt = send(&first).await;
    let end = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        attempt.succeeded(&mut Truncated { output: ToolOutput::new("{}".to_owned()), note: None }).await;
    };
    let (repeated, ()) = tokio::join!(second.repeated(), end);
    assert_eq!(repeated.unwrap().unwrap().output.text, "{}");

    // one that takes longer is told, and a failure lets the next one go
    let (first, second) = [(), ()].map(|()| creation(&calls, "ada", &json!({}), Some("l"))).into();
    let attempt = send(&first).await;
    assert!(refused(&second).await.contains("is still running"));
    let fail = async {
        advance(Duration::from_secs(1)).await;
        attempt.failed(ToolError::too_many_calls()).await;
    };
    let (begun, ()) = tokio::join!(second.begin(), fail);
    assert!(matches!(begun, Ok(Begun::Sending(_))));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_process_ended_or_that_was_cancelled_may_have_been_made() {
    let (seconds, clock) = clock();
    let calls = RepeatedCalls::in_memory(clock);
    let call = creation(&calls, "ada", &json!({}), Some("cancelled"));
    drop(send(&call).await);
    tokio::task::yield_now().await;
    assert!(refused(&call).await.contains("may or may not"));

    // nobody says anything any more
    let call = creation(&calls, "ada", &json!({}), Some("died"));
    std::mem::forget(send(&call).await);
    assert!(refused(&call).await.contains("still running"));
    seconds.fetch_add(120, Ordering::SeqCst);
    assert!(refused(&call).await.contains("120 s ago, may or may not"));
}

#[tokio::test(start_paused = true)]
async fn a_long_result_is_not_kept_but_that_there_was_one_is() {
    let calls = RepeatedCalls::in_memory(clock().1);
    let call = creation(&calls, "ada", &json!({}), Some("k"));
    succeed(&call, &"x".repeat(RESULT_BYTES)).await;
    let refused = refused(&call).await;
    assert!(refused.contains("succeeded 0 s ago, and its result is not kept"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_identical_call_without_a_key_is_sent_and_says_that_it_is_the_second() {
    let (seconds, clock) = clock();
    let calls = RepeatedCalls::in_memory(clock);
    let slack = json!({ "name": "Slack" });
    let call = creation(&calls, "ada", &slack, None);
    assert_eq!(succeed(&call, "{}").await.note, None);
    seconds.fetch_add(59, Ordering::SeqCst);
    assert_eq!(succeed(&creation(&calls, "bob", &slack, None), "{}").await.note, None, "another user");
    assert_eq!(succeed(&creation(&calls, "ada", &json!({ "name": "Zoom" }), None), "{}").await.note, None);
    let note = succeed(&call, "{}").await.note.expect("it says so");
    assert!(note.contains("made 59 s before") && note.contains("look with `list_contracts`"), "{note}");
    seconds.fetch_add(60, Ordering::SeqCst);
    assert_eq!(succeed(&call, "{}").await.note, None, "a minute later");
    // a call that certainly failed does not count
    seconds.fetch_add(60, Ordering::SeqCst);
    send(&call).await.failed(ToolError::rate_limited(1)).await;
    assert_eq!(succeed(&call, "{}").await.note, None);
}

#[tokio::test(start_paused = true)]
async fn one_user_keeps_a_bounded_number_of_calls_and_takes_none_of_anothers() {
    let calls = RepeatedCalls::in_memory(clock().1);
    let of = |user: &str, number: i64| creation(&calls, user, &json!({}), Some(&number.to_string()));
    succeed(&of("bob", 0), "{}").await;
    for number in 0..=CALLS_OF_USER {
        succeed(&of("ada", number), "{}").await;
    }
    assert!(of("ada", 0).repeated().await.unwrap().is_none(), "the oldest went");
    for kept in [of("ada", 1), of("ada", CALLS_OF_USER), of("bob", 0)] {
        assert!(kept.repeated().await.unwrap().is_some());
    }
    for (user, number) in (0..4).flat_map(|user| (0..CALLS_OF_USER).map(move |number| (user, number))) {
        succeed(&of(&format!("user {user}"), number), "{}").await;
    }
    assert!(of("bob", 0).repeated().await.unwrap().is_some(), "those who have most give room");
}

#[test]
fn creates_are_the_writes_that_act_again_when_they_are_sent_again() {
    let calls = RepeatedCalls::in_memory(clock().1);
    for tool in crate::testing::catalog().tools() {
        let is_creation = creation_of(&calls, &tool.name, "ada", &json!({}), None).is_some();
        assert_eq!(is_creation, tool.is_server_argument(IDEMPOTENCY_KEY), "{}", tool.name);
    }
    assert!(creation_of(&calls, "update_contract", "ada", &json!({}), None).is_none());
    assert!(creation_of(&calls, "run_workflow", "ada", &json!({}), None).is_some());
}
