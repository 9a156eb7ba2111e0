//! What a question asks for, in English: its words without those that say nothing, whether it orders a change, and whether it is about
//! one record, several, or a figure over many.

use super::words::{ASKS, BEFORE, DESTROYS, DONE, EMPTY, GROUPS, NUMBERED, SAME, TOTALS, WRITES, is_in};
use crate::catalog::Effect;

/// What is added to a question for who changed something, or when.
const OF_CHANGES: [&str; 3] = ["audit", "log", "did"];
/// What is added to a question with an e-mail address.
const OF_ADDRESS: [&str; 3] = ["email", "address", "people"];
/// The longest number that is taken for that of a record, in digits.
const DIGITS: usize = 6;

/// What a question asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    /// Its words that say something, each once and as the word that stands for all with its meaning.
    pub(super) words: String,
    /// What is to be done, if that can be told.
    pub(super) effect: Option<Effect>,
    /// How many records it is about, if that can be told.
    pub(super) sought: Option<Sought>,
    /// Whether it asks for a figure over many records, such as a sum for each group.
    pub(super) is_figure: bool,
}

/// How many records a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    One,
    Several,
}

impl Question {
    pub(super) fn read(text: &str) -> Self {
        let all = words(text);
        let mut said: Vec<&str> = Vec::new();
        for word in all.iter().map(|word| meant(word)).filter(|word| !is_in(EMPTY, word)) {
            if !said.contains(&word) {
                said.push(word);
            }
        }
        if text.contains('@') {
            said.extend(OF_ADDRESS);
        }
        if asks_what_was_done(&all) {
            said.extend(OF_CHANGES);
        }
        Self { words: said.join(" "), effect: effect(&all), sought: sought(&all), is_figure: is_figure(&all) }
    }
}

/// A text of a tool in the words of [`Question::words`].
pub(super) fn by_meaning(text: &str) -> String {
    words(text).iter().map(|word| meant(word)).filter(|word| !is_in(EMPTY, word)).collect::<Vec<_>>().join(" ")
}

/// The words of a text in small letters, without the signs around them.
fn words(text: &str) -> Vec<String> {
    let is_inside = |sign: char| "_-.".contains(sign);
    let words = text.split(|sign: char| !(sign.is_alphanumeric() || is_inside(sign)));
    words.map(|word| word.trim_matches(is_inside).to_lowercase()).filter(|word| !word.is_empty()).collect()
}

/// The word that stands for all with its meaning.
fn meant(word: &str) -> &str {
    SAME.iter().find(|same| is_in(same, word)).and_then(|same| same.split_whitespace().next()).unwrap_or(word)
}

fn has(words: &[String], list: &str) -> bool {
    words.iter().any(|word| is_in(list, word))
}

/// Whether a word comes right before one of these.
fn is_before(words: &[String], first: &str, next: &str) -> bool {
    words.windows(2).any(|pair| matches!(pair, [one, other] if one == first && other == next))
}

/// What the first verb orders, or else the one before a pronoun at the end, as in `… is gone, record that`.
fn effect(words: &[String]) -> Option<Effect> {
    let first = words.first()?.as_str();
    if is_in(ASKS, first) && !is_in("can get", first) {
        return Some(Effect::Read);
    }
    let mut rest = words.iter().map(String::as_str).skip_while(|word| is_in(BEFORE, word));
    let verb = rest.next()?;
    if verb == "get" {
        return Some(if rest.next() == Some("rid") { Effect::Destroy } else { Effect::Read });
    }
    let last = words.windows(2).rev().take(2).find_map(|pair| match pair {
        [verb, pronoun] if is_in("it that this them", pronoun) => ordered(verb),
        _ => None,
    });
    ordered(verb).or(last)
}

/// What a verb orders.
fn ordered(verb: &str) -> Option<Effect> {
    let of = [(DESTROYS, Effect::Destroy), (WRITES, Effect::Write), (ASKS, Effect::Read)];
    of.into_iter().find(|(list, _)| is_in(list, verb)).map(|(_, effect)| effect)
}

fn asks_what_was_done(words: &[String]) -> bool {
    let begins = words.first().is_some_and(|first| is_in("who when whom what", first));
    (begins || has(words, "whom")) && has(words, DONE)
}

fn sought(words: &[String]) -> Option<Sought> {
    let is_number = |word: &String| word.len() <= DIGITS && word.parse().is_ok_and(|number: u32| number > 0);
    if words.iter().any(is_number) && has(words, NUMBERED) || has(words, "id number details profile") {
        return Some(Sought::One);
    }
    let begins = words.first().is_some_and(|first| is_in("which list who", first));
    let is_several = begins || is_before(words, "how", "many") || has(words, "all every");
    is_several.then_some(Sought::Several)
}

fn is_figure(words: &[String]) -> bool {
    has(words, TOTALS)
        || words.first().is_some_and(|first| first == "count")
        || is_before(words, "how", "many")
        || (has(words, GROUPS) && has(words, "most fewest least"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_says_whether_something_is_asked_or_ordered() {
        for (text, effect) in [
            ("Which apps cost most?", Some(Effect::Read)),
            ("get rid of the field", Some(Effect::Destroy)),
            ("get me the contract", Some(Effect::Read)),
            ("please delete contract 7", Some(Effect::Destroy)),
            ("can you mark Ada as a leaver", Some(Effect::Write)),
            ("Her account is gone, record that", Some(Effect::Write)),
            ("card payments in May", None),
            ("", None),
        ] {
            assert_eq!(Question::read(text).effect, effect, "{text}");
        }
    }

    #[test]
    fn words_that_mean_the_same_are_one_and_empty_ones_are_gone() {
        assert_eq!(Question::read("Which agreements of the supplier, and which contracts?").words, "contract vendor");
        assert_eq!(by_meaning("seats, licences"), "license license");
        assert_eq!(Question::read("Who changed it?").words, "who change audit log did");
        assert!(Question::read("find ada@example.com").words.ends_with("email address people"));
    }

    #[test]
    fn a_question_is_about_one_record_several_or_a_figure() {
        assert_eq!(Question::read("open contract 5012").sought, Some(Sought::One));
        assert_eq!(Question::read("which contracts end in 60 days").sought, Some(Sought::Several));
        assert_eq!(Question::read("Zoom").sought, None);
        for figure in ["total by currency", "average apps per person", "how many people", "which departments have the most apps"]
        {
            assert!(Question::read(figure).is_figure, "{figure}");
        }
        assert!(!Question::read("which contracts end soon").is_figure);
    }
}
