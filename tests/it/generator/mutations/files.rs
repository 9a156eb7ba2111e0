//! The file itself: format, order, damage, the version of OpenAPI.

use serde_json::{Map, Value as Json};

use crate::generator::mutations::{
    Edit::{Text, Tree},
    Mutation, changes, nothing, problems,
};

/// The same with the members of every object the other way round; lists keep their order, which means something.
fn reversed(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            members.iter().rev().map(|(key, member)| (key.clone(), reversed(member))).collect::<Map<_, _>>().into()
        }
        Json::Array(items) => items.iter().map(reversed).collect(),
        plain => plain.clone(),
    }
}

/// YAML in blocks; a JSON string is a YAML string, too.
fn yaml(json: &Json, indent: usize) -> String {
    let child = |key: &str, child: &Json| [&" ".repeat(indent), key, &yaml(child, indent + 2)].concat();
    let children: String = match json {
        Json::Object(members) => {
            members.iter().map(|(key, member)| child(&format!("{}:", Json::from(key.as_str())), member)).collect()
        }
        Json::Array(items) => items.iter().map(|item| child("-", item)).collect(),
        _ => String::new(),
    };
    if children.is_empty() { format!(" {json}\n") } else { format!("\n{children}") }
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).expect("the document is JSON")
}

pub(super) const ALL: &[Mutation] = &[
    Mutation {
        name: "compact JSON",
        what: "the document is one line",
        edit: Text(|text| parsed(text).to_string()),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "different indentation",
        what: "the document is indented by four spaces",
        edit: Text(|text| {
            let indent = |line: &str| " ".repeat(line.len() - line.trim_start().len());
            text.lines().map(|line| [&indent(line), line, "\n"].concat()).collect()
        }),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "Windows line breaks",
        what: "lines end with CRLF",
        edit: Text(|text| text.replace('\n', "\r\n")),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "byte order mark",
        what: "the document begins with U+FEFF",
        edit: Text(|text| format!("\u{feff}{text}")),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "YAML instead of JSON",
        what: "the document is YAML",
        edit: Text(|text| yaml(&parsed(text), 0)),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "escaped characters",
        what: "letters are written as `\\u0061`",
        edit: Text(|text| text.replace("\"name\"", "\"n\\u0061me\"")),
        expected: nothing("the data is the same"),
    },
    Mutation {
        name: "members reordered",
        what: "the members of every object are in reverse order",
        edit: Tree(|document| {
            *document = reversed(document);
            Some(())
        }),
        expected: nothing("the order of members has no meaning"),
    },
    Mutation {
        name: "OpenAPI 3.0.0",
        what: "the document is OpenAPI 3.0.0",
        edit: Tree(|document| {
            document["openapi"] = "3.0.0".into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "OpenAPI 3.1",
        what: "the document is OpenAPI 3.1.0",
        edit: Tree(|document| {
            document["openapi"] = "3.1.0".into();
            Some(())
        }),
        expected: changes(&["text-changed document"]),
    },
    Mutation {
        name: "OpenAPI 3.2",
        what: "the document is OpenAPI 3.2.0",
        edit: Tree(|document| {
            document["openapi"] = "3.2.0".into();
            Some(())
        }),
        expected: problems(&[("E0103", "/openapi")], &[]),
    },
    Mutation {
        name: "Swagger 2.0",
        what: "`openapi` is replaced by `swagger`",
        edit: Text(|text| text.replacen("\"openapi\": \"3.0.3\"", "\"swagger\": \"2.0\"", 1)),
        expected: problems(&[("E0103", "text: {")], &[]),
    },
    Mutation {
        name: "version is a number",
        what: "`openapi` is the number 3.0",
        edit: Text(|text| text.replacen("\"3.0.3\"", "3.0", 1)),
        expected: problems(&[("E0103", "/openapi")], &[]),
    },
    Mutation {
        name: "truncated file",
        what: "the file ends after the `operationId` of `PUT /users/{idUser}`",
        edit: Text(|text| text.split_inclusive("\"putUsersIduser\"").next().unwrap_or_default().to_owned()),
        expected: problems(&[("E0101", "text: \"/users/{idUser}\": { … \"put\": {")], &[]),
    },
    Mutation {
        name: "missing comma",
        what: "the comma after the `operationId` of `GET /roles` is missing",
        edit: Text(|text| text.replacen("\"operationId\": \"getRoles\",", "\"operationId\": \"getRoles\"", 1)),
        expected: problems(&[("E0101", "text: \"operationId\": \"getRoles\"")], &[]),
    },
    Mutation {
        name: "comment in JSON",
        what: "there is a comment before `paths`",
        edit: Text(|text| text.replacen("  \"paths\"", "  // all of them\n  \"paths\"", 1)),
        expected: problems(&[("E0101", "text: // all of them")], &[]),
    },
    Mutation {
        name: "duplicate path",
        what: "`/roles` occurs twice",
        edit: Text(|text| text.replacen("    \"/roles\": {", "    \"/roles\": {},\n    \"/roles\": {", 1)),
        expected: problems(&[("E0101", "text: \"/roles\": {}, … \"/roles\": {")], &[]),
    },
    Mutation {
        name: "empty file",
        what: "the file is empty",
        edit: Text(|_| String::new()),
        expected: problems(&[("E0101", "text: end")], &[]),
    },
    Mutation {
        name: "HTML instead of JSON",
        what: "the file is the HTML of a sign-in page",
        edit: Text(|_| "<!doctype html>\n<html><title>Sign in</title></html>\n".to_owned()),
        expected: problems(&[("E0102", "text: <!doctype html>")], &[]),
    },
    Mutation {
        name: "array instead of an object",
        what: "the document is an array",
        edit: Text(|text| format!("[{text}]")),
        expected: problems(&[("E0102", "text: [")], &[]),
    },
    Mutation {
        name: "nested too deeply",
        what: "a schema is nested 200 levels deep",
        edit: Text(|text| {
            let deep = format!("{}null{}", "{\"not\": ".repeat(200), "}".repeat(200));
            text.replacen("\"schemas\": {\n", &format!("\"schemas\": {{\n      \"Deep\": {deep},\n"), 1)
        }),
        expected: problems(&[("E0101", "text: \"Deep\"")], &[]),
    },
];
