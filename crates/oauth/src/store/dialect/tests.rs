use super::next_step;

#[test]
fn errors_that_do_not_say_what_to_do_have_a_next_step() {
    for (code, says) in [
        ("42P05", "pool_mode = session"),
        ("08P01", "extra_float_digits"),
        ("11", "restore a backup"),
        ("779", "restore a backup"),
    ] {
        assert!(next_step(code).is_some_and(|next| next.contains(says)), "{code}");
    }
    for code in ["", "10", "23505", "53100", "5"] {
        assert_eq!(next_step(code), None, "{code}");
    }
}
