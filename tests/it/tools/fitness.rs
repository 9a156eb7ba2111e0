//! What assistants pay for lists of tools and for responses, in tokens. `BLESS=1 cargo test --test it fitness` rewrites
//! `docs/explanation/token-budget.md`, and its summary in `README.md`.
//!
//! `tests/fitness/questions.toml` has everyday questions with their calls, which are asked on both sizes of the sample; limits hold
//! on the default size. The other side of the comparison is every list those
//! calls touch, taken from the sample as the API gives it by default: no size, no fields, no filters, its whole first page.

use std::{collections::BTreeSet, env, fmt::Write, fs, iter, path::Path, sync::OnceLock};

use serde_json::{Value, json};
use tiktoken_rs::CoreBPE;
use torii_sample::{self as sample, FULL_ACCESS_KEY, Options, Organization, Size};

use super::{
    everyday::{self, Asked, Call, Question, Results, truth::Truth},
    sample_modes::options,
};
use crate::support::{
    assistant::{Era, Server},
    mock_api::Here,
};

/// What a tool costs a model is what it reads of it.
const READ: [&str; 4] = ["name", "title", "description", "inputSchema"];

const SHORT_LIST: usize = 5_000;
const WHOLE_LIST: usize = 14_000;
const MEDIAN_TOOL: usize = 180;
const QUERY: usize = 220;
/// in characters
const LARGEST_SCHEMA: usize = 8_000;
const CALLS: usize = 2;
const ANSWER: usize = 2_500;
/// The responses together cost at most one of so many parts of what the API's defaults cost.
const PARTS: usize = 5;

const BEGIN: &str = "<!-- fitness: made by `BLESS=1 cargo test --test it fitness` -->\n";
const END: &str = "<!-- /fitness -->";

/// A question, and what its response cost.
struct AskedQuestion {
    question: Question,
    /// the calls that it took, with those for further pages
    calls: usize,
    read: String,
    tokens: usize,
    by_default: usize,
}

/// A list of tools, and what it costs.
struct Listed {
    n_tools: usize,
    /// of the JSON of each tool, as it was sent
    sent: usize,
    /// of what a model reads
    read: usize,
    median: usize,
    largest: (usize, String),
    /// what `query` costs
    query: usize,
}

/// How many tokens of o200k a text has.
fn tokens(text: &str) -> usize {
    static ENCODING: OnceLock<CoreBPE> = OnceLock::new();
    let encoding = ENCODING.get_or_init(|| tiktoken_rs::o200k_base().expect("the encoding comes with the crate"));
    encoding.encode_ordinary(text).len()
}

impl Listed {
    fn of(tools: &[Value]) -> Self {
        let read = |tool: &Value| {
            let members = READ.iter().map(|name| ((*name).to_owned(), tool[*name].clone()));
            tokens(&Value::Object(members.collect()).to_string())
        };
        let schema = |tool: &Value| (tool["inputSchema"].to_string().len(), tool["name"].as_str().unwrap_or_default().to_owned());
        let mut costs: Vec<usize> = tools.iter().map(read).collect();
        costs.sort_unstable();
        let query = tools.iter().find(|tool| tool["name"] == "query").map(read).expect("there is `query`");
        Self {
            query,
            n_tools: tools.len(),
            sent: tools.iter().map(|tool| tokens(&tool.to_string())).sum(),
            read: costs.iter().sum(),
            median: costs[costs.len() / 2],
            largest: tools.iter().map(schema).max().expect("there are tools"),
        }
    }
}

/// What a server lists.
async fn listed(server: &Server) -> Listed {
    let (_, answer) = server.ask(Era::Modern, "tools/list", json!({})).await;
    Listed::of(answer["result"]["tools"].as_array().expect("there are tools"))
}

/// Asks every question, and the API for the lists behind it.
async fn ask_all(server: &Server, torii: &str, truth: &Truth) -> Vec<AskedQuestion> {
    let mut asked = Vec::new();
    for question in everyday::questions().question {
        let Asked { results, read, calls } = everyday::ask(server, &question, truth.person())
            .await
            .unwrap_or_else(|failure| panic!("{}: {failure}", question.ask));
        assert_eq!(everyday::answer(question.name, &results), truth.answer(question.name).await, "{}", question.ask);
        let mut by_default = 0;
        let paths: BTreeSet<String> = question.calls.iter().zip(&results).map(|(call, results)| path(call, results)).collect();
        for path in paths {
            let request = server.http().get(format!("{torii}{path}")).bearer_auth(FULL_ACCESS_KEY);
            let response = request.send().await.and_then(reqwest::Response::error_for_status).expect("the sample responses");
            by_default += tokens(&response.text().await.expect("the response is whole"));
        }
        asked.push(AskedQuestion { tokens: tokens(&read), read, calls, by_default, question });
    }
    asked
}

/// The path a call asks for, with nothing but what has its place in it.
fn path(call: &Call, results: &Results) -> String {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let path = &catalog.find(&call.tool).expect("there is such a tool").path;
    let place = |path: String, (name, value): (&String, &Value)| path.replace(&format!("{{{name}}}"), &value.to_string());
    format!("{}{}", sample::PREFIX, results.sent.iter().fold(path.clone(), place))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn thousands(number: usize) -> String {
    match number / 1000 {
        0 => number.to_string(),
        above => format!("{},{:03}", thousands(above), number % 1000),
    }
}

/// What the lists cost.
fn table_of_lists([short, all]: &[Listed; 2]) -> String {
    let mut table = "| list | tools | as sent | read by a model | at most |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for (name, list, limit) in [("the default list", short, SHORT_LIST), ("all tools", all, WHOLE_LIST)] {
        let Listed { n_tools, sent, read, .. } = list;
        let [sent, read, limit] = [*sent, *read, limit].map(thousands);
        writeln!(table, "| {name} | {n_tools} | {sent} | **{read}** | {limit} |").expect("memory takes it");
    }
    let (largest, name) = &all.largest;
    let [largest, limit] = [*largest, LARGEST_SCHEMA].map(thousands);
    writeln!(table, "| the median tool | | | **{}** | {MEDIAN_TOOL} |", all.median).expect("memory takes it");
    writeln!(table, "| the largest input schema, `{name}` | | | **{largest}** characters | {limit} |").expect("memory takes it");
    table
}

fn table_of_questions(asked: &[AskedQuestion]) -> String {
    let mut table =
        "| question | calls | tokens of the results | with the API's defaults |\n| --- | --- | --- | --- |\n".to_owned();
    for AskedQuestion { question, tokens, by_default, .. } in asked {
        let tools: Vec<_> = question.calls.iter().map(|call| format!("`{}`", call.tool)).collect();
        let [tokens, by_default] = [*tokens, *by_default].map(thousands);
        writeln!(table, "| {} | {} | {tokens} | {by_default} |", question.ask, tools.join(", ")).expect("memory takes it");
    }
    let (tokens, by_default) = sums(asked);
    let calls: usize = asked.iter().map(|asked| asked.calls).sum();
    let [tokens, by_default] = [tokens, by_default].map(thousands);
    writeln!(table, "| **together** | {calls} | **{tokens}** | **{by_default}** |").expect("memory takes it");
    table
}

fn sums(asked: &[AskedQuestion]) -> (usize, usize) {
    (asked.iter().map(|asked| asked.tokens).sum(), asked.iter().map(|asked| asked.by_default).sum())
}

/// The questions on the large organization, whose lists take more pages.
fn table_of_large(asked: &[AskedQuestion]) -> String {
    let mut table =
        "| question | calls | tokens of the results | with the API's defaults |\n| --- | --- | --- | --- |\n".to_owned();
    for AskedQuestion { question, calls, tokens, by_default, .. } in asked {
        let [tokens, by_default] = [tokens, by_default].map(|number| thousands(*number));
        writeln!(table, "| {} | {calls} | {tokens} | {by_default} |", question.ask).expect("memory takes it");
    }
    let (tokens, by_default) = sums(asked);
    let calls: usize = asked.iter().map(|asked| asked.calls).sum();
    let [tokens, by_default] = [tokens, by_default].map(thousands);
    writeln!(table, "| **together** | {calls} | **{tokens}** | **{by_default}** |").expect("memory takes it");
    table
}

/// The few figures for the README.
fn summary([short, all]: &[Listed; 2], asked: &[AskedQuestion]) -> String {
    let (tokens, by_default) = sums(asked);
    let [short_read, all_read, tokens, by_default] = [short.read, all.read, tokens, by_default].map(thousands);
    format!(
        "| what an assistant pays, in tokens | here | without |\n| --- | --- | --- |\n\
         | the initial list of tools: names, texts, input schemas | {} for {} tools; {} for all {} | 13,800 for 60 tools (33,000 \
         with output schemas), as a typical generated server lists them |\n\
         | the results of twelve everyday questions | {} in {} calls | {}, with the API's default pages and fields |\n",
        short_read,
        short.n_tools,
        all_read,
        all.n_tools,
        tokens,
        asked.iter().map(|asked| asked.calls).sum::<usize>(),
        by_default,
    )
}

/// Compares the part between the marks with what it should be, or writes it.
fn hold(name: &str, parts: &[String]) {
    let path = root().join(name);
    let document = fs::read_to_string(&path).expect("the document is read");
    let mut pieces = document.split(BEGIN);
    let mut renewed = pieces.next().unwrap_or_default().to_owned();
    for (piece, part) in pieces.zip(parts.iter().map(Some).chain(iter::repeat(None))) {
        let (_, after) = piece.split_once(END).expect("the part has an end");
        renewed += &[BEGIN, part.expect("there are as many parts as marks"), END, after].concat();
    }
    assert_eq!(document.matches(BEGIN).count(), parts.len(), "{name}");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, renewed).expect("the document is written");
    } else {
        assert_eq!(document, renewed, "{name} has other figures; run `BLESS=1 cargo test --test it fitness`");
    }
}

/// A server in front of a sample of this size, the sample, and what is true there.
async fn organization(size: Size) -> (Here, Vec<(&'static str, String)>, Truth) {
    let torii = Here::serving(sample::router(Options { size, ..options() }));
    let keys = vec![
        ("TORII_API_URL", torii.url.clone()),
        ("TORII_API_KEY", FULL_ACCESS_KEY.to_owned()),
        ("TORII_RATE_LIMIT", "off".to_owned()),
    ];
    (torii, keys, Truth::of(Organization::First, size).await)
}

#[tokio::test]
async fn tools_and_answers_stay_cheap() {
    let (torii, keys, truth) = organization(Size::Default).await;
    let keys: Vec<(&str, &str)> = keys.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::with(&keys);
    let everything = Server::with(&[&keys[..], &[("TORII_MCP_TOOLS_LISTING", "all")]].concat());
    let lists = [listed(&server).await, listed(&everything).await];
    let asked = ask_all(&server, &torii.url, &truth).await;

    // the answers are right there, and whatever they cost is only written down
    let (large, keys, truth) = organization(Size::Large).await;
    let keys: Vec<(&str, &str)> = keys.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let on_large = ask_all(&Server::with(&keys), &large.url, &truth).await;

    let tables = [table_of_lists(&lists), table_of_questions(&asked), table_of_large(&on_large)];
    hold("docs/explanation/token-budget.md", &tables);
    hold("README.md", &[summary(&lists, &asked)]);

    let [short, all] = &lists;
    assert!(short.read <= SHORT_LIST && all.read <= WHOLE_LIST, "{}, {}", short.read, all.read);
    assert!(all.median < MEDIAN_TOOL && all.largest.0 < LARGEST_SCHEMA, "{}, {:?}", all.median, all.largest);
    assert!(short.query < QUERY, "{}", short.query);
    assert_eq!(asked.len(), 12);
    for AskedQuestion { question, calls, read, tokens, .. } in &asked {
        assert!(*calls <= CALLS && *tokens <= ANSWER, "{}: {calls}, {tokens}", question.ask);
        for (words, times) in &question.answer {
            assert_eq!(read.matches(words).count(), *times, "{}: `{words}` in {read}", question.ask);
        }
    }
    let (tokens, by_default) = sums(&asked);
    assert!(tokens * PARTS <= by_default, "{tokens} of {by_default}");
}
