//! Everyday questions, and those of README.md, however the sample behaves, on both organizations and on both sizes: the answers
//! are right, or, where the API ignores filters, there is none.

use serde_json::{Value, json};
use torii_sample::{AuditEntity, Behavior, Filters, InvalidBodies, Options, Organization, Size};

use super::{
    everyday::{self, truth::Truth},
    sample_modes::{modes, options, serve},
};
use crate::support::assistant::{Era, Server};

/// How the sample may behave so that prompts cannot be followed word for word.
pub(super) fn hard_modes() -> Vec<(&'static str, Options)> {
    let behaving = |change: fn(&mut Behavior)| {
        let mut options = options();
        change(&mut options.behavior);
        options
    };
    vec![
        ("ignored filters", behaving(|behavior| behavior.filters = Filters::Ignored)),
        ("an audit log of one area", behaving(|behavior| behavior.audit_entity = AuditEntity::Required)),
        ("422 for bodies", behaving(|behavior| behavior.invalid_bodies = InvalidBodies::Unprocessable)),
    ]
}

/// Asks every question once; how many were answered, rightly, and how many refused.
async fn ask_everything(mode: &str, server: &Server, truth: &Truth) -> (usize, usize) {
    let questions = everyday::questions();
    let (mut right, mut refused) = (0, 0);
    for question in questions.first.iter().chain(&questions.question) {
        match everyday::ask(server, question, truth.person()).await {
            Ok(asked) => {
                let (given, expected) = (everyday::answer(question.name, &asked.results), truth.answer(question.name).await);
                assert_eq!(given, expected, "{mode}: {}", question.ask);
                right += 1;
            }
            Err(failure) => {
                assert!(failure.contains("the API ignored the filter"), "{mode}: {}: {failure}", question.ask);
                refused += 1;
            }
        }
    }
    (right, refused)
}

#[tokio::test]
async fn every_question_is_answered_rightly_in_every_mode_of_the_sample() {
    let first = Truth::of(Organization::First, Size::Default).await;
    let second = Truth::of(Organization::Second, Size::Default).await;
    for (mode, options) in modes().into_iter().chain(hard_modes()) {
        let truth = if options.organization == Organization::Second { &second } else { &first };
        // four questions filter, and an answer would be wrong
        let expected = if options.behavior.filters == Filters::Ignored { (11, 4) } else { (15, 0) };
        let (_torii, server) = serve(options);
        assert_eq!(ask_everything(mode, &server, truth).await, expected, "{mode}");
    }
}

#[tokio::test]
async fn several_assistants_at_once_get_right_answers_in_large_organizations() {
    for organization in [Organization::First, Organization::Second] {
        let truth = Truth::of(organization, Size::Large).await;
        let (_torii, server) = serve(Options { organization, size: Size::Large, ..options() });
        let ask = || ask_everything("large", &server, &truth);
        let asked = tokio::join!(ask(), ask(), ask(), ask());
        assert_eq!(asked, ((15, 0), (15, 0), (15, 0), (15, 0)));
    }
}

#[tokio::test]
async fn people_who_left_or_are_from_outside_are_not_taken_for_missing() {
    let truth = Truth::of(Organization::First, Size::Default).await;
    let (_torii, server) = serve(options());
    for person in [truth.somebody_from_outside(), truth.somebody_who_left()] {
        let name = person["lastName"].as_str().expect("it is a text");
        let searches = [
            json!({ "email": person["email"] }),
            json!({ "filters": [{ "key": "email", "op": "equals", "value": person["email"] }] }),
            json!({ "q": name, "firstName": person["firstName"] }),
        ];
        for mut arguments in searches {
            let list = async |arguments: &Value| {
                let params = json!({ "name": "list_users", "arguments": arguments });
                let (_, answer) = server.ask(Era::Modern, "tools/call", params).await;
                let content = answer["result"]["content"].as_array().expect("there is content").clone();
                let texts: Vec<String> = content.iter().filter_map(|block| block["text"].as_str().map(str::to_owned)).collect();
                texts
            };
            let found = list(&arguments).await;
            assert!(!found[0].contains(person["email"].as_str().unwrap_or_default()), "{arguments}: {found:?}");
            assert!(found[1].contains("Only current employees were searched"), "{arguments}: {found:?}");
            // what the note says leads to the person
            assert!(found[1].contains("set `view` to `allUsers`"), "{found:?}");
            arguments["view"] = json!("allUsers");
            let found = list(&arguments).await;
            assert!(
                found[0].contains(person["email"].as_str().unwrap_or_default()) && found.len() == 1,
                "{arguments}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_argument_that_searches_for_a_kind_of_people_tells_whom_the_default_view_leaves_out() {
    let (_torii, server) = serve(options());
    let note = async |arguments: Value| {
        let (_, answer) = server.ask(Era::Modern, "tools/call", json!({ "name": "list_users", "arguments": arguments })).await;
        let blocks = answer["result"]["content"].as_array().expect("there is content").clone();
        let items: Value = serde_json::from_str(blocks[0]["text"].as_str().expect("it is a text")).expect("it is JSON");
        let has_items = items["users"].as_array().is_some_and(|users| !users.is_empty());
        (has_items, blocks.iter().skip(1).any(|block| block.to_string().contains("Only current employees were searched")))
    };
    for (name, value) in
        [("lifecycleStatus", json!("active")), ("isExternal", json!(false)), ("isDeletedInIdentitySources", json!(false))]
    {
        let filters = json!([{ "key": name, "op": "equals", "value": value }]);
        for mut arguments in [json!({ name: value, "size": 1 }), json!({ "filters": filters, "size": 1 })] {
            // there are people, so that an empty list is not the reason
            assert_eq!(note(arguments.clone()).await, (true, true), "{arguments}");
            arguments["view"] = json!("allUsers");
            assert_eq!(note(arguments.clone()).await, (true, false), "{arguments}");
        }
    }
    assert_eq!(note(json!({ "size": 1 })).await, (true, false));
}
