//! Searches tools by a task description in plain words.
//!
//! Each part of a tool's text has its own index, and a tool's score is the weighted sum of their scores (BM25), lowered for tools that
//! read where a change is ordered, and the like ([`question`]). Texts are indexed as they are written, or with one word for all that
//! mean the same.
//!
//! Invariants:
//! - The same query has the same hits in the same order, on every replica.
//! - The cost of a query is bounded, whatever it contains.

use bm25::{DefaultTokenizer, Embedder, EmbedderBuilder, Language, Scorer};
use serde_json::Value;

use crate::{
    catalog::{Effect, Tool},
    nearest::bare,
};

mod question;
mod words;

#[cfg(test)]
mod tests;

use question::{Question, Sought, by_meaning};

/// What a tool scores for a query that is its name, however it is written; more than any text does.
const NAMED: f32 = 100.0;
/// The limits of a query, beyond any realistic one; the rest is ignored.
const MAX_CHARS: usize = 500;
/// The parts of a name in snake case count as words.
const MAX_WORDS: usize = 60;
/// The highest number of letters that the tokenizer's transliteration makes of one character, and the last character for which
/// that is at most two.
const MAX_LETTERS: usize = 20;
const LATIN: char = '\u{24f}';

/// What a tool's score is multiplied by if it changes something and the question asks.
const CHANGES: f32 = 0.5;
/// What it is multiplied by if it reads and a change is ordered.
const READS: f32 = 0.7;
/// What it is multiplied by if it reads one record and the question is about several.
const SINGLE: f32 = 0.7;

/// The index of some tools, built once.
pub struct Search<'a> {
    tools: Vec<&'a Tool>,
    fields: Vec<Field>,
}

/// How a text is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// With all of its words. In phrases, question words such as "who" and "which" distinguish tools.
    AsWritten,
    /// With one word for all that mean the same, and without those that say nothing.
    ByMeaning,
}

/// A tool in the search result.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The tool.
    pub tool: &'a Tool,
    /// Its score, above zero; comparable within one result only.
    pub score: f32,
}

/// The index of one part of the tools' texts.
struct Field {
    weight: f32,
    reading: Reading,
    embedder: Embedder,
    /// indexed by the tool and the number of the text
    scorer: Scorer<(usize, usize)>,
    /// how many texts each tool has
    texts: Vec<usize>,
}

impl<'a> Search<'a> {
    /// Builds the index.
    #[must_use]
    pub fn new(tools: impl IntoIterator<Item = &'a Tool>) -> Self {
        let tools: Vec<&Tool> = tools.into_iter().collect();
        let of = |text: fn(&Tool) -> String| tools.iter().map(|tool| vec![text(tool)]).collect::<Vec<_>>();
        let phrases = || tools.iter().map(|tool| tool.search_terms.clone()).collect::<Vec<_>>();
        let joined = || of(|tool| tool.search_terms.join(". "));
        let titles = of(|tool| format!("{} {} {}", names(tool), tool.title, tool.toolset).replace('_', " "));
        let fields = vec![
            // a name in snake case is one word to the tokenizer, and a query that contains it means the tool
            Field::new(8.0, 0.0, Reading::ByMeaning, &of(names)),
            Field::new(0.7, 0.75, Reading::ByMeaning, &titles),
            Field::new(0.3, 0.75, Reading::ByMeaning, &of(|tool| tool.description.clone())),
            Field::new(0.1, 0.75, Reading::ByMeaning, &of(arguments)),
            // the sum over all phrases, and the phrase that fits best
            Field::new(1.0, 0.5, Reading::AsWritten, &joined()),
            Field::new(0.2, 0.5, Reading::ByMeaning, &joined()),
            Field::new(0.2, 0.5, Reading::AsWritten, &phrases()),
            Field::new(0.4, 0.5, Reading::ByMeaning, &phrases()),
            Field::new(0.2, 0.0, Reading::AsWritten, &of(|tool| verbs(tool.effect).to_owned())),
        ];
        Self { tools, fields }
    }

    /// The permitted tools that match a query, best first, ties sorted by name.
    pub fn find(&self, question: &str, limit: usize, permitted: impl Fn(&Tool) -> bool) -> Vec<Hit<'a>> {
        let question = bounded(question);
        let name = bare(&question);
        // a name in snake case is one word to the tokenizer, so its parts are added
        let question = if question.contains('_') { format!("{question} {}", question.replace('_', " ")) } else { question };
        let mut scores = vec![0.0; self.tools.len()];
        let asked = Question::read(&question);
        for field in &self.fields {
            let text = if field.reading == Reading::AsWritten { &question } else { &asked.words };
            field.add(text, &mut scores);
        }
        for (tool, score) in self.tools.iter().zip(&mut scores) {
            *score *= fitness(tool, &asked);
            let has_name = tool.aliases.iter().chain([&tool.name]).any(|one| bare(one) == name);
            *score += if has_name { NAMED } else { 0.0 };
        }
        let hits = self.tools.iter().copied().zip(scores).map(|(tool, score)| Hit { tool, score });
        let mut hits: Vec<Hit> = hits.filter(|hit| hit.score > 0.0 && permitted(hit.tool)).collect();
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.tool.name.cmp(&other.tool.name)));
        hits.truncate(limit);
        hits
    }
}

/// Whether a question asks for a figure over many records, such as a sum for each group.
#[must_use]
pub fn asks_for_figure(question: &str) -> bool {
    Question::read(&bounded(question)).is_figure
}

/// How well a tool fits to what is to be done, and to how many records.
fn fitness(tool: &Tool, asked: &Question) -> f32 {
    let of_effect = match asked.effect {
        Some(Effect::Read) if tool.effect != Effect::Read => CHANGES,
        Some(Effect::Write | Effect::Destroy) if tool.effect == Effect::Read => READS,
        _ => 1.0,
    };
    let is_single = tool.effect == Effect::Read && tool.response.items.is_none();
    if is_single && asked.sought == Some(Sought::Several) { of_effect * SINGLE } else { of_effect }
}

impl Field {
    /// Indexes the texts of each tool. `evenness` is BM25's b, which lowers the scores of long texts.
    fn new(weight: f32, evenness: f32, reading: Reading, texts: &[Vec<String>]) -> Self {
        let read = |text: &String| if reading == Reading::ByMeaning { by_meaning(text) } else { text.clone() };
        let texts: Vec<Vec<String>> = texts.iter().map(|texts| texts.iter().map(read).collect()).collect();
        let all: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
        let tokenizer = DefaultTokenizer::builder().language_mode(Language::English).stopwords(false).build();
        let embedder = EmbedderBuilder::with_tokenizer_and_fit_to_corpus(tokenizer, &all).b(evenness).build();
        let mut scorer = Scorer::new();
        for (tool, texts) in texts.iter().enumerate() {
            for (number, text) in texts.iter().enumerate() {
                scorer.upsert(&(tool, number), embedder.embed(text));
            }
        }
        Self { weight, reading, embedder, scorer, texts: texts.iter().map(Vec::len).collect() }
    }

    /// Adds the score of each tool's best text for the query.
    fn add(&self, question: &str, scores: &mut [f32]) {
        let asked = self.embedder.embed(question);
        for (tool, (score, &count)) in scores.iter_mut().zip(&self.texts).enumerate() {
            let best = (0..count).filter_map(|number| self.scorer.score(&(tool, number), &asked)).fold(0.0, f32::max);
            *score += self.weight * best;
        }
    }
}

/// The part of a query that is used.
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
    // the parts of a name in snake case are searched as words
    let mut left = MAX_WORDS;
    let mut words = Vec::new();
    for word in read.split_whitespace() {
        let mut parts = word.split('_');
        let kept: Vec<&str> = parts.by_ref().take(left).collect();
        left -= kept.len();
        words.push(if parts.next().is_none() { word.to_owned() } else { kept.join("_") });
        if left == 0 {
            break;
        }
    }
    words.join(" ")
}

fn names(tool: &Tool) -> String {
    format!("{} {}", tool.name, tool.aliases.join(" "))
}

/// The texts of a tool's arguments. Server arguments are left out, since many tools share them.
fn arguments(tool: &Tool) -> String {
    let properties = tool.input_schema.get("properties").and_then(Value::as_object);
    let described = |(name, schema): (&String, &Value)| {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        format!("{} {description}", parts(name))
    };
    let is_api_s = |(name, _): &(&String, &Value)| !tool.is_server_argument(name);
    properties.into_iter().flatten().filter(is_api_s).map(described).collect::<Vec<_>>().join(" ")
}

/// The words of a name in camel case.
fn parts(name: &str) -> String {
    name.chars().flat_map(|sign| sign.is_uppercase().then_some(' ').into_iter().chain([sign])).collect()
}

/// The verbs with which people ask for an effect.
fn verbs(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "show list which who what how many when find get see tell are is do does did have there",
        Effect::Write => "create add set change update edit make start run put send import upload register record mark",
        Effect::Destroy => "delete remove erase wipe drop get rid",
    }
}
