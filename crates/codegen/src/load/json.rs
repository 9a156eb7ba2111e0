//! JSON (RFC 8259), read by `jsonc-parser` with all its extensions off.

use std::cell::Cell;
use std::str::FromStr;

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{MAX_DEPTH, SyntaxError};
use crate::tree::{File, Members, Node, Span, Value};

pub(super) fn load(text: &str, file: File) -> Result<Node, SyntaxError> {
    let lines = Lines::new(text, file);
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|error| SyntaxError {
        span: lines.span(error.range().start),
        message: lower_first(&error.kind().to_string()),
    })?;
    let value = parsed.value.ok_or_else(|| SyntaxError { span: lines.span(0), message: "the file is empty".to_owned() })?;
    lines.node(value, None, 0)
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Turns byte offsets into positions.
struct Lines<'a> {
    text: &'a str,
    file: File,
    starts: Vec<usize>,
    /// offset and column of the last position, so that a long line is not scanned from its start each time
    last: Cell<(usize, usize)>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, file: File) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect();
        Self { text, file, starts, last: Cell::default() }
    }

    fn span(&self, offset: usize) -> Span {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let (known, column) = Some(self.last.get()).filter(|(known, _)| (start..=offset).contains(known)).unwrap_or((start, 0));
        let column = column + self.text.get(known..offset).map_or(0, |between| between.chars().count());
        self.last.set((offset, column));
        let column = column + 1;
        Span { file: self.file, line: small(line), column: small(column) }
    }

    /// Converts a value. `key_span` is the position of the member's key, and becomes the position of the value.
    fn node(&self, ast: Ast<'_>, key_span: Option<Span>, depth: usize) -> Result<Node, SyntaxError> {
        let span = key_span.unwrap_or_else(|| self.span(ast.range().start));
        if depth > MAX_DEPTH {
            return Err(SyntaxError { span, message: format!("nested more than {MAX_DEPTH} levels deep") });
        }
        let value = match ast {
            Ast::NullKeyword(_) => Value::Null,
            Ast::BooleanLit(literal) => Value::Bool(literal.value),
            Ast::StringLit(literal) => Value::String(literal.value.into_owned()),
            Ast::NumberLit(literal) => Value::Number(
                serde_json::Number::from_str(literal.value)
                    .map_err(|_| SyntaxError { span, message: format!("number out of range: `{}`", literal.value) })?,
            ),
            Ast::Array(array) => {
                Value::Array(array.elements.into_iter().map(|item| self.node(item, None, depth + 1)).collect::<Result<_, _>>()?)
            }
            Ast::Object(object) => {
                let mut members = Members::with_capacity(object.properties.len());
                for property in object.properties {
                    let key_span = self.span(property.range.start);
                    let key = property.name.into_string();
                    let node = self.node(property.value, Some(key_span), depth + 1)?;
                    if members.contains_key(&key) {
                        return Err(SyntaxError { span: key_span, message: format!("`{key}` occurs twice in the same object") });
                    }
                    members.insert(key, node);
                }
                Value::Object(members)
            }
        };
        Ok(Node { span, value })
    }
}

pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
