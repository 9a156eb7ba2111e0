//! The form of every error text that an assistant can get: what happened, and behind the last semicolon what to do next; in lower
//! case, in one line, without a full stop, and without blame.

const BLAME: [&str; 9] =
    ["you must", "you should", "you have to", "you sent", "you forgot", "your mistake", "your fault", "invalid", "illegal"];

/// Fails where a text does not say what to do next.
pub(crate) fn leads_on(text: &str) {
    let begins = text.chars().next().unwrap_or_default();
    assert!(begins.is_lowercase() || begins == '`', "it begins with a small letter or a literal: {text}");
    assert!(!text.ends_with('.') && !text.contains('\n'), "it is one line without a full stop: {text}");
    assert!(text.rsplit_once("; ").is_some_and(|(_, step)| !step.is_empty()), "it says what to do next: {text}");
    let small = text.to_lowercase();
    assert!(!BLAME.iter().any(|blame| small.contains(blame)), "nobody is blamed: {text}");
}
