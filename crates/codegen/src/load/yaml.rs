//! YAML 1.2 with the core schema, from the events of `saphyr-parser`.
//!
//! Only what JSON can express is accepted: one document, string keys, core tags. Each alias becomes a copy, whose nodes count
//! towards the limit, so a "billion laughs" file is rejected before it fills the memory.

use std::collections::HashMap;
use std::str::FromStr;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as ParserSpan, StrInput};

use super::json::small;
use super::{MAX_DEPTH, MAX_NODES, SyntaxError};
use crate::tree::{File, Members, Node, Span, Value};

pub(super) fn load(text: &str, file: File) -> Result<Node, SyntaxError> {
    let mut reader = YamlReader { parser: Parser::new_from_str(text), file, anchors: HashMap::new(), nodes: 0, deepest: 0 };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            Event::DocumentStart(_) if root.is_some() => {
                return Err(SyntaxError { span, message: "a second document starts here".to_owned() });
            }
            Event::DocumentStart(_) => {
                let (event, span) = reader.next()?;
                root = Some(reader.node(event, span, 0)?);
            }
            Event::StreamEnd => break,
            _ => return Err(SyntaxError { span, message: "content outside a document".to_owned() }),
        }
    }
    root.ok_or_else(|| SyntaxError { span: Span { file, line: 1, column: 1 }, message: "the file is empty".to_owned() })
}

/// The first and the last line of each scalar and of each closing bracket. These ranges contain no comments or blank lines around
/// the content.
pub(crate) fn extents(text: &str) -> Vec<(u32, u32)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let length = text.chars().count();
    let extent = |event: &Event<'_>, span: ParserSpan| {
        // in the parser's events, a block scalar ends where the next node begins
        let is_block = matches!(event, Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..));
        let end = span.end.line().saturating_sub(usize::from(is_block && span.end.index() < length));
        let is_blank = |line: &usize| lines.get(line.saturating_sub(1)).is_none_or(|line| line.trim().is_empty());
        let last = (span.start.line()..=end).rev().find(|line| !is_blank(line))?;
        Some((small(span.start.line()), small(last)))
    };
    let is_content =
        |event: &Event<'_>| matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::SequenceEnd | Event::MappingEnd);
    // the event for the end of a block has an empty span
    let events = Parser::new_from_str(text).map_while(Result::ok).filter(|(_, span)| span.start != span.end);
    events.filter(|(event, _)| is_content(event)).filter_map(|(event, span)| extent(&event, span)).collect()
}

/// An anchored node and its size, which each copy adds to the number of nodes.
#[derive(Clone)]
struct Anchor {
    node: Node,
    nodes: usize,
    height: usize,
}

struct YamlReader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    file: File,
    anchors: HashMap<usize, Anchor>,
    nodes: usize,
    /// the deepest level reached
    deepest: usize,
}

impl<'a> YamlReader<'a> {
    fn span(&self, span: ParserSpan) -> Span {
        Span { file: self.file, line: small(span.start.line()), column: small(span.start.col() + 1) }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), SyntaxError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => {
                let span = Span { file: self.file, line: small(error.marker().line()), column: small(error.marker().col() + 1) };
                Err(SyntaxError { span, message: error.info().to_owned() })
            }
            None => Ok((Event::StreamEnd, Span { file: self.file, line: 1, column: 1 })),
        }
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), SyntaxError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(SyntaxError { span, message: format!("more than {MAX_NODES} nodes, aliases expanded") });
        }
        Ok(())
    }

    fn descend(&mut self, depth: usize, span: Span) -> Result<(), SyntaxError> {
        self.deepest = self.deepest.max(depth);
        if depth > MAX_DEPTH {
            return Err(SyntaxError { span, message: format!("nested more than {MAX_DEPTH} levels deep") });
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, SyntaxError> {
        let deepest_so_far = std::mem::replace(&mut self.deepest, depth);
        self.descend(depth, span)?;
        let before = self.nodes;
        self.count(1, span)?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_string = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !is_string;
                if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
                    return Err(SyntaxError {
                        span,
                        message: format!("the tag `{}{}` has no meaning in JSON", tag.handle, tag.suffix),
                    });
                }
                (if plain { scalar(&text, span)? } else { Value::String(text.into_owned()) }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(event, span, depth + 1)?);
                }
                (Value::Array(items), anchor)
            }
            Event::MappingStart(anchor, _) => (Value::Object(self.members(depth)?), anchor),
            Event::Alias(anchor) => {
                let Some(Anchor { node, nodes, height }) = self.anchors.get(&anchor) else {
                    return Err(SyntaxError { span, message: "an alias may not stand inside its own anchor".to_owned() });
                };
                let (nodes, height) = (*nodes, *height);
                let value = if self.nodes + nodes > MAX_NODES { Value::Null } else { node.value.clone() };
                self.count(nodes, span)?;
                self.descend(depth + height, span)?;
                self.deepest = self.deepest.max(deepest_so_far);
                return Ok(Node { span, value });
            }
            _ => return Err(SyntaxError { span, message: "unexpected end".to_owned() }),
        };
        let node = Node { span, value };
        if anchor > 0 {
            let anchored = Anchor { node: node.clone(), nodes: self.nodes - before, height: self.deepest - depth };
            self.anchors.insert(anchor, anchored);
        }
        self.deepest = self.deepest.max(deepest_so_far);
        Ok(node)
    }

    fn members(&mut self, depth: usize) -> Result<Members, SyntaxError> {
        let mut members = Members::new();
        loop {
            let (event, key_span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(members),
                Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
                    let message = "merge keys (`<<`) are not part of YAML 1.2".to_owned();
                    return Err(SyntaxError { span: key_span, message });
                }
                // keys are strings even if they look like a number or a boolean (`200:`, `on:`)
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(SyntaxError { span: key_span, message: "a key must be a plain name".to_owned() }),
            };
            let (event, span) = self.next()?;
            let mut node = self.node(event, span, depth + 1)?;
            node.span = key_span;
            if members.contains_key(&key) {
                return Err(SyntaxError { span: key_span, message: format!("`{key}` occurs twice in the same object") });
            }
            members.insert(key, node);
        }
    }
}

/// Resolves a plain scalar by the core schema (YAML 1.2.2, section 10.3.2).
fn scalar(text: &str, span: Span) -> Result<Value, SyntaxError> {
    let number = |number: Option<serde_json::Number>| {
        number.map(Value::Number).ok_or_else(|| SyntaxError { span, message: format!("number out of range: `{text}`") })
    };
    let digits = text.trim_start_matches(['-', '+']);
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.len() - digits.len() <= 1 => {
            let plain = text.strip_prefix('+').unwrap_or(text);
            let parsed = plain.parse::<u64>().map(Into::into).or_else(|_| plain.parse::<i64>().map(Into::into));
            number(parsed.ok().or_else(|| serde_json::Number::from_str(plain).ok()))?
        }
        _ if looks_like_float(text) => number(text.parse::<f64>().ok().and_then(serde_json::Number::from_f64))?,
        _ => Value::String(text.to_owned()),
    })
}

fn looks_like_float(text: &str) -> bool {
    let first = text.trim_start_matches(['-', '+']).trim_start_matches('.');
    first.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && text.parse::<f64>().is_ok()
}
