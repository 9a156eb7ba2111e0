//! The libraries are for any API: nothing in them is named after the one that this product serves.

use std::{fs, path::Path};

const LIBRARIES: [&str; 5] = ["codegen", "http", "oauth", "runtime", "tool-model"];

#[test]
fn no_library_names_the_product() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut n_files = 0;
    for library in LIBRARIES {
        for file in files(&crates.join(library)) {
            let text = fs::read_to_string(&file).unwrap_or_default().to_lowercase();
            n_files += 1;
            for word in ["torii", "scim"] {
                let line = text.lines().position(|line| line.contains(word));
                assert!(line.is_none(), "`{}` has the word `{word}` in line {}", file.display(), line.unwrap_or_default() + 1);
            }
        }
    }
    assert!(n_files > 150, "only {n_files} files were read");
}

/// The files of a library but its unit tests, whose example is the product's own catalog.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be listed").path());
    let of = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.as_str() {
            "tests" | "tests.rs" | "testing.rs" | "error_texts.rs" | "target" => Vec::new(),
            _ if path.is_dir() => files(&path),
            _ => vec![path],
        }
    };
    entries.flat_map(of).collect()
}
