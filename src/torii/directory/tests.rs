use std::time::Duration;

use axum::{Router, response::IntoResponse, routing::get};
use reqwest::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;
use torii_sample as sample;

use super::*;

pub(in crate::torii) async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/v1.0", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn at(url: &Url) -> Torii {
    Torii::new(url, Duration::from_mins(10), Clock::system()).unwrap()
}

async fn sample() -> Torii {
    at(&serve(sample::router(sample::Options::default())).await)
}

async fn answering<R: IntoResponse + Send>(response: impl Fn() -> R + Clone + Send + Sync + 'static) -> Torii {
    let handler = move || async move { response() };
    at(&serve(Router::new().route("/v1.0/{*path}", get(handler))).await)
}

fn key(plain: &str) -> Key {
    Key::new(plain).unwrap()
}

pub(in crate::torii) fn keys(plain: &str) -> Keys {
    [(API_KEY.to_owned(), key(plain))].into_iter().collect()
}

#[tokio::test]
async fn the_sample_knows_its_keys_and_users() {
    let torii = sample().await;
    for good in [sample::FULL_ACCESS_KEY, sample::READ_ONLY_KEY] {
        assert!(!torii.organization(&keys(good)).await.unwrap().name().is_empty());
        assert_eq!(torii.accepts(SCIM_KEY, &key(good)).await, Err(ToriiError::Key.into()));
    }
    assert_eq!(torii.accepts(SCIM_KEY, &key(sample::SCIM_KEY)).await, Ok(()));
    for bad in [sample::SCIM_KEY, "guessed"] {
        assert_eq!(torii.organization(&keys(bad)).await, Err(ToriiError::Key.into()));
    }
    assert_eq!(torii.membership(&keys(sample::READ_ONLY_KEY), "nobody@example.com").await, Ok(Membership::Unknown));
}

#[tokio::test]
async fn a_user_stands_as_their_record_says() {
    let user = |email: &str, role: Value, status: Value, is_deleted: Value| json!({ "id": 1, "email": email, "role": role, "lifecycleStatus": status, "isDeletedInIdentitySources": is_deleted });
    let member = Ok(Membership::Member { role: "IT Manager".to_owned() });
    let manager = |status: &str, is_deleted: bool| user("Ada@example.com", "IT Manager".into(), status.into(), is_deleted.into());
    for (users, expected) in [
        (json!([manager("active", false)]), member.clone()),
        (json!([user("ada@example.com", "IT Manager".into(), "active".into(), Value::Null)]), member.clone()),
        (json!([manager("active", true)]), Ok(Membership::Left)),
        (json!([manager("offboarding", false)]), Ok(Membership::Left)),
        (json!([manager("offboarded", false)]), Ok(Membership::Left)),
        (json!([manager("unheard-of", false)]), Ok(Membership::Left)),
        (json!([user("ada@example.com", "Admin".into(), "active".into(), "yes".into())]), Ok(Membership::Left)),
        (json!([manager("active", false), manager("offboarded", true)]), Ok(Membership::Left)),
        (json!([user("ada@example.com", Value::Null, "active".into(), false.into())]), Ok(Membership::Unknown)),
        (json!([user("ada@example.com", " ".into(), "active".into(), false.into())]), Ok(Membership::Unknown)),
        (json!([user("ada@example.com.evil.example", "Admin".into(), "active".into(), false.into())]), Ok(Membership::Unknown)),
        (json!([user("xada@example.com", "Admin".into(), "active".into(), false.into())]), Ok(Membership::Unknown)),
        (json!([{ "id": 1, "role": "Admin", "lifecycleStatus": "active" }]), Ok(Membership::Unknown)),
        (json!([]), Ok(Membership::Unknown)),
        (
            json!([user("ada@example.com", "Admin".into(), Value::Null, false.into())]),
            Err(unexpected("it does not say whether the user still works there").into()),
        ),
    ] {
        let response = json!({ "users": users }).to_string();
        let torii = answering(move || response.clone()).await;
        assert_eq!(torii.membership(&keys("k"), "ada@example.com").await, expected, "{users}");
    }
}

#[tokio::test]
async fn a_look_alike_of_an_address_is_somebody_else_whoever_was_looked_up_before() {
    let response = json!({ "users": [{ "id": 1, "email": "kim@example.com", "lifecycleStatus": "active", "role": "Admin" }] });
    let torii = answering(move || response.to_string()).await;
    let admin = Ok(Membership::Member { role: "Admin".to_owned() });
    // KELVIN SIGN, which is a `k` in lower case
    let look_alike = "\u{212a}im@example.com";
    for _ in 0..20 {
        // of these many look-ups, all users are read at some point
        for (email, expected) in
            [("kim@example.com", admin.clone()), (look_alike, Ok(Membership::Unknown)), ("KIM@example.com", admin.clone())]
        {
            assert_eq!(torii.membership(&keys("k"), email).await, expected, "{email}");
        }
    }
}

#[tokio::test]
async fn an_address_is_asked_for_as_it_is() {
    let handler = |uri: axum::http::Uri| async move {
        let asked = uri.query().unwrap_or_default().split('&').next().unwrap_or_default().to_owned();
        json!({ "users": [{ "email": "a+b&role=x@example.com", "lifecycleStatus": "active", "role": asked }] }).to_string()
    };
    let torii = at(&serve(Router::new().route("/v1.0/users", get(handler))).await);
    let role = "email=a%2Bb%26role%3Dx%40example.com".to_owned();
    assert_eq!(torii.membership(&keys("k"), "a+b&role=x@example.com").await, Ok(Membership::Member { role }));
}

#[tokio::test]
async fn what_torii_refuses_is_told_from_what_it_cannot_do() {
    let busy = |seconds| ToriiError::Busy { seconds };
    for (status, retry_after, expected) in [
        (401, "", ToriiError::Key),
        (403, "", ToriiError::Forbidden),
        (429, "7", busy(7)),
        (429, "", busy(60)),
        (429, "999999", busy(3600)),
        (500, "", ToriiError::Down("it answered with status 500".to_owned())),
        (503, "", ToriiError::Down("it answered with status 503".to_owned())),
        (302, "", unexpected("its status is 302")),
        (404, "", unexpected("its status is 404")),
        (200, "", unexpected("it is not JSON")),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let torii = answering(move || (status, [("retry-after", retry_after), ("location", "/x")], "<html>")).await;
        assert_eq!(torii.organization(&keys("k")).await, Err(expected.clone().into()), "{status}");
        assert_eq!(torii.accepts(SCIM_KEY, &key("k")).await, Err(expected.clone().into()), "{status}");
        assert_eq!(torii.membership(&keys("k"), "a@b.example").await, Err(expected.into()), "{status}");
    }
}

#[tokio::test]
async fn a_page_of_something_in_between_is_no_answer_of_torii_about_the_key() {
    for status in [200, 401, 403, 404, 429, 502] {
        let code = StatusCode::from_u16(status).unwrap();
        let page = "<!doctype html><title>Zscaler &amp; Co</title>";
        let torii = answering(move || (code, [("content-type", "text/html; charset=utf-8")], page)).await;
        let told = DirectoryError::Intermediary(format!("a web page with status {status}, titled `Zscaler & Co`"));
        assert_eq!(torii.organization(&keys("k")).await, Err(told.clone()));
        assert_eq!(torii.accepts(SCIM_KEY, &key("k")).await, Err(told.clone()));
        assert_eq!(torii.accepts(API_KEY, &key("k")).await, Err(told.clone()));
        assert_eq!(torii.membership(&keys("k"), "a@b.example").await, Err(told));
    }
    let page = "<title>no such page: a-secret-key</title>";
    let torii = answering(move || (StatusCode::FORBIDDEN, [("content-type", "text/html")], page)).await;
    let told = torii.organization(&keys("a-secret-key")).await.unwrap_err().to_string();
    assert!(told.ends_with("a web page with status 403"), "{told}");
}

#[tokio::test]
async fn an_answer_of_another_form_is_no_organization() {
    for response in ["{}", "[]", "null", "{\"org\":null}", "{\"org\":{}}", "{\"users\":{}}"] {
        let torii = answering(move || response).await;
        for refusal in [
            torii.organization(&keys("k")).await.unwrap_err(),
            torii.accepts(SCIM_KEY, &key("k")).await.unwrap_err(),
            torii.membership(&keys("k"), "a@b.example").await.unwrap_err(),
        ] {
            assert!(matches!(refusal, DirectoryError::Unavailable(_)), "{response}: {refusal}");
        }
    }
    let torii = answering(|| "{\"org\":{\"id\":7,\"companyName\":\" \"}}").await;
    assert_eq!(torii.organization(&keys("k")).await, Organization::new("7", "organization 7"));
    let torii = answering(|| format!("{{\"org\":{{\"id\":7,\"companyName\":\"{}\"}}}}", "x".repeat(500_000))).await;
    assert_eq!(torii.organization(&keys("k")).await.unwrap().name().len(), 200);
    let torii = answering(|| format!("{{\"org\":{{\"id\":\"{}\"}}}}", "7".repeat(500_000))).await;
    assert!(matches!(torii.organization(&keys("k")).await, Err(DirectoryError::Unavailable(_))));
}

#[tokio::test]
async fn a_torii_that_does_not_answer_is_down_and_no_key_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for address in [closed, silent.local_addr().unwrap()] {
        let limits = Limits { total: Duration::from_millis(300), ..Limits::OPERATOR };
        let torii = Torii::with(&Url::parse(&format!("http://{address}/v1.0")).unwrap(), limits, Duration::ZERO, Clock::system())
            .unwrap();
        let refusal = torii.organization(&keys("a-secret-key")).await.unwrap_err();
        assert!(matches!(refusal, DirectoryError::Unavailable(_)), "{refusal}");
        assert!(!format!("{refusal} {refusal:?} {torii:?}").contains("a-secret-key"));
    }
}

#[tokio::test]
async fn an_answer_of_very_many_values_is_refused_before_it_is_parsed() {
    let nested = format!("{{\"users\":[{}[]]}}", "[],".repeat(60_000));
    let torii = answering(move || nested.clone()).await;
    let refused = torii.membership(&keys("any"), "ada@example.com").await.unwrap_err();
    assert_eq!(refused, unexpected("it holds more than 50000 values").into());
}
