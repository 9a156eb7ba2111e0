use super::ICON;

#[test]
fn the_icon_is_a_uri_with_nothing_left_to_escape() {
    let (scheme, rest) = ICON.split_once(':').unwrap();
    assert_eq!(scheme, "data");
    for character in rest.chars() {
        assert!(character.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=%".contains(character), "{character:?}");
    }
}
