//! Finds similar names, for "did you mean" hints.

/// From this similarity on, one name may be a misspelling of another.
pub(crate) const ALIKE: f64 = 0.8;

/// How many candidates are examined, and how many of them are compared character by character.
pub(crate) const LOOKED_AT: usize = 10_000;
pub(crate) const COMPARED: usize = 500;
/// How much of a text is compared, in characters.
const LIKENED: usize = 64;

/// The candidate that is most similar to `name`, unless none is similar enough.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = Letters::of(&plain(name));
    candidates
        .into_iter()
        .take(LOOKED_AT)
        .map(|candidate| (Letters::of(&plain(candidate)), candidate))
        .filter(|(letters, _)| wanted.may_be_alike(letters))
        .take(COMPARED)
        .map(|(letters, candidate)| (likeness(&wanted.text, &letters.text), candidate))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// A text with the set of its letters, which quickly rules out that two texts are similar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letters {
    pub(crate) text: String,
    set: u64,
}

impl Letters {
    pub(crate) fn of(text: &str) -> Self {
        let set = text.bytes().fold(0, |set, byte| set | 1 << (byte % 64));
        Self { text: text.to_owned(), set }
    }

    /// Whether they share most letters; otherwise the texts cannot be similar.
    pub(crate) fn may_be_alike(&self, other: &Self) -> bool {
        let common = (self.set & other.set).count_ones();
        2 * common >= self.set.count_ones().min(other.set.count_ones())
    }
}

/// A name without the differences that users overlook: case and separators.
pub(crate) fn plain(text: &str) -> String {
    // a longer text is a misspelling of no name, and comparing takes time in proportion to the length
    text.chars().take(LIKENED).collect::<String>().to_lowercase().replace(['_', '-', ' '], "")
}

/// A text without what differs when a name is written as a key, or compared by an API: case, white space and signs (`endDate` for
/// `End date`).
pub(crate) fn bare(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The similarity of two names, from `0.0` to a little over `1.0`. It tolerates misspellings, and the same parts in another order
/// (`appId`, `idApp`).
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b).max(strsim::sorensen_dice(a, b) + 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_forgives_slips_and_changed_order() {
        let known = ["idApp", "fields", "size", "includeLicenses"];
        let cases = [
            ("appId", Some("idApp")),
            ("id_app", Some("idApp")),
            ("feilds", Some("fields")),
            ("include_license", Some("includeLicenses")),
            ("q", None),
            ("banana", None),
        ];
        for (typed, near) in cases {
            assert_eq!(nearest(typed, known), near, "{typed}");
        }
    }

    #[test]
    fn a_name_of_any_length_is_compared_as_far_as_names_go() {
        let endless = "list_apps".to_owned() + &"x".repeat(4 << 20);
        assert_eq!(nearest(&endless, ["list_apps"]), nearest(&endless[..LIKENED], ["list_apps"]));
        assert_eq!(nearest("list_appz", ["list_apps"]), Some("list_apps"));
    }

    #[test]
    fn only_so_many_candidates_are_looked_at() {
        let looked_at = std::cell::Cell::new(0);
        let names = (0..).map(|_| {
            looked_at.set(looked_at.get() + 1);
            "zzz"
        });
        assert_eq!(nearest("list_apps", names), None);
        assert_eq!(looked_at.get(), LOOKED_AT);
    }

    #[test]
    fn what_has_few_letters_in_common_is_not_compared() {
        let letters = |text: &str| Letters::of(&plain(text));
        for (typed, name) in
            [("appId", "idApp"), ("feilds", "fields"), ("lifecycle_status", "lifecycleStatus"), ("ownr", "owner")]
        {
            assert!(letters(typed).may_be_alike(&letters(name)), "{typed}");
        }
        assert!(!letters("budget").may_be_alike(&letters("lifecycle")));
    }
}
