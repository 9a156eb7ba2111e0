use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use mcp_oauth_server::directory::{Directory, Membership};
use serde_json::{Value, json};

use super::*;
use crate::torii::directory::{
    Torii,
    tests::{keys, serve},
};

const LIFETIME: Duration = Duration::from_mins(10);

/// A clock that a test sets.
#[derive(Clone)]
struct MockClock(Arc<AtomicI64>);

impl MockClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000)))
    }

    fn clock(&self) -> Clock {
        let Self(now) = self.clone();
        Clock::new(move || {
            let seconds = u64::try_from(now.load(Ordering::SeqCst)).unwrap();
            std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn down() -> ToriiError {
    ToriiError::Down("it is down".to_owned())
}

#[tokio::test]
async fn an_answer_is_kept_for_its_lifetime_and_asked_for_once() {
    let mock_clock = MockClock::new();
    let lookups = Lookups::new(LIFETIME, 10, mock_clock.clock());
    let asked = AtomicUsize::new(0);
    let ask = || async {
        tokio::task::yield_now().await;
        Ok((asked.fetch_add(1, Ordering::SeqCst), mock_clock.now()))
    };
    let (one, other) = tokio::join!(lookups.get("a", ask()), lookups.get("a", ask()));
    assert_eq!((one, other), (Ok(0), Ok(0)), "one asks for both");
    mock_clock.turn(599);
    assert_eq!(lookups.get("a", ask()).await, Ok(0));
    assert_eq!(lookups.get("b", ask()).await, Ok(1));
    mock_clock.turn(1);
    assert_eq!(lookups.get("a", ask()).await, Ok(2));
}

#[tokio::test]
async fn the_last_answer_counts_for_an_hour_while_torii_is_down_and_a_refusal_at_once() {
    let mock_clock = MockClock::new();
    let lookups = Lookups::new(LIFETIME, 10, mock_clock.clock());
    assert_eq!(lookups.get("a", async { Ok((1, mock_clock.now())) }).await, Ok(1));
    for _ in 0..6 {
        mock_clock.turn(600);
        assert_eq!(lookups.get("a", async { Err(down()) }).await, Ok(1));
        assert_eq!(lookups.get("a", async { unreachable!("it was asked a moment ago") }).await, Ok(1));
    }
    mock_clock.turn(600);
    assert_eq!(lookups.get("a", async { Err(down()) }).await, Err(down()));
    mock_clock.turn(10);
    assert_eq!(lookups.get("a", async { Ok((2, mock_clock.now())) }).await, Ok(2));
    mock_clock.turn(600);
    assert_eq!(lookups.get("a", async { Err(ToriiError::Key) }).await, Err(ToriiError::Key));
}

/// A Torii with users, which counts its requests.
async fn with_users(count: usize) -> (reqwest::Url, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let user = |number: usize| json!({ "id": number, "email": format!("U{number}@example.com"), "role": "Admin", "lifecycleStatus": "active" });
    let users = move |query: axum::extract::Query<HashMap<String, String>>| async move {
        counted.fetch_add(1, Ordering::SeqCst);
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
        let response = if let Some(email) = query.get("email") {
            let found = (0..count).find(|number| format!("u{number}@example.com") == email.to_lowercase());
            json!({ "users": found.map(user).into_iter().collect::<Vec<_>>() })
        } else {
            let (from, size) = (number("cursor").unwrap_or(0), number("size").unwrap_or(25));
            let next = Some(from + size).filter(|next| *next < count).map(|next| next.to_string());
            json!({ "users": (from..count.min(from + size)).map(user).collect::<Vec<_>>(), "nextCursor": next })
        };
        mcp_http::json::Json::<Value>(response)
    };
    (serve(axum::Router::new().route("/v1.0/users", axum::routing::get(users))).await, asked)
}

/// Five thousand users, each of whose tokens is refreshed every hour, for three hours.
#[tokio::test]
async fn five_thousand_users_with_hourly_refreshes_cost_few_requests() {
    let (url, asked) = with_users(5_000).await;
    let mock_clock = MockClock::new();
    let torii = Torii::new(&url, LIFETIME, mock_clock.clock()).unwrap();
    let mut per_minute = Vec::new();
    for minute in 0..180 {
        let before = asked.load(Ordering::SeqCst);
        for second in 0..60 {
            let of_hour = (minute % 60) * 60 + second;
            for number in (0..5_000).filter(|number| number * 3600 / 5_000 == of_hour) {
                let found = torii.membership(&keys("k"), &format!("u{number}@example.com")).await;
                assert_eq!(found, Ok(Membership::Member { role: "Admin".to_owned() }), "{number}");
            }
            mock_clock.turn(1);
        }
        per_minute.push(asked.load(Ordering::SeqCst) - before);
    }
    let (most, all) = (per_minute.iter().max().unwrap(), per_minute.iter().sum::<usize>());
    println!("requests per minute: at most {most}, {:.2} on average", f64::from(u32::try_from(all).unwrap()) / 180.0);
    assert!(*most <= 83 && all <= 300, "{per_minute:?}");
}

#[tokio::test]
async fn somebody_who_is_new_or_unknown_is_looked_up_alone() {
    let (url, asked) = with_users(100).await;
    let torii = Torii::new(&url, LIFETIME, MockClock::new().clock()).unwrap();
    for number in 0..60 {
        torii.membership(&keys("k"), &format!("u{number}@example.com")).await.unwrap();
    }
    let before = asked.load(Ordering::SeqCst);
    assert!((SINGLE_LOOKUPS + 1..40).contains(&before), "one by one until all are read in the background: {before}");
    assert_eq!(torii.membership(&keys("k"), "new@example.com").await, Ok(Membership::Unknown));
    assert_eq!(asked.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn an_answer_from_all_users_is_as_old_as_these_are() {
    let (url, asked) = with_users(100).await;
    let mock_clock = MockClock::new();
    let torii = Torii::new(&url, LIFETIME, mock_clock.clock()).unwrap();
    let look_up = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            torii.membership(&keys("k"), &format!("u{number}@example.com")).await.unwrap();
        }
    };
    look_up(0..60).await;
    mock_clock.turn(540);
    look_up(60..99).await;
    let before = asked.load(Ordering::SeqCst);
    look_up(98..99).await;
    assert_eq!(asked.load(Ordering::SeqCst), before, "it is known");
    mock_clock.turn(60);
    look_up(98..99).await;
    assert!(asked.load(Ordering::SeqCst) > before, "ten minutes after all were read, not after this one was looked up");
}

#[tokio::test]
async fn without_memory_all_users_are_read_once_a_minute_at_most() {
    let (url, asked) = with_users(5_000).await;
    let torii = Torii::new(&url, Duration::ZERO, MockClock::new().clock()).unwrap();
    for number in 0..60 {
        torii.membership(&keys("k"), &format!("u{number}@example.com")).await.unwrap();
    }
    assert!(asked.load(Ordering::SeqCst) <= 65, "{asked:?}");
}

#[test]
fn a_look_alike_of_an_address_is_not_found_among_all_users() {
    let (directories, now) = (Directories::default(), Timestamp(1_000));
    assert!(directories.is_due(1, MINUTE, now));
    directories.put(1, Some(HashMap::from([("kim@example.com".to_owned(), "Admin")])), now);
    let find = |email: &str| directories.find(1, email, MINUTE, now).map(|(role, _)| role);
    assert_eq!(find("KIM@Example.com"), Some("Admin"));
    assert_eq!(find("\u{212a}im@example.com"), None);
}
