//! The annotation `x-mcp`, which the overlay adds to an operation. Unknown keys are errors.

mod consequence;
mod reader;
mod shape;
mod table;

use std::collections::BTreeMap;

pub use consequence::RecordAnnotation;
use indexmap::IndexMap;
use openapi_mcp_model::{Confirm, Effect, Mark, MemberShape, NarrowingDefault};
pub(crate) use reader::AnnotationReader;
use serde_json::Value as Json;
pub use table::{ColumnAnnotation, TableAnnotation};

use crate::diagnostics::{Diagnostics, Location};
use crate::tree::{Node, Span, join};

/// The largest request that may call a tool whose annotation sets no limit.
const USUAL_REQUEST_BYTES: usize = 1 << 20;
/// The largest size that an annotation may permit: the server holds the whole request in memory.
const LARGEST_REQUEST_BYTES: usize = 16 << 20;

/// An annotation as it is written. The lowering fills in what it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    pub tool: Option<String>,
    pub exclude: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub toolset: Option<String>,
    pub effect: Option<Effect>,
    pub repeatable: Option<bool>,
    pub confirm: Option<Confirm>,
    pub record: RecordAnnotation,
    pub clear: Option<bool>,
    pub default_listed: bool,
    pub says_today: bool,
    pub not_found: Option<String>,
    pub arguments: IndexMap<String, ArgumentAnnotation>,
    pub items: Option<String>,
    pub cursor: Option<String>,
    pub fields: Option<Vec<String>>,
    pub fields_by_name: Vec<String>,
    pub members: BTreeMap<String, MemberShape>,
    pub omits_empty: bool,
    pub mark: Option<Mark>,
    pub size: Option<Json>,
    pub rate: Option<u32>,
    pub max_request_bytes: Option<usize>,
    pub aliases: Vec<String>,
    pub search_terms: Vec<String>,
    pub takes_keys: Option<String>,
    pub lists_keys: Option<String>,
    pub tables: Vec<TableAnnotation>,
    response_span: Option<Span>,
}

/// The annotation of one argument, by its name in the API (`query:idApp` where two arguments share a name).
#[derive(Clone, Debug, PartialEq)]
pub struct ArgumentAnnotation {
    pub location: Location,
    pub hide: bool,
    pub describe: Option<String>,
    pub default: Option<Json>,
    pub narrows: Option<NarrowingDefault>,
    pub example: Option<Json>,
    pub rename: Option<String>,
}

impl Annotation {
    /// Reads `x-mcp`; `location` is that of the operation.
    pub fn read(node: &Node, location: &Location, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = AnnotationReader {
            location: Location { pointer: join(&location.pointer, "x-mcp"), ..location.clone() },
            diagnostics,
        };
        let mut annotation = Self::default();
        for (key, node) in reader.members(node, "x-mcp") {
            match key {
                "tool" => annotation.tool = reader.text(key, node),
                "exclude" => annotation.exclude = reader.text(key, node),
                "title" => annotation.title = reader.text(key, node),
                "description" => annotation.description = reader.text(key, node),
                "toolset" => annotation.toolset = reader.text(key, node),
                "effect" => (annotation.effect, annotation.repeatable) = reader.effect(node),
                "confirm" => annotation.confirm = Some(reader.confirm(node)),
                "record" => annotation.record = reader.record(node),
                "clear" => annotation.clear = Some(reader.boolean(key, node)),
                "default_listed" => annotation.default_listed = reader.boolean(key, node),
                "says_today" => annotation.says_today = reader.boolean(key, node),
                "not_found" => annotation.not_found = reader.text(key, node),
                "arguments" => annotation.arguments = reader.arguments(node),
                "response" => {
                    annotation.response_span = Some(node.span);
                    reader.response(node, &mut annotation);
                }
                "rate" => annotation.rate = reader.rate(node),
                "max_request_bytes" => annotation.max_request_bytes = reader.request_bytes(node),
                "aliases" => annotation.aliases = reader.texts(key, node),
                "search_terms" => annotation.search_terms = reader.texts(key, node),
                "takes_keys" => annotation.takes_keys = reader.text(key, node),
                "lists_keys" => annotation.lists_keys = reader.text(key, node),
                "table" => annotation.tables = reader.tables(node),
                _ => reader.unknown(
                    key,
                    node,
                    &[
                        "tool",
                        "exclude",
                        "title",
                        "description",
                        "toolset",
                        "effect",
                        "confirm",
                        "record",
                        "clear",
                        "default_listed",
                        "says_today",
                        "not_found",
                        "arguments",
                        "response",
                        "rate",
                        "max_request_bytes",
                        "aliases",
                        "search_terms",
                        "takes_keys",
                        "lists_keys",
                        "table",
                    ],
                ),
            }
        }
        if annotation.tool.is_some() && annotation.exclude.is_some() {
            reader.wrong(node, "an operation is either a `tool` or excluded, not both", "remove `tool` or `exclude`");
        }
        if annotation.exclude.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            reader.wrong(node, "`exclude` needs a reason", "say why there is no tool, in words a user would accept");
        }
        annotation
    }
}

impl Annotation {
    /// The location of the key `response`, for a diagnostic about the operation at `location`.
    pub fn response_location(&self, location: &Location) -> Location {
        Location { span: self.response_span.or(location.span), ..location.clone() }
    }
}

impl AnnotationReader<'_> {
    fn rate(&mut self, node: &Node) -> Option<u32> {
        let rate = node.unsigned().and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate > 0);
        if rate.is_none() {
            self.wrong(node, "`rate` must be calls per minute, at least 1", "leave it out to read it from the document's text");
        }
        rate
    }

    fn request_bytes(&mut self, node: &Node) -> Option<usize> {
        let is_allowed = |bytes: &usize| *bytes > USUAL_REQUEST_BYTES && *bytes <= LARGEST_REQUEST_BYTES;
        let bytes = node.unsigned().and_then(|bytes| usize::try_from(bytes).ok()).filter(is_allowed);
        if bytes.is_none() {
            let message = format!(
                "`max_request_bytes` must be a number of bytes, more than {USUAL_REQUEST_BYTES} and at most {LARGEST_REQUEST_BYTES}"
            );
            self.wrong(node, message, "leave it out unless the tool takes files or very long lists");
        }
        bytes
    }

    fn effect(&mut self, node: &Node) -> (Option<Effect>, Option<bool>) {
        let mut repeatable = None;
        let kind = if node.members().is_some() {
            let mut kind = None;
            for (key, member) in self.members(node, "effect") {
                match key {
                    "kind" => kind = Some(member),
                    "repeatable" => repeatable = Some(self.boolean(key, member)),
                    _ => self.unknown(key, member, &["kind", "repeatable"]),
                }
            }
            kind
        } else {
            Some(node)
        };
        let effect = kind.and_then(effect_named);
        if effect.is_none() {
            self.wrong(
                node,
                "`effect` must be `read`, `write` or `destroy`",
                "with more to say, write `{kind: write, repeatable: true}`",
            );
        }
        (effect, repeatable)
    }

    fn arguments(&mut self, node: &Node) -> IndexMap<String, ArgumentAnnotation> {
        let mut arguments = IndexMap::new();
        for (name, node) in self.members(node, "arguments") {
            let mut argument = ArgumentAnnotation {
                location: Location { span: Some(node.span), ..self.location.clone() },
                hide: false,
                describe: None,
                default: None,
                narrows: None,
                example: None,
                rename: None,
            };
            for (key, member) in self.members(node, name) {
                match key {
                    "hide" => argument.hide = self.boolean(key, member),
                    "describe" => argument.describe = self.text(key, member),
                    "default" => argument.default = Some(member.to_json()),
                    "narrows" => argument.narrows = self.narrows(member),
                    "example" => argument.example = Some(member.to_json()),
                    "rename" => argument.rename = self.text(key, member),
                    _ => self.unknown(key, member, &["hide", "describe", "default", "narrows", "example", "rename"]),
                }
            }
            if argument.narrows.is_some() && argument.default.is_none() {
                self.wrong(node, "`narrows` tells what a `default` leaves out, and there is none", "add a `default`");
            }
            arguments.insert(name.to_owned(), argument);
        }
        arguments
    }

    /// What a default leaves out: a note alone, or with the arguments by which one searches.
    fn narrows(&mut self, node: &Node) -> Option<NarrowingDefault> {
        let (mut sentence, mut searches) = (None, Vec::new());
        for (key, member) in self.members(node, "narrows") {
            match key {
                "note" => sentence = self.text(key, member),
                "searches" => searches = self.texts(key, member),
                _ => self.unknown(key, member, &["note", "searches"]),
            }
        }
        if sentence.is_none() {
            self.wrong(node, "`narrows` has no `note`", "say what is left out, and how to get it");
        }
        Some(NarrowingDefault { note: sentence?, searches })
    }

    fn response(&mut self, node: &Node, annotation: &mut Annotation) {
        for (key, member) in self.members(node, "response") {
            match key {
                "items" => annotation.items = self.text(key, member),
                "cursor" => annotation.cursor = self.text(key, member),
                "fields" if member.items().is_some_and(|items| items.iter().all(|item| item.text().is_some())) => {
                    annotation.fields = Some(self.texts(key, member));
                }
                "fields" => self.wrong(member, "`fields` must be a list of field keys", "write it as in `[id, name]`"),
                "fields_by_name" if member.items().is_some_and(|items| items.iter().all(|item| item.text().is_some())) => {
                    annotation.fields_by_name = self.texts(key, member);
                }
                "fields_by_name" => {
                    self.wrong(member, "`fields_by_name` must be a list of names of fields", "write it as in `[End date]`");
                }
                "size" if member.unsigned().is_some() => annotation.size = Some(member.to_json()),
                "size" => self.wrong(
                    member,
                    "`size` must be a whole number",
                    "it is the page size used when the assistant asks for none",
                ),
                "members" => annotation.members = self.member_shapes(member),
                "mark" => annotation.mark = self.mark(member),
                "omit_empty" => annotation.omits_empty = self.boolean(key, member),
                _ => self.unknown(
                    key,
                    member,
                    &["items", "cursor", "fields", "fields_by_name", "size", "members", "omit_empty", "mark"],
                ),
            }
        }
    }
}

/// The effect whose name a node contains.
pub(crate) fn effect_named(node: &Node) -> Option<Effect> {
    Effect::ALL.into_iter().find(|effect| node.text() == Some(effect.as_str()))
}
