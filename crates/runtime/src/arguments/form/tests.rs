use serde_json::json;

use super::*;

fn encode(parts: &[(&str, Value)]) -> Result<String, String> {
    let parts = parts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Form::encode(parts, &["file", "files"])
        .map(|form| String::from_utf8(form.body).unwrap())
        .map_err(|failure| failure.to_string())
}

#[test]
fn files_and_plain_parts_are_encoded() {
    let body = encode(&[("file", json!({ "name": "a.txt", "text": "hi" })), ("type", json!("attachment"))]).unwrap();
    let expected = "--mcp-47353014f6642b8598252776283d2af4\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n--mcp-47353014f6642b8598252776283d2af4\r\n\
                    Content-Disposition: form-data; name=\"type\"\r\n\r\nattachment\r\n--mcp-47353014f6642b8598252776283d2af4--\r\n";
    assert_eq!(body, expected);
}

/// The parts of a body, without its boundaries.
fn parts(body: &str) -> Vec<String> {
    let boundary = body.split_once("\r\n").unwrap().0;
    body.split(boundary).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty() && part != "--").collect()
}

#[test]
fn an_object_that_is_no_file_is_json() {
    let body = encode(&[("owner", json!({ "name": "a", "text": "b" }))]).unwrap();
    let expected =
        "Content-Disposition: form-data; name=\"owner\"\r\nContent-Type: application/json\r\n\r\n{\"name\":\"a\",\"text\":\"b\"}";
    assert_eq!(parts(&body), [expected]);
}

#[test]
fn each_item_of_a_list_is_a_part() {
    let files = json!([{ "name": "a.txt", "text": "a" }, { "name": "b.txt", "text": "b" }]);
    let body = encode(&[("tags", json!(["x", 2])), ("files", files), ("none", json!([]))]).unwrap();
    let file = |name: &str, text: &str| {
        let disposition = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
        format!("{disposition}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}")
    };
    let tag = |text: &str| format!("Content-Disposition: form-data; name=\"tags\"\r\n\r\n{text}");
    assert_eq!(parts(&body), [tag("x"), tag("2"), file("a.txt", "a"), file("b.txt", "b")]);
}

#[test]
fn base64_is_decoded() {
    assert!(encode(&[("file", json!({ "name": "a", "base64": "aGVsbG8=" }))]).unwrap().contains("\r\n\r\nhello\r\n"));
}

#[test]
fn a_file_name_cannot_add_a_header() {
    let body = encode(&[("file", json!({ "name": "a\"\r\nX: y", "text": "" }))]).unwrap();
    assert!(body.contains("filename=\"a%22%0D%0AX: y\"\r\n"), "{body}");
}

#[test]
fn the_boundary_is_in_no_content() {
    let body = |text: &str| encode(&[("file", json!({ "name": "a", "text": text }))]).unwrap();
    let boundary = |body: &str| body.split_once("\r\n").map(|(first, _)| first.to_owned()).unwrap();
    let plain = boundary(&body("a"));
    assert!(plain.starts_with("--mcp-") && plain.len() == 6 + 32, "{plain}");
    let hostile = body(&plain);
    assert_eq!(hostile.matches(&boundary(&hostile)).count(), 2, "{hostile}");
}

#[test]
fn wrong_files_are_refused() {
    let cases = [
        (json!({ "name": "a" }), "`file` needs exactly one of `text` and `base64`"),
        (json!({ "name": "a", "text": "", "base64": "" }), "`file` needs exactly one of `text` and `base64`"),
        (json!({ "name": " ", "text": "" }), "`file.name` is missing"),
        (json!({ "name": "a", "base64": "*" }), "`file.base64` is not base64: "),
        (json!({ "name": "a", "text": "x".repeat(FILE_BYTES + 1) }), "`file` is larger than 3 MiB"),
    ];
    for (file, words) in cases {
        let refused = encode(&[("file", file)]).unwrap_err();
        assert!(refused.starts_with(words), "{refused}");
    }
    assert!(encode(&[("file", json!({ "name": "a", "text": "x".repeat(FILE_BYTES) }))]).is_ok());
}
