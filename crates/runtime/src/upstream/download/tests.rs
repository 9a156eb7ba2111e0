use axum::http;
use reqwest::{Response, ResponseBuilderExt, header::HeaderValue};

use super::*;

fn redirect(from: &str, to: &'static str) -> Received {
    let url = Url::parse(from).unwrap();
    let response = http::Response::builder().status(302).url(url).header(LOCATION, to).body("").unwrap();
    Received::from(Response::from(response))
}

#[test]
fn only_safe_targets_are_followed() {
    let cases = [
        ("https://api.example/f", "https://files.example/x?sig=1", Ok("https://files.example/x?sig=1")),
        ("https://api.example/f", "/x", Ok("https://api.example/x")),
        ("https://api.example/f", "http://files.example/x", Err("files.example")),
        ("http://127.0.0.1/f", "http://127.0.0.1:9/x", Ok("http://127.0.0.1:9/x")),
        ("http://127.0.0.1/f", "https://files.example/x", Ok("https://files.example/x")),
        ("https://api.example/f", "file:///etc/passwd", Err("nowhere")),
        ("https://api.example/f", "http://[", Err("nowhere")),
    ];
    for (from, to, expected) in cases {
        let response = redirect(from, to);
        let expected = expected.map(|url| Url::parse(url).unwrap()).map_err(ToolError::unexpected_redirect);
        assert_eq!(target(&response, response.url.scheme() == "http"), expected, "{from} {to}");
    }
}

/// A resolver for which every name leads outside and inside.
#[derive(Debug)]
struct Inside;

#[async_trait::async_trait]
impl Resolver for Inside {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        Ok(vec![[8, 8, 8, 8].into(), [10, 0, 0, 1].into()])
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_asked_for_at_a_proxy_either() {
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let client = Client::builder().proxy(reqwest::Proxy::all(url).unwrap()).build().unwrap();
    let files = Files { client, names: Some(Arc::new(Inside)) };
    let followed = follow(&files, redirect("https://api.example/f", "https://files.example/x?sig=1"), |_| unreachable!()).await;
    assert_eq!(followed.err(), Some(ToolError::file_host_not_public("files.example")));
    let asked = std::pin::pin!(proxy.accept());
    let is_asked = tokio::select! { biased; _ = asked => true, () = std::future::ready(()) => false };
    assert!(!is_asked, "the proxy is not asked");
}

#[test]
fn files_are_text_or_base64() {
    let url = Url::parse("https://files.example/a/quarter%20one.csv?sig=secret").unwrap();
    let file = |media: &'static str, body: &[u8]| {
        let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, HeaderValue::from_static(media))]);
        super::file(&url, &headers, body.to_vec()).text
    };
    assert_eq!(
        file("text/csv; charset=utf-8", b"a,b"),
        r#"{"name":"quarter one.csv","contentType":"text/csv","size":3,"text":"a,b"}"#
    );
    assert_eq!(
        file("application/pdf", b"\0\x01"),
        r#"{"name":"quarter one.csv","contentType":"application/pdf","size":2,"base64":"AAE="}"#
    );
    assert_eq!(
        file("text/csv", "a\u{200b}\u{e0041},\u{1b}b".as_bytes()),
        r#"{"name":"quarter one.csv","contentType":"text/csv","size":11,"text":"a,b"}"#
    );
    assert_eq!(file("text/csv", b"\xff"), r#"{"name":"quarter one.csv","contentType":"text/csv","size":1,"base64":"/w=="}"#);
}

#[test]
fn the_name_comes_from_the_header_without_folders() {
    let headers = |value: &'static str| HeaderMap::from_iter([(CONTENT_DISPOSITION, HeaderValue::from_static(value))]);
    assert_eq!(disposition(&headers("attachment; filename=\"../../a b.txt\"")).as_deref(), Some("a b.txt"));
    assert_eq!(disposition(&headers("attachment; filename=c.txt; size=1")).as_deref(), Some("c.txt"));
    assert_eq!(disposition(&headers("inline")), None);
}
