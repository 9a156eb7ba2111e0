//! `fetch` accepts only documents, and only from permitted URLs.

use crate::{
    publisher::{Answer, Publisher},
    scratch::{APPS, Ran, Scratch, document},
};

fn fetch(scratch: &Scratch, url: &str) -> Ran {
    scratch.run(&["fetch", "--url", url, "--output", "got/api.json"])
}

#[test]
fn a_document_is_kept_with_its_digest_and_the_next_step() {
    let (scratch, publisher) = (Scratch::adopted(), Publisher::start());
    let text = document(&[APPS]);
    let url = publisher.publish(&text);
    let said = fetch(&scratch, &url).done();
    let (bytes, digest) = (text.len(), openapi_mcp_codegen::sha256(&text));
    assert_eq!(
        said,
        format!("got/api.json: {bytes} bytes, sha256 {digest}\nnext: `cargo codegen sync --document got/api.json`\n")
    );
    assert_eq!(scratch.read("got/api.json"), text);
    scratch.run(&["sync", "--document", "got/api.json"]).done();
    assert_eq!(scratch.json("openapi/tools.lock.json")["document"]["sha256"], digest, "the lock has the same digest");
}

#[test]
fn three_redirects_are_followed_and_not_four() {
    let (scratch, publisher) = (Scratch::adopted(), Publisher::start());
    publisher.publish(&document(&[APPS]));
    publisher.at("/1", Answer::Redirect("/document.json".to_owned()));
    publisher.at("/2", Answer::Redirect("/1".to_owned()));
    let three = publisher.at("/3", Answer::Redirect("/2".to_owned()));
    let four = publisher.at("/4", Answer::Redirect("/3".to_owned()));
    let endless = publisher.at("/endless", Answer::Redirect("/endless".to_owned()));
    let away = publisher.at("/away", Answer::Redirect("file:///etc/hostname".to_owned()));
    fetch(&scratch, &three).done();
    let before = scratch.files();
    for url in [four, endless] {
        let said = fetch(&scratch, &url).failed();
        assert!(said.starts_with("cannot download") && said.contains("redirects"), "{said}");
    }
    let said = fetch(&scratch, &away).failed();
    assert!(said.starts_with("cannot download") && said.contains("file"), "{said}");
    assert_eq!(scratch.files(), before);
}

#[test]
fn what_is_no_document_is_refused_and_not_kept() {
    let (scratch, publisher) = (Scratch::adopted(), Publisher::start());
    let before = scratch.files();
    let json = "application/json";
    for (response, reason) in [
        (Answer::Missing, "404"),
        (Answer::Announced(21 << 20), "sends more than 20 MiB; nothing was stored"),
        (Answer::Endless, "sends more than 20 MiB; nothing was stored"),
        (Answer::Document("text/html", document(&[APPS]).into()), "sends `text/html`, not JSON or YAML; check the URL"),
        (
            Answer::Document("text/html; profile=json", document(&[APPS]).into()),
            "sends `text/html; profile=json`, not JSON or YAML",
        ),
        (Answer::Document("x/\u{1b}[31mjson", document(&[APPS]).into()), "sends `x/[31mjson`, not JSON or YAML"),
        (Answer::Document(json, b"{\"openapi\": \"4\\u001b\"}".to_vec()), "is no OpenAPI document: OpenAPI 4 is"),
        (Answer::Document(json, b"{}".to_vec()), "is no OpenAPI document: "),
        (Answer::Document(json, b"{\"openapi\": \"3.0.3\"".to_vec()), "is no OpenAPI document: "),
        (Answer::Document(json, b"\xff\xfe".to_vec()), "is not UTF-8"),
    ] {
        let url = publisher.at("/odd", response);
        let said = fetch(&scratch, &url).failed();
        assert!(said.contains(reason) && said.contains(&url), "{reason}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(scratch.files(), before, "{reason}");
    }
}

#[test]
fn what_a_document_comes_as_is_taken_by_its_name() {
    let (scratch, publisher) = (Scratch::adopted(), Publisher::start());
    for type_ in
        ["application/json; charset=utf-8", "application/vnd.oai.openapi+json;version=3.0", "TEXT/YAML", "text/plain", ""]
    {
        fetch(&scratch, &publisher.at("/typed", Answer::Document(type_, document(&[APPS]).into()))).done();
    }
}

#[test]
fn there_is_always_a_limit_to_the_time() {
    for seconds in ["0", "601", "-1"] {
        let ran = Scratch::adopted().run(&["fetch", &format!("--timeout={seconds}")]);
        assert!(ran.code == 2 && ran.stderr.contains("--timeout"), "{ran:?}");
    }
}

#[test]
fn a_publisher_that_is_silent_or_away_is_not_waited_for() {
    let (scratch, publisher) = (Scratch::adopted(), Publisher::start());
    let url = publisher.at("/silent", Answer::Silent);
    let said = scratch.run(&["fetch", "--url", &url, "--timeout", "1"]).failed();
    assert!(said.contains("timed out"), "{said}");
    let said = fetch(&scratch, "http://127.0.0.1:1/").failed();
    assert!(said.starts_with("cannot download `http://127.0.0.1:1/`: curl: (7)"), "{said}");
}

#[test]
fn only_https_is_asked_or_this_machine() {
    let scratch = Scratch::adopted();
    for url in [
        "http://api.example/openapi.json",
        "http://127.0.0.1.api.example/",
        "http://localhost.api.example:80/",
        "http://127.0.0.1:80.api.example/",
        "file:///etc/hostname",
        "ftp://127.0.0.1/",
        "https:///api.example/",
        "/etc/hostname",
        "--help",
    ] {
        let said = scratch.run(&["fetch", &format!("--url={url}")]).failed();
        assert!(said.contains("is not an https URL"), "{url}: {said}");
    }
    for url in [
        "http://127.0.0.1\\@api.example/",
        "https://api.example\\@ada:secret@api.example/",
        "https://api.example/ \u{1b}",
        "https://äpi.example/",
    ] {
        let said = scratch.run(&["fetch", &format!("--url={url}")]).failed();
        assert!(said.contains("has a character that no URL has") && !said.contains(['\u{1b}', '@']), "{url}: {said}");
    }
    for url in [
        "http://127.0.0.1:80@api.example/",
        "http://127.0.0.1@api.example/",
        "https://ada:secret@api.example/",
        "https:///ada:secret@api.example/",
    ] {
        let said = scratch.run(&["fetch", &format!("--url={url}")]).failed();
        assert!(said.contains("contains a name or password") && !said.contains("secret"), "{url}: {said}");
    }
}
