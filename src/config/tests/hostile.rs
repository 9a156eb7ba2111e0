use super::*;
use crate::config::tree::key;

/// Parts of a configuration file, most of which end up in the wrong place.
const PIECES: [&str; 36] = [
    "listen",
    "public_url",
    "[auth]\n",
    "mode",
    "= ",
    "\"oidc\"",
    "\"https://a.example\"",
    "\n",
    "\n",
    "[[access.rules]]\n",
    "key = ",
    "[keys.main]\n",
    "[[clients]]\n",
    "id",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "\"",
    "'''",
    "1979-05-27T07:32:00Z",
    "nan",
    "-inf",
    "0x7fff_ffff",
    "9223372036854775808",
    "1e400",
    "true",
    "\u{0}",
    "é",
    "\u{202e}",
    "#",
    "trusted_proxies",
    "[\"::/0\"]",
    "\"\\u0000~/1\" = ",
];

#[test]
fn no_file_and_no_variable_makes_it_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    let folder = Folder::new(&[]);
    let names: Vec<_> = keys::leaves().iter().map(|leaf| keys::variable(&leaf.place).replace(keys::NAME, "X")).collect();
    for _ in 0..1000 {
        let text: String = (0..random.usize(..40)).map(|_| *random.choice(PIECES.iter()).unwrap()).collect();
        folder.write(FILE, &text);
        let value: String = (0..random.usize(..6)).map(|_| *random.choice(PIECES.iter()).unwrap()).collect();
        let name = random.choice(&names).unwrap();
        let sources = folder.sources(&[(name, &value)]);
        if let Err(problems) = Config::load_server(&sources, &known()) {
            let text = problems.to_string();
            assert!(!text.is_empty() && !text.contains(['\u{0}', '\u{202e}']), "{text:?}");
        }
    }
}

#[test]
fn every_key_with_every_kind_of_value_is_taken_or_refused() {
    let folder = Folder::new(&[]);
    for leaf in keys::leaves() {
        for value in
            ["1", "-1", "1.5", "true", "\"\"", "\"a\"", "\"é\"", "[]", "[1]", "[[]]", "{}", "{ a = 1 }", "1979-05-27", "nan"]
        {
            folder.write(FILE, &format!("{} = {value}", key(&leaf.place).replace(keys::NAME, "name")));
            if let Err(problems) = folder.load(&[]) {
                assert!(!problems.contains("cannot be understood"), "{}: {problems}", key(&leaf.place));
            }
        }
    }
}

#[test]
fn deep_and_large_files_are_refused() {
    for text in [format!("a = {}", "[".repeat(100_000)), format!("{}b = 1", "a.".repeat(100_000)), "#".repeat(2 << 20)] {
        assert!(load(&text, &[]).is_err());
    }
    let many: Vec<_> = (0..20_000).map(|n| format!("k{n} = 1")).collect();
    assert!(load(&many.join("\n"), &[]).unwrap_err().lines().count() <= 50);
}
