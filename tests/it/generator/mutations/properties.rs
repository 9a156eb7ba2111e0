//! What holds for every combination of changes. The combinations are drawn by a seed, so a failure comes again.

use fastrand::Rng;
use openapi_mcp_codegen::{
    Inputs, Source,
    adopt::{Adopted, adopt},
    diagnostics::Diagnostics,
    diff::{self, ChangeKind},
    tree::{File, Node},
};
use serde_json::Value as Json;

use crate::{
    generator::mutations::{DOCUMENT, Edit, LOCK, OVERLAY, inputs, mutations, parsed, shown, surface, understand, written},
    support::process::run,
};

/// A document with up to `most` changes that go together, and what it was made by.
fn mutated(rng: &mut Rng, most: usize) -> (String, Vec<&'static str>) {
    let all: Vec<_> = mutations().collect();
    let (mut document, mut names) = (parsed(), Vec::new());
    for mutation in rng.choose_multiple(all, most) {
        let Edit::Tree(edit) = mutation.edit else { continue };
        let mut next = document.clone();
        // one that is refused by itself is so in company
        if !mutation.is_refused() && edit(&mut next).is_some() {
            (document, names) = (next, [names, vec![mutation.name]].concat());
        }
    }
    (written(&document), names)
}

fn kinds(old: &Json, new: &Json, seen: impl Fn(ChangeKind) -> ChangeKind) -> Vec<ChangeKind> {
    let mut kinds: Vec<ChangeKind> = diff::diff(old, new).changes.iter().map(|change| seen(change.kind)).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn the_diff_is_empty_for_what_is_the_same_and_mirrored_for_what_is_not() {
    let mut rng = Rng::with_seed(7);
    let surfaces: Vec<(Json, Vec<&str>)> = (0..12)
        .filter_map(|_| {
            let (document, names) = mutated(&mut rng, 12);
            understand(&document).ok().map(|understood| (surface(&understood), names))
        })
        .collect();
    assert!(surfaces.len() > 6, "most combinations are understood: {}", surfaces.len());
    for (one, one_names) in &surfaces {
        for (other, other_names) in &surfaces {
            let pair = format!("{one_names:?} and {other_names:?}");
            assert_eq!(diff::diff(one, other).is_empty(), shown(one) == shown(other), "{pair}");
            assert_eq!(kinds(one, other, |kind| kind), kinds(other, one, ChangeKind::mirror), "{pair}");
        }
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_here_and_in_the_build() {
    let (document, names) = mutated(&mut Rng::with_seed(11), 20);
    let made = || {
        let made =
            openapi_mcp_codegen::generate(&inputs(&document)).unwrap_or_else(|diagnostics| panic!("{names:?}: {diagnostics}"));
        [made.client, made.tools, made.manifest, made.coverage.markdown]
    };
    assert!(made() == made(), "{names:?}");
    if option_env!("TORII_OPENAPI").is_none() {
        let listed = run(&["tools", "--json"], &[]).stdout;
        let built: Json = serde_json::from_str(&listed).expect("the tools are JSON");
        let here = surface(&understand(DOCUMENT).unwrap_or_else(|diagnostics| panic!("{diagnostics}")));
        let tools = |of: &Json| of["tools"].as_array().expect("there are tools").clone();
        assert_eq!(tools(&built).len(), tools(&here).len());
        for (built, here) in tools(&built).iter().zip(&tools(&here)) {
            let built = built.as_object().expect("a tool is an object");
            assert!(built.len() > 10 && built.iter().all(|(key, value)| here[key] == *value), "{here}");
        }
    }
}

/// What the actions of an overlay say, in their order.
fn actions(overlay: &str) -> Vec<Json> {
    let overlay =
        openapi_mcp_codegen::load::load(overlay, File::Overlay, &mut Diagnostics::default()).expect("the overlay is YAML");
    overlay.get("actions").and_then(Node::items).expect("there are actions").iter().map(Node::to_json).collect()
}

#[test]
fn adopting_twice_is_adopting_once_and_touches_no_line_of_the_overlay() {
    let (mut adoptions, mut blocks) = (0, 0);
    for seed in 0..4 {
        let mut rng = Rng::with_seed(seed);
        let (mut overlay, mut lock, mut changelog) = (OVERLAY.to_owned(), LOCK.to_owned(), String::new());
        for day in ["2027-01-01", "2027-02-02"] {
            let (document, names) = mutated(&mut rng, 20);
            let adopted = |overlay: &str, lock: &str, changelog: &str, day: &str| -> Option<Adopted> {
                let inputs = Inputs {
                    document: Source { name: "document", text: &document },
                    overlay: Source { name: "overlay", text: overlay },
                    lock: Some(Source { name: "lock", text: lock }),
                };
                adopt(&inputs, changelog, day).ok()
            };
            let Some(once) = adopted(&overlay, &lock, &changelog, day) else { continue };
            let mut lines = once.overlay.lines();
            assert!(overlay.lines().all(|line| lines.any(|other| other == line)), "a line is gone: {names:?}");
            let (before, after) = (actions(&overlay), actions(&once.overlay));
            let mut rest = after.iter();
            assert!(before.iter().all(|action| rest.any(|other| other == action)), "an action says something else: {names:?}");
            assert_eq!(after.len(), before.len() + once.added.len(), "{names:?}");
            (adoptions, blocks) = (adoptions + 1, blocks + once.added.len());
            let twice =
                adopted(&once.overlay, &once.lock, &once.changelog, "2027-12-31").expect("what was adopted is understood");
            assert!(twice.overlay == once.overlay && twice.lock == once.lock && twice.changelog == once.changelog, "{names:?}");
            assert!(twice.diff.is_empty() && twice.added.is_empty(), "{names:?}: {}", twice.diff.text());
            (overlay, lock, changelog) = (once.overlay, once.lock, once.changelog);
        }
    }
    assert!(adoptions > 4 && blocks > 4, "most combinations are adopted, and some bring operations: {adoptions}, {blocks}");
}
