//! Debian's Chromium, driven by the scripts in `tests/browser`, which look at pages and walk through them.
//!
//! `tests/browser/install` brings it; without it these tests are skipped, but never where `CI` is set.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// The packages and the browser, if they are installed as the lock asks for.
fn installed(source: &Path) -> Option<(PathBuf, PathBuf)> {
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("browser");
    let wanted = fs::read(source.join("package-lock.json")).expect("the lock is there");
    let name = env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
    // a name is looked for on the path; a whole path stands for itself
    let path = env::var_os("PATH").unwrap_or_default();
    let browser = env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file());
    let is_current = fs::read(packages.join("installed")).is_ok_and(|installed| installed == wanted);
    if let Some(browser) = browser.filter(|_| is_current) {
        return Some((packages, browser));
    }
    assert!(env::var_os("CI").is_none(), "the browser is not installed; run tests/browser/install");
    // Written past the test harness, which keeps the output of tests that pass to itself.
    let _ = writeln!(io::stderr(), "SKIPPED: the browser is not installed; run tests/browser/install");
    None
}

/// Runs a script of `tests/browser`, which says on its last line how many of its checks failed.
pub(crate) fn run(script: &str, arguments: &[&str]) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let Some((packages, browser)) = installed(&source) else { return };
    // beside the packages that they import, in a folder of their own, since tests run at the same time
    let folder = packages.join("scripts").join(script);
    fs::create_dir_all(&folder).expect("the folder is made");
    for file in ["browser.mjs", script] {
        fs::copy(source.join(file), folder.join(file)).expect("the script is copied");
    }
    let output = Command::new("node")
        .arg(folder.join(script))
        .args(arguments)
        .env("CHROMIUM_PATH", browser)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("the script runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.ends_with(" 0 failed\n"), "{said}\n{complained}");
}
