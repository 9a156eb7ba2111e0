//! Compares two tool surfaces and classifies each change as breaking, additive or cosmetic.
//!
//! A surface is the JSON of [`crate::emit::surface`], which the lock also contains.
//!
//! Invariants:
//! - Two surfaces differ if and only if there is a change. The day of adoption, digests, the order of members and the order
//!   within sets (`required`, `enum`, `type`, alternatives) are ignored.
//! - The changes from A to B are the mirror of the changes from B to A ([`ChangeKind::mirror`]).
//! - `diff`, `check`, `sync` and the version hint use the same comparison, so they cannot disagree.

mod corrections;
mod definitions;
mod facets;
mod limits;
mod operations;
mod paging;
mod render;
mod response;
mod schema;
mod security;
mod structure;
mod tools;
mod words;

use openapi_mcp_model::CoverageState;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::moves::{Place, manner};
use words::{instead, literals, pointer};

pub use words::literal;

#[cfg(test)]
mod tests;

/// What a change means for those who used the surface before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// something that worked may not work as before
    Breaking,
    /// something works that did not
    Additive,
    /// nothing that a call depends on: texts, and what is only noted
    Cosmetic,
}

/// Who notices a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Affects {
    /// assistants, by what they send and read
    Assistants,
    /// people, by what they consent to
    People,
    /// those who run the server
    Operators,
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Document,
    Tool(String),
    /// an operation, by its id, if the change is not reported for its tool
    Operation(String),
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    ToolAdded,
    ToolRemoved,
    ToolRenamed,
    NameKept,
    NameDropped,
    ArgumentAdded,
    RequiredArgumentAdded,
    ArgumentRemoved,
    RequiredArgumentRemoved,
    ArgumentRenamed,
    BecameRequired,
    BecameOptional,
    Narrowed,
    Widened,
    Retyped,
    DefaultChanged,
    TableAdded,
    TableRemoved,
    ResponseFieldAdded,
    ResponseFieldRemoved,
    ResponseChanged,
    ResponseWidened,
    ResponseNarrowed,
    EffectRaised,
    EffectLowered,
    RepeatableChanged,
    ConfirmationAdded,
    ConfirmationRemoved,
    ScopeAdded,
    ScopeRemoved,
    RateRaised,
    RateLowered,
    RateStated,
    RateNotUnderstood,
    KeyChanged,
    ToolsetChanged,
    ListingChanged,
    Rerouted,
    Repurposed,
    TextChanged,
    OperationAdded,
    OperationRemoved,
    OperationDecided,
    Deprecated,
    Undeprecated,
    SunsetChanged,
    LimitChanged,
    RequestChanged,
    ArgumentMoved,
    MediaTypeChanged,
    SecurityChanged,
    CorrectionOutdated,
    ServerChanged,
    VersionChanged,
    DefinitionAdded,
    DefinitionRemoved,
    OtherChanged,
}

impl ChangeKind {
    /// The kind of the same change in the opposite direction.
    #[must_use]
    pub fn mirror(self) -> Self {
        match self {
            Self::ToolAdded => Self::ToolRemoved,
            Self::ToolRemoved => Self::ToolAdded,
            Self::NameKept => Self::NameDropped,
            Self::NameDropped => Self::NameKept,
            Self::ArgumentAdded => Self::ArgumentRemoved,
            Self::ArgumentRemoved => Self::ArgumentAdded,
            Self::RequiredArgumentAdded => Self::RequiredArgumentRemoved,
            Self::RequiredArgumentRemoved => Self::RequiredArgumentAdded,
            Self::BecameRequired => Self::BecameOptional,
            Self::BecameOptional => Self::BecameRequired,
            Self::Narrowed => Self::Widened,
            Self::Widened => Self::Narrowed,
            Self::TableAdded => Self::TableRemoved,
            Self::TableRemoved => Self::TableAdded,
            Self::ResponseFieldAdded => Self::ResponseFieldRemoved,
            Self::ResponseFieldRemoved => Self::ResponseFieldAdded,
            Self::ResponseWidened => Self::ResponseNarrowed,
            Self::ResponseNarrowed => Self::ResponseWidened,
            Self::EffectRaised => Self::EffectLowered,
            Self::EffectLowered => Self::EffectRaised,
            Self::ConfirmationAdded => Self::ConfirmationRemoved,
            Self::ConfirmationRemoved => Self::ConfirmationAdded,
            Self::ScopeAdded => Self::ScopeRemoved,
            Self::ScopeRemoved => Self::ScopeAdded,
            Self::RateRaised => Self::RateLowered,
            Self::RateLowered => Self::RateRaised,
            Self::RateStated => Self::RateNotUnderstood,
            Self::RateNotUnderstood => Self::RateStated,
            Self::Deprecated => Self::Undeprecated,
            Self::Undeprecated => Self::Deprecated,
            Self::OperationAdded => Self::OperationRemoved,
            Self::OperationRemoved => Self::OperationAdded,
            Self::DefinitionAdded => Self::DefinitionRemoved,
            Self::DefinitionRemoved => Self::DefinitionAdded,
            same => same,
        }
    }

    /// The change of something that restricts a value by being there.
    fn of_restriction(was_there: bool, is_there: bool) -> Self {
        match (was_there, is_there) {
            (false, _) => Self::Narrowed,
            (_, false) => Self::Widened,
            _ => Self::Retyped,
        }
    }

    /// Whether the name of what changed is part of the cause: two new fields have nothing in common unless they have one name.
    fn names_a_member(self) -> bool {
        matches!(
            self,
            Self::ArgumentAdded
                | Self::ArgumentRemoved
                | Self::ArgumentRenamed
                | Self::RequiredArgumentAdded
                | Self::RequiredArgumentRemoved
                | Self::ResponseFieldAdded
                | Self::ResponseFieldRemoved
        )
    }

    /// Whether it may come from the structure of the document rather than from its words or from the overlay alone.
    fn is_structural(self) -> bool {
        !matches!(
            self,
            Self::TextChanged
                | Self::ListingChanged
                | Self::Deprecated
                | Self::Undeprecated
                | Self::SunsetChanged
                | Self::LimitChanged
                | Self::CorrectionOutdated
                | Self::RateRaised
                | Self::RateLowered
                | Self::RateStated
                | Self::RateNotUnderstood
                | Self::SecurityChanged
        )
    }

    fn level(self) -> Level {
        match self {
            Self::ToolAdded
            | Self::NameKept
            | Self::ArgumentAdded
            | Self::BecameOptional
            | Self::Widened
            | Self::ResponseFieldAdded
            | Self::TableAdded
            | Self::ConfirmationRemoved
            | Self::ResponseNarrowed
            | Self::ScopeRemoved
            | Self::EffectLowered
            | Self::RateRaised
            | Self::DefinitionAdded
            | Self::Rerouted => Level::Additive,
            Self::TextChanged
            | Self::ListingChanged
            | Self::VersionChanged
            | Self::OperationAdded
            | Self::OperationRemoved
            | Self::OperationDecided
            | Self::Deprecated
            | Self::Undeprecated
            | Self::SunsetChanged
            | Self::RequestChanged => Level::Cosmetic,
            _ => Level::Breaking,
        }
    }

    fn affects(self) -> Affects {
        match self {
            Self::EffectRaised | Self::EffectLowered | Self::ScopeAdded | Self::ScopeRemoved => Affects::People,
            Self::RateRaised
            | Self::RateLowered
            | Self::RateStated
            | Self::RateNotUnderstood
            | Self::KeyChanged
            | Self::ToolsetChanged
            | Self::Rerouted
            | Self::OperationAdded
            | Self::OperationRemoved
            | Self::OperationDecided
            | Self::Deprecated
            | Self::Undeprecated
            | Self::SunsetChanged
            | Self::LimitChanged
            | Self::RequestChanged
            | Self::ArgumentMoved
            | Self::MediaTypeChanged
            | Self::SecurityChanged
            | Self::CorrectionOutdated
            | Self::ServerChanged
            | Self::DefinitionAdded
            | Self::DefinitionRemoved
            | Self::VersionChanged => Affects::Operators,
            _ => Affects::Assistants,
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub level: Level,
    pub subject: Subject,
    pub kind: ChangeKind,
    pub affects: Affects,
    /// a phrase that follows the subject
    pub what: String,
    /// the phrase without its place: changes with the same cause are rendered as one entry
    pub cause: String,
    /// where in the subject it is; empty for the subject as a whole
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// What is said of a change: the whole phrase, and the same taken apart.
struct Phrase {
    what: String,
    cause: String,
    place: String,
}

impl<Text: Into<String>> From<Text> for Phrase {
    fn from(text: Text) -> Self {
        let what = text.into();
        Self { cause: what.clone(), what, place: String::new() }
    }
}

/// All changes from one surface to another, the most severe first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    pub changes: Vec<Change>,
}

/// The part of a version number that has to be incremented (Semantic Versioning 2.0.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    Major,
    Minor,
    Patch,
    Unchanged,
}

/// Compares two surfaces.
pub fn diff(old: &Json, new: &Json) -> Diff {
    let mut diff = Diff::default();
    let moves = operations::moves(old, new);
    operations::compare_document(old, new, &mut diff);
    definitions::compare(old, new, &mut diff);
    security::compare(old, new, |level, what| diff.add_as(level, Subject::Document, ChangeKind::SecurityChanged, what));
    let outdated = corrections::compare(old, new, &moves, &mut diff);
    tools::compare(old, new, &moves, &outdated, &mut diff);
    operations::compare(old, new, &moves, &mut diff);
    corrections::about(old, new, &mut diff);
    diff.sort();
    diff
}

impl Diff {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Sorts the changes, the most severe first.
    fn sort(&mut self) {
        self.changes.sort_by(|one, other| (one.level, &one.subject, one.kind).cmp(&(other.level, &other.subject, other.kind)));
    }

    /// The number of changes of a level.
    pub fn count(&self, level: Level) -> usize {
        self.changes.iter().filter(|change| change.level == level).count()
    }

    /// The part of the version number that the most severe change increments.
    pub fn version(&self) -> Version {
        match self.changes.iter().map(|change| change.level).min() {
            Some(Level::Breaking) => Version::Major,
            Some(Level::Additive) => Version::Minor,
            Some(Level::Cosmetic) => Version::Patch,
            None => Version::Unchanged,
        }
    }

    fn add(&mut self, subject: Subject, kind: ChangeKind, what: impl Into<Phrase>) {
        self.add_as(kind.level(), subject, kind, what);
    }

    /// Adds a change whose level differs from the usual level of its kind.
    fn add_as(&mut self, level: Level, subject: Subject, kind: ChangeKind, what: impl Into<Phrase>) {
        let Phrase { what, cause, place } = what.into();
        self.changes.push(Change { level, subject, kind, affects: kind.affects(), what, cause, place });
    }
}

/// Operations that moved: what each was and what it is.
type Moves<'a> = [(Place<'a>, Place<'a>)];

/// How an operation that moved is called: the same cause for all that moved in the same way.
fn moved(was: &Place<'_>, is: &Place<'_>) -> Phrase {
    let route = |place: &Place<'_>| literal(&format!("{} {} ({})", place.method, place.path, place.id));
    Phrase {
        what: format!("calls {} instead of {}", route(is), route(was)),
        cause: format!("is called {}", manner(was, is)),
        place: route(is),
    }
}

fn place(of: &Json) -> Place<'_> {
    Place { id: text(of, "operationId"), method: text(of, "method"), path: text(of, "path") }
}

/// The last name of a path such as `apps[].owner`.
fn leaf(path: &str) -> String {
    literal(path.rsplit('.').next().unwrap_or(path))
}

fn text<'a>(of: &'a Json, key: &str) -> &'a str {
    of.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The state of a coverage entry; `None` if it is unknown.
fn state(entry: &Json) -> Option<CoverageState> {
    CoverageState::deserialize(entry.get("state")?).ok()
}

fn is_removed(entry: &Json) -> bool {
    state(entry) == Some(CoverageState::Removed)
}
