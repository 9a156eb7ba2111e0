//! The form of every error text that an assistant can get: what happened, and behind the last semicolon the one thing to do
//! next; in lower case, without a full stop, and without blame.

/// How a next step begins.
const STEPS: [&str; 22] = [
    "ask ",
    "call ",
    "check ",
    "correct ",
    "did you mean `",
    "it takes `",
    "its capabilities say ",
    "leave it out",
    "list ",
    "nothing was sent, correct ",
    "read ",
    "run it with `",
    "say in other words ",
    "see ",
    "set `part` ",
    "sign in again ",
    "take ",
    "try again",
    "use ",
    "wait ",
    "send ",
    "search ",
];
const BLAME: [&str; 9] =
    ["you must", "you should", "you have to", "you sent", "you forgot", "your mistake", "your fault", "invalid", "illegal"];

/// Fails where a text does not lead on.
pub(crate) fn leads_on(text: &str) {
    let is_step = |part: &str| STEPS.iter().any(|step| part.starts_with(step));
    let begins = text.chars().next().unwrap_or_default();
    assert!(begins.is_lowercase() || begins == '`', "it begins with a small letter or a literal: {text}");
    assert!(!text.ends_with('.') && !text.contains('\n'), "it is one line without a full stop: {text}");
    let (what, step) = text.rsplit_once("; ").unwrap_or_else(|| panic!("it says what to do next: {text}"));
    assert!(is_step(step), "`{step}` is no next step: {text}");
    // one of several wrong arguments may have its own nearest name
    let others: Vec<_> = what.split("; ").filter(|part| is_step(part)).collect();
    assert!(others.is_empty(), "there is one next step, not also {others:?}: {text}");
    let small = text.to_lowercase();
    assert!(!BLAME.iter().any(|blame| small.contains(blame)), "nobody is blamed: {text}");
}
