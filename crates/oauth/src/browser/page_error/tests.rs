use axum::{Router, body::Body, http::header::CONTENT_TYPE, middleware::from_fn_with_state, routing::get};
use tokio::time::Instant;
use tower::ServiceExt;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_page_that_takes_too_long_is_given_up_with_a_page() {
    let router = Router::new()
        .route("/", get(std::future::pending::<()>))
        .layer(from_fn_with_state(SharedRecurring::default(), in_time))
        .layer(from_fn_with_state("Pets", show))
        .layer(Extension(RequestId("7".into())));
    let begun = Instant::now();
    let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    assert!(response.headers().contains_key(RETRY_AFTER));
}
