use crate::keyring::*;

fn key() -> String {
    Keyring::new_key(Random::system()).unwrap()
}

#[test]
fn an_encrypted_key_opens_in_its_own_row_only() {
    let keyring = Keyring::parse(&key(), "pets-mcp").unwrap();
    let encrypted = keyring.encrypt("grant a", b"torii's key").unwrap();
    assert_eq!(keyring.decrypt("grant a", &encrypted).unwrap().as_slice(), b"torii's key");
    assert_eq!(keyring.decrypt("grant b", &encrypted), Err(Error::Broken));
    assert!(!encrypted.as_bytes().windows(5).any(|part| part == b"torii"));
}

#[test]
fn the_same_text_is_encrypted_differently_each_time() {
    let keyring = Keyring::parse(&key(), "pets-mcp").unwrap();
    assert_ne!(keyring.encrypt("a", b"text").unwrap(), keyring.encrypt("a", b"text").unwrap());
}

#[test]
fn a_changed_or_cut_value_does_not_open() {
    let keyring = Keyring::parse(&key(), "pets-mcp").unwrap();
    let encrypted = keyring.encrypt("a", b"text").unwrap();
    for index in NAME..encrypted.0.len() {
        let mut changed = encrypted.clone();
        changed.0[index] ^= 1;
        assert_eq!(keyring.decrypt("a", &changed), Err(Error::Broken), "{index}");
        assert!(keyring.decrypt("a", &EncryptedKey(encrypted.0[..index].to_vec())).is_err(), "{index}");
    }
    assert_eq!(keyring.decrypt("a", &EncryptedKey(Vec::new())), Err(Error::Broken));
}

#[test]
fn an_older_key_still_opens_and_a_foreign_one_never() {
    let (old, new) = (key(), key());
    let encrypted = Keyring::parse(&old, "pets-mcp").unwrap().encrypt("a", b"text").unwrap();
    let both = Keyring::parse(&format!("{new}\n{old}\n"), "pets-mcp").unwrap();
    assert_eq!(both.decrypt("a", &encrypted).unwrap().as_slice(), b"text");
    assert!(!both.is_current(&encrypted) && both.is_current(&both.encrypt("a", b"text").unwrap()));
    assert_eq!(Keyring::parse(&new, "pets-mcp").unwrap().decrypt("a", &encrypted), Err(Error::UnknownKey));
}

#[test]
fn what_is_no_encryption_key_is_refused_and_never_printed() {
    for (text, error) in
        [("", Error::NoKey), (" \n", Error::NoKey), ("c2hvcnQ=", Error::Malformed), ("not base64!", Error::Malformed)]
    {
        assert_eq!(Keyring::parse(text, "pets-mcp").err(), Some(error), "{text:?}");
    }
    let key = key();
    assert_eq!(format!("{:?}", Keyring::parse(&key, "pets-mcp").unwrap()), "Keyring(1 keys)");
}
