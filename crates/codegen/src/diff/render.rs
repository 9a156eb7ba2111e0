//! Renders changes as text for a terminal, as Markdown for a pull request, and as JSON for programs.

use serde_json::{Value as Json, json};

use super::{Affects, Change, Diff, Level, Subject, Version, literal};

const LEVELS: [(Level, &str); 3] = [(Level::Breaking, "breaking"), (Level::Additive, "additive"), (Level::Cosmetic, "cosmetic")];
/// The most listed changes of one level; the others are only counted, since a pull request's body is limited to 65,536
/// characters.
const MOST_LINES: usize = 200;

impl Diff {
    /// One line: the number of changes of each level, and the part of the version to increment.
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "nothing changed".to_owned();
        }
        let counts: Vec<String> = LEVELS.iter().map(|(level, name)| format!("{} {name}", self.count(*level))).collect();
        format!("{}: a {} version", counts.join(", "), self.version().name())
    }

    /// For a terminal: a line for each change, the most severe first, then the summary.
    pub fn text(&self) -> String {
        let lines = self.changes.iter().map(|change| format!("{:<9} {} {}\n", level(change.level), subject(change), change.what));
        lines.collect::<String>() + &self.summary() + "\n"
    }

    /// For the body of a pull request.
    pub fn markdown(&self) -> String {
        let mut lines = vec![format!("**{}**", self.summary()), String::new()];
        for (wanted, name) in LEVELS {
            let changes: Vec<&Change> = self.changes.iter().filter(|change| change.level == wanted).collect();
            if changes.is_empty() {
                continue;
            }
            let mut chars = name.chars();
            let title = chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>();
            lines.extend([
                format!("### {title}"),
                String::new(),
                "| What | Change | Who notices |".to_owned(),
                "| --- | --- | --- |".to_owned(),
            ]);
            lines.extend(changes.iter().take(MOST_LINES).map(|change| row(change)));
            if let Some(more) = changes.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
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

fn row(change: &Change) -> String {
    let who = match change.affects {
        Affects::Assistants => "assistants",
        Affects::People => "people, by their consent",
        Affects::Operators => "operators",
    };
    let cell = |text: &str| text.replace('|', "\\|");
    format!("| {} | {} | {who} |", cell(&subject(change)), cell(&change.what))
}
