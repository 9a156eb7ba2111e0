//! What is wrong with an input, where, and what to do about it.
//!
//! Stages never stop at the first problem and never panic on input: they report into one [`Diagnostics`] and go on as far as
//! they can, so one build shows everything that has to be corrected.

use std::fmt;

use crate::text;
use crate::tree::{File, Span};

/// How bad a diagnostic is: errors stop the generator, warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// The stable code of a kind of problem; a code is never reused for another kind.
///
/// `E01xx` document, `E02xx` overlay and annotations, `E03xx` lowering, `E04xx` client and binding, `E05xx` rules of
/// assistants, `E09xx` faults of the generator itself.
pub type Code = &'static str;

/// Where in the inputs a problem is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// position in the file to edit; `None` where the problem has no single position
    pub span: Option<Span>,
    /// RFC 6901 pointer into the document, empty for the whole document
    pub pointer: String,
    /// `operationId` of the operation concerned
    pub operation: Option<String>,
}

impl Location {
    /// A location with a known position and nothing else.
    pub fn of(span: Span) -> Self {
        Self { span: Some(span), ..Self::default() }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub message: String,
    pub location: Location,
    /// what to do
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Sets the hint: what to do about the problem.
    pub fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }
}

/// All problems of one run. After [`Diagnostics::sort`] they are in the order of severity, file and line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    document: String,
    overlay: String,
    lock: String,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty list; diagnostics call the files by these names.
    pub fn new(document: &str, overlay: &str, lock: &str) -> Self {
        Self { document: document.to_owned(), overlay: overlay.to_owned(), lock: lock.to_owned(), list: Vec::new() }
    }

    /// Reports an error; the returned diagnostic takes a hint.
    pub fn error(&mut self, code: Code, location: Location, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Error, code, location, message.into())
    }

    /// Reports a warning; the returned diagnostic takes a hint.
    pub fn warning(&mut self, code: Code, location: Location, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Warning, code, location, message.into())
    }

    fn push(&mut self, severity: Severity, code: Code, location: Location, message: String) -> &mut Diagnostic {
        self.list.push_mut(Diagnostic { severity, code, message, location, hint: None })
    }

    /// Whether any error was reported.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Sorts by severity, file, line and column, and removes duplicates.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| {
            let span = diagnostic.location.span.unwrap_or_default();
            (diagnostic.severity, span.file, span.line, span.column, diagnostic.code)
        });
        self.list.dedup();
    }

    /// The same for somebody who asked for something else: the operations that wait for a decision are told by the first of them.
    #[must_use]
    pub fn brief(&self) -> Self {
        let mut brief = self.clone();
        let is_undecided = |diagnostic: &Diagnostic| diagnostic.code == "E0208";
        let others = brief.list.iter().filter(|diagnostic| is_undecided(diagnostic)).count().saturating_sub(1);
        let mut is_first = true;
        brief.list.retain(|diagnostic| !is_undecided(diagnostic) || std::mem::replace(&mut is_first, false));
        if let Some(first) = brief.list.iter_mut().find(|diagnostic| is_undecided(diagnostic))
            && others > 0
        {
            let verb = if others == 1 { "so does 1 other operation" } else { &format!("so do {others} other operations") };
            first.message = format!("{}; {verb}, see `cargo codegen check`", first.message);
        }
        brief
    }

    /// File, line and column of a diagnostic, as text.
    pub fn location(&self, diagnostic: &Diagnostic) -> Option<String> {
        let Span { file, line, column } = diagnostic.location.span?;
        let file = match file {
            File::Document => &self.document,
            File::Overlay => &self.overlay,
            File::Lock => &self.lock,
        };
        Some(format!("{file}:{line}:{column}"))
    }

    /// A diagnostic as text of a few lines. Text quoted from an input adds no lines.
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut lines = vec![format!("{severity}[{}]: {}", diagnostic.code, diagnostic.message)];
        lines.extend(self.location(diagnostic).map(|location| format!("  --> {location}")));
        lines.extend(match (&diagnostic.location.operation, diagnostic.location.pointer.as_str()) {
            (Some(operation), "") => Some(format!("  in operation `{operation}`")),
            (Some(operation), pointer) => Some(format!("  in operation `{operation}`, at {pointer}")),
            (None, "") => None,
            (None, pointer) => Some(format!("  at {pointer}")),
        });
        lines.extend(diagnostic.hint.as_ref().map(|hint| format!("  help: {hint}")));
        lines.iter().map(|line| text::line(line)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.list {
            writeln!(formatter, "{}", self.render(diagnostic))?;
        }
        Ok(())
    }
}
