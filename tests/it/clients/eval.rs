//! The evaluation in `tests/eval`: its recorded calls, its way through a model, and its rule for written answers.

use std::{path::Path, process::Command};

use super::{check, installed};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torii-mcp");

/// A script of `tests/eval`, with what it imports; nothing if that is not installed.
fn script(name: &str) -> Option<Command> {
    for client in ["typescript-2", "others/javascript"] {
        installed(client, "package-lock.json")?;
    }
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval").join(name));
    command.args(["--program", PROGRAM, "--clients"]).arg(Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients"));
    // a model that somebody has set for their own runs is not asked
    command.env_remove("EVAL_API");
    Some(command)
}

#[test]
fn recorded_calls_answer_forty_questions_within_their_bounds() {
    let Some(mut run) = script("run.mjs") else { return };
    check(&mut run);
}

#[test]
fn models_of_both_interfaces_use_the_tools_and_their_answers_are_judged() {
    let Some(mut run) = script("model.test.mjs") else { return };
    check(&mut run);
}

#[test]
fn written_answers_are_judged_by_what_they_have_to_say() {
    let Some(mut run) = script("judge.test.mjs") else { return };
    check(&mut run);
}
