//! Finding tools by what somebody wants, in plain words.
//!
//! Each part of a tool's text has an index of its own, and a tool's score is the weighted sum of what they give (BM25).
//!
//! Invariants:
//! - The same question has the same hits in the same order, on every replica.
//! - A question costs bounded work, whatever it holds.

use bm25::{DefaultTokenizer, Embedder, EmbedderBuilder, Language, Scorer};
use serde_json::Value;

use crate::catalog::{Effect, Tool};

#[cfg(test)]
mod tests;

/// More than anybody asks in one breath; what is beyond is not read.
const MAX_CHARS: usize = 500;
const MAX_WORDS: usize = 60;
/// How many letters one sign becomes at most when the tokenizer writes it in ASCII, and the last sign of which that is two.
const MAX_LETTERS: usize = 20;
const LATIN: char = '\u{24f}';

/// The index over some tools, built once.
pub struct Search<'a> {
    tools: Vec<&'a Tool>,
    fields: Vec<Field>,
}

/// A tool that was found.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The tool.
    pub tool: &'a Tool,
    /// How well it fits, above zero; comparable within one response only.
    pub score: f32,
}

/// One part of the tools' texts.
struct Field {
    weight: f32,
    embedder: Embedder,
    /// by tool and number of the text
    scorer: Scorer<(usize, usize)>,
    /// how many texts each tool has
    texts: Vec<usize>,
}

impl<'a> Search<'a> {
    /// Reads the tools.
    #[must_use]
    pub fn new(tools: impl IntoIterator<Item = &'a Tool>) -> Self {
        let tools: Vec<&Tool> = tools.into_iter().collect();
        // The words by which people ask, such as "who" and "which", tell tools apart in phrases, but not in running text.
        let (prose, phrase) = (true, false);
        let of = |text: fn(&Tool) -> String| tools.iter().map(|tool| vec![text(tool)]).collect::<Vec<_>>();
        let fields = vec![
            // in snake case a name is one word, and whoever writes it means the tool
            Field::new(10.0, 0.0, phrase, &of(names)),
            Field::new(
                0.75,
                0.75,
                prose,
                &of(|tool| format!("{} {} {}", names(tool), tool.title, tool.toolset).replace('_', " ")),
            ),
            Field::new(0.5, 0.75, prose, &of(|tool| tool.description.clone())),
            Field::new(0.2, 0.75, prose, &of(arguments)),
            // all phrases together, and the one that fits best
            Field::new(1.0, 0.5, phrase, &of(|tool| tool.search_terms.join(". "))),
            Field::new(1.0, 0.5, phrase, &tools.iter().map(|tool| tool.search_terms.clone()).collect::<Vec<_>>()),
            Field::new(2.0, 0.0, phrase, &of(|tool| verbs(tool.effect).to_owned())),
        ];
        Self { tools, fields }
    }

    /// The tools that fit a question and are permitted, best first, ties by name.
    pub fn find(&self, question: &str, limit: usize, permitted: impl Fn(&Tool) -> bool) -> Vec<Hit<'a>> {
        let question = bounded(question);
        // in snake case a name is one word, and its parts are words as well
        let question = if question.contains('_') { format!("{question} {}", question.replace('_', " ")) } else { question };
        let mut scores = vec![0.0; self.tools.len()];
        for field in &self.fields {
            field.add(&question, &mut scores);
        }
        let hits = self.tools.iter().copied().zip(scores).map(|(tool, score)| Hit { tool, score });
        let mut hits: Vec<Hit> = hits.filter(|hit| hit.score > 0.0 && permitted(hit.tool)).collect();
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.tool.name.cmp(&other.tool.name)));
        hits.truncate(limit);
        hits
    }
}

impl Field {
    /// Indexes the texts of each tool; `evenness` is BM25's b, how much a long text is held against it. `is_prose` leaves out stop words.
    fn new(weight: f32, evenness: f32, is_prose: bool, texts: &[Vec<String>]) -> Self {
        let all: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
        let tokenizer = DefaultTokenizer::builder().language_mode(Language::English).stopwords(is_prose).build();
        let embedder = EmbedderBuilder::with_tokenizer_and_fit_to_corpus(tokenizer, &all).b(evenness).build();
        let mut scorer = Scorer::new();
        for (tool, texts) in texts.iter().enumerate() {
            for (number, text) in texts.iter().enumerate() {
                scorer.upsert(&(tool, number), embedder.embed(text));
            }
        }
        Self { weight, embedder, scorer, texts: texts.iter().map(Vec::len).collect() }
    }

    /// Adds what the best text of each tool gives for the question.
    fn add(&self, question: &str, scores: &mut [f32]) {
        let asked = self.embedder.embed(question);
        for (tool, (score, &count)) in scores.iter_mut().zip(&self.texts).enumerate() {
            let best = (0..count).filter_map(|number| self.scorer.score(&(tool, number), &asked)).fold(0.0, f32::max);
            *score += self.weight * best;
        }
    }
}

/// As much of a question as is read.
fn bounded(question: &str) -> String {
    let mut left = MAX_CHARS;
    let fits = |sign: &char| {
        let letters = if sign.is_ascii() {
            1
        } else if *sign <= LATIN {
            2
        } else {
            MAX_LETTERS
        };
        let fits = letters <= left;
        left = left.saturating_sub(letters);
        fits
    };
    let read: String = question.chars().take_while(fits).collect();
    read.split_whitespace().take(MAX_WORDS).collect::<Vec<_>>().join(" ")
}

fn names(tool: &Tool) -> String {
    format!("{} {}", tool.name, tool.aliases.join(" "))
}

/// What a tool takes; what many tools take for this server tells none from another.
fn arguments(tool: &Tool) -> String {
    let properties = tool.input_schema.get("properties").and_then(Value::as_object);
    let described = |(name, schema): (&String, &Value)| {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        format!("{} {description}", words(name))
    };
    let is_api_s = |(name, _): &(&String, &Value)| !tool.is_server_argument(name);
    properties.into_iter().flatten().filter(is_api_s).map(described).collect::<Vec<_>>().join(" ")
}

/// How people ask for something to be looked at, changed or taken away.
fn verbs(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "show list which who what how many when find get see tell are is do does did have there",
        Effect::Write => "create add set change update edit make start run put send import upload register record mark",
        Effect::Destroy => "delete remove erase wipe drop get rid",
    }
}

/// The words of a name in camel case.
fn words(name: &str) -> String {
    name.chars().flat_map(|sign| sign.is_uppercase().then_some(' ').into_iter().chain([sign])).collect()
}
