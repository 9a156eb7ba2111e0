use std::io::Write;

use super::*;

const SERVER: &str = "https://api.example/v1.0";

fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let get = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::load(get, SERVER).map_err(|problems| problems.to_string())
}

#[test]
fn the_address_of_torii_is_the_document_s_unless_set() {
    let cases = [
        (None, SERVER),
        (Some(" "), SERVER),
        (Some("http://127.0.0.1:9000"), "http://127.0.0.1:9000/v1.0"),
        (Some("http://127.0.0.1:9000/"), "http://127.0.0.1:9000/v1.0"),
        (Some("https://eu.example/v2/"), "https://eu.example/v2/"),
    ];
    for (typed, url) in cases {
        let pairs: Vec<_> = typed.map(|typed| (API_URL, typed)).into_iter().collect();
        assert_eq!(load(&pairs).unwrap().upstream.as_str(), url, "{typed:?}");
    }
}

#[test]
fn all_problems_are_told_at_once_and_without_secrets() {
    let problems = load(&[
        ("TORII_API_URL", "ftp://x"),
        ("TORII_API_KEY", "two secrets"),
        ("TORII_SCIM_KEY", "a"),
        ("TORII_SCIM_KEY_FILE", "/b"),
    ])
    .unwrap_err();
    assert_eq!(
        problems,
        "`TORII_API_URL` must begin with `https://` or `http://`\n\
         `TORII_API_KEY` does not hold a key: expected one word of printable characters\n\
         `TORII_SCIM_KEY` and `TORII_SCIM_KEY_FILE` are both set; keep one of them"
    );
}

#[test]
fn addresses_that_hide_something_are_refused() {
    for address in ["https://user:pw@api.example", "https://api.example/?key=1", "https://api.example/#a", "api.example"] {
        let problem = load(&[("TORII_API_URL", address)]).unwrap_err();
        assert!(problem.starts_with("`TORII_API_URL` ") && !problem.contains("pw"), "{problem}");
    }
}

#[test]
fn a_key_may_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("torii-mcp-key-{}", std::process::id()));
    writeln!(fs::File::create(&path).unwrap(), "from-file").unwrap();
    let keys = load(&[("TORII_API_KEY_FILE", path.to_str().unwrap())]).unwrap().keys;
    fs::remove_file(&path).unwrap();
    assert_eq!(keys.torii.unwrap().bearer(), "Bearer from-file");
    assert!(
        load(&[("TORII_API_KEY_FILE", "/no/such/file")])
            .unwrap_err()
            .starts_with("`TORII_API_KEY_FILE` cannot be read: /no/such/file: ")
    );
}

#[test]
fn a_key_prints_as_sensitive() {
    let config = load(&[("TORII_API_KEY", "very-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("very-secret"));
}
