//! Renders changes as text for a terminal, as Markdown for a pull request, and as JSON for programs.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Affects, Change, Diff, Level, Subject, Version, literal};

#[cfg(test)]
mod tests;

const LEVELS: [(Level, &str); 3] = [(Level::Breaking, "breaking"), (Level::Additive, "additive"), (Level::Cosmetic, "cosmetic")];
/// The most listed entries of one level, except the breaking ones; the others are only counted, since a pull request's body is
/// limited to 65,536 characters.
const MOST_LINES: usize = 200;
/// With fewer changes of one cause, each is an entry of its own.
const MANY: usize = 3;
/// The most places that an entry lists for one subject.
const MOST_PLACES: usize = 3;
/// The most subjects that an entry lists, unless it is breaking.
const MOST_SUBJECTS: usize = 20;

/// One entry for people: a change, or several with the same cause.
struct Entry<'a> {
    first: &'a Change,
    others: Vec<&'a Change>,
}

impl Diff {
    /// The entries: one for each cause that many changes have, and one for each other change; the most severe first.
    fn entries(&self) -> Vec<Entry<'_>> {
        let cause = |change: &Change| (change.level, change.kind, change.affects, group(&change.subject), change.cause.clone());
        let mut causes: BTreeMap<_, Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            causes.entry(cause(change)).or_default().push(change);
        }
        let entry = |change| {
            let same = causes.get(&cause(change)).filter(|same| same.len() >= MANY);
            let Some((first, others)) = same.and_then(|same| same.split_first()) else {
                return Some(Entry { first: change, others: Vec::new() });
            };
            std::ptr::eq(*first, change).then(|| Entry { first, others: others.to_vec() })
        };
        self.changes.iter().filter_map(entry).collect()
    }

    /// One line: the number of changes of each level, and the part of the version to increment.
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "nothing changed".to_owned();
        }
        let counts: Vec<String> = LEVELS.iter().map(|(level, name)| format!("{} {name}", self.count(*level))).collect();
        format!("{}: a {} version", counts.join(", "), self.version().name())
    }

    /// For a terminal: a line for each entry, the most severe first, then the summary.
    pub fn text(&self) -> String {
        let lines = self.entries().into_iter().map(|entry| {
            let what = match entry.count() {
                1 => format!("{} {}", subject(entry.first), entry.first.what),
                count => format!("{count} × {}", entry.what()),
            };
            format!("{:<9} {what}\n", level(entry.first.level))
        });
        lines.collect::<String>() + &self.summary() + "\n"
    }

    /// For the body of a pull request.
    pub fn markdown(&self) -> String {
        let mut lines = vec![format!("**{}**", self.summary()), String::new()];
        let entries = self.entries();
        for (wanted, name) in LEVELS {
            let entries: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.first.level == wanted).collect();
            if entries.is_empty() {
                continue;
            }
            let most = if wanted == Level::Breaking { entries.len() } else { MOST_LINES };
            let mut chars = name.chars();
            let title = chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>();
            lines.extend([
                format!("### {title}"),
                String::new(),
                "| What | Change | Who notices |".to_owned(),
                "| --- | --- | --- |".to_owned(),
            ]);
            lines.extend(entries.iter().take(most).map(|entry| entry.row()));
            let more: usize = entries.iter().skip(most).map(|entry| entry.count()).sum();
            if more > 0 {
                lines.push(format!("| … | {more} more | |"));
            }
            lines.push(String::new());
        }
        lines.join("\n")
    }

    /// For programs.
    pub fn json(&self) -> Json {
        let totals: serde_json::Map<String, Json> =
            LEVELS.iter().map(|(level, name)| ((*name).to_owned(), self.count(*level).into())).collect();
        json!({ "version": self.version(), "totals": totals, "changes": self.changes })
    }
}

impl Version {
    /// Its name in Semantic Versioning.
    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::Unchanged => "unchanged",
        }
    }
}

fn level(of: Level) -> &'static str {
    LEVELS.iter().find(|(level, _)| *level == of).map_or("", |(_, name)| name)
}

fn subject(change: &Change) -> String {
    match &change.subject {
        Subject::Document => "the document".to_owned(),
        Subject::Tool(name) => literal(name),
        Subject::Operation(id) => format!("operation {}", literal(id)),
    }
}

impl Entry<'_> {
    /// The number of its changes.
    fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// Its cause and its places.
    fn what(&self) -> String {
        let mut subjects: Vec<(String, Vec<&str>)> = Vec::new();
        for change in std::iter::once(&self.first).chain(&self.others) {
            let name = subject(change);
            match subjects.last_mut() {
                Some((last, places)) if *last == name => places.push(&change.place),
                _ => subjects.push((name, vec![&change.place])),
            }
        }
        let most = if self.first.level == Level::Breaking { subjects.len() } else { MOST_SUBJECTS };
        let listed = subjects.iter().take(most).map(|(name, places)| {
            let places: Vec<&str> = places.iter().copied().filter(|place| !place.is_empty()).collect();
            match places.as_slice() {
                [] => name.clone(),
                few if few.len() <= MOST_PLACES => format!("{name} at {}", few.join(", ")),
                many => {
                    let first: Vec<&str> = many.iter().copied().take(MOST_PLACES).collect();
                    format!("{name} at {} and {} more", first.join(", "), many.len() - first.len())
                }
            }
        });
        let more = subjects.len().saturating_sub(most);
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}: {}{rest}", self.first.cause, listed.collect::<Vec<_>>().join("; "))
    }

    fn row(&self) -> String {
        let who = match self.first.affects {
            Affects::Assistants => "assistants",
            Affects::People => "people, by their consent",
            Affects::Operators => "operators",
        };
        let (what, change) = match self.count() {
            1 => (subject(self.first), self.first.what.clone()),
            count => (format!("{count} × {}", group(&self.first.subject)), self.what()),
        };
        let cell = |text: &str| text.replace('|', "\\|");
        format!("| {} | {} | {who} |", cell(&what), cell(&change))
    }
}

/// What a subject is.
fn group(subject: &Subject) -> &'static str {
    match subject {
        Subject::Document => "the document",
        Subject::Tool(_) => "tools",
        Subject::Operation(_) => "operations",
    }
}
