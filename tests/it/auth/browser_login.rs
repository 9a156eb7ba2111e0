//! A user in a real browser, with the built program: from an assistant's request to the end of its connection.
//!
//! Pictures of each page are in `target/tmp/walk` afterwards.

use std::{fs, path::Path};

use tempfile::TempDir;
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{browser, process::Program, provider::Sample};

#[test]
fn users_sign_in_allow_refuse_and_disconnect_in_a_browser_without_javascript() {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk");
    fs::create_dir_all(&pictures).expect("the folder is made");
    let (sample, folder) = (Sample::start(), TempDir::new().expect("a folder is made"));
    let text = format!(
        "listen = '127.0.0.1:0'\ndata_dir = 'data'\n[torii]\napi_url = '{}'\n[auth]\nmode = 'torii_key'\n\
         [[clients]]\nid = 'assistant'\nname = 'The configured assistant'\nredirect_uris = ['https://assistant.example/callback']\n",
        sample.url
    );
    let config = folder.path().join("torii-mcp.toml");
    fs::write(&config, text).expect("it is written");
    let server = Program::start(&["serve", "--config", &config.display().to_string()], &[]);
    browser::run("walk.mjs", &[&server.stderr.address(), FULL_ACCESS_KEY, "assistant", &pictures.display().to_string()]);
}
