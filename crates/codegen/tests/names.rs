//! The generator and the model are for any API: they do not contain the name of any product.

#![expect(clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

use std::fs;
use std::path::{Path, PathBuf};

/// The forbidden names, in pieces, so that this file does not contain them either.
const PRODUCT: [&str; 2] = [concat!("tor", "ii"), concat!("sc", "im")];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("it can be read").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_product_is_named_outside_comments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = [root.to_path_buf(), root.join("../tool-model")].iter().flat_map(|folder| files(folder)).collect::<Vec<_>>();
    assert!(all.len() > 50, "{} files", all.len());
    for path in all {
        let text = fs::read_to_string(&path).expect("it is text");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with(['#', '/'])) {
            let line = line.to_lowercase();
            if let Some(name) = PRODUCT.into_iter().find(|name| line.contains(name)) {
                panic!("{}:{} names `{name}`", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn a_suggested_tool_name_is_always_valid() {
    use openapi_mcp_codegen::names::{is_tool_name, suggested_tool};
    use openapi_mcp_model::Method;
    for (id, method, name) in [
        ("listApps", Method::Get, "list_apps"),
        ("sync", Method::Post, "create_sync"),
        ("2fa", Method::Get, "get_2fa"),
        ("GET /users/{id}", Method::Get, "get_users_id"),
        ("Ünï", Method::Delete, "delete_n"),
        ("", Method::Patch, "update_it"),
    ] {
        assert_eq!(suggested_tool(id, method), name);
        assert!(is_tool_name(name));
    }
    for long in ["aVeryLongName".repeat(20), "x".repeat(100), format!("{}_x", "x".repeat(60))] {
        assert!(is_tool_name(&suggested_tool(&long, Method::Get)), "{long}");
    }
}
