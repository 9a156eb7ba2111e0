use crate::keyring::*;

fn key() -> String {
    Keyring::new_key(Random::system()).unwrap()
}

#[test]
fn a_sealed_key_opens_in_its_own_row_only() {
    let seal = Keyring::parse(&key(), "pets-mcp").unwrap();
    let sealed = seal.seal("grant a", b"torii's key").unwrap();
    assert_eq!(seal.open("grant a", &sealed).unwrap(), b"torii's key");
    assert_eq!(seal.open("grant b", &sealed), Err(Error::Broken));
    assert!(!sealed.as_bytes().windows(5).any(|part| part == b"torii"));
}

#[test]
fn the_same_text_is_sealed_differently_each_time() {
    let seal = Keyring::parse(&key(), "pets-mcp").unwrap();
    assert_ne!(seal.seal("a", b"text").unwrap(), seal.seal("a", b"text").unwrap());
}

#[test]
fn a_changed_or_cut_value_does_not_open() {
    let seal = Keyring::parse(&key(), "pets-mcp").unwrap();
    let sealed = seal.seal("a", b"text").unwrap();
    for index in NAME..sealed.0.len() {
        let mut changed = sealed.clone();
        changed.0[index] ^= 1;
        assert_eq!(seal.open("a", &changed), Err(Error::Broken), "{index}");
        assert!(seal.open("a", &EncryptedKey(sealed.0[..index].to_vec())).is_err(), "{index}");
    }
    assert_eq!(seal.open("a", &EncryptedKey(Vec::new())), Err(Error::Broken));
}

#[test]
fn an_older_key_still_opens_and_a_foreign_one_never() {
    let (old, new) = (key(), key());
    let sealed = Keyring::parse(&old, "pets-mcp").unwrap().seal("a", b"text").unwrap();
    let both = Keyring::parse(&format!("{new}\n{old}\n"), "pets-mcp").unwrap();
    assert_eq!(both.open("a", &sealed).unwrap(), b"text");
    assert!(!both.is_current(&sealed) && both.is_current(&both.seal("a", b"text").unwrap()));
    assert_eq!(Keyring::parse(&new, "pets-mcp").unwrap().open("a", &sealed), Err(Error::UnknownKey));
}

#[test]
fn what_is_no_sealing_key_is_refused_and_never_printed() {
    for (text, error) in
        [("", Error::NoKey), (" \n", Error::NoKey), ("c2hvcnQ=", Error::Malformed), ("not base64!", Error::Malformed)]
    {
        assert_eq!(Keyring::parse(text, "pets-mcp").err(), Some(error), "{text:?}");
    }
    let key = key();
    assert_eq!(format!("{:?}", Keyring::parse(&key, "pets-mcp").unwrap()), "Seal(1 keys)");
}
