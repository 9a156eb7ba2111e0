//! Completions in real shells.

use std::{env, path::Path, process::Command};

use crate::support::process::finish;

/// The candidates that a shell has for a line after it has loaded the script, or `None` if the shell is not installed.
fn completed(shell: &str, script: &str) -> Option<Vec<String>> {
    if Command::new(shell).arg("--version").output().is_err() {
        assert!(env::var_os("CI").is_none(), "`{shell}` is not installed");
        return None;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_torii-mcp")).parent().expect("it is in a folder");
    let mut path = vec![program.to_owned()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut run = Command::new(shell);
    run.env("PATH", env::join_paths(path).expect("the paths can be joined")).args(["-c", script]);
    let ran = finish(run);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{script}");
    Some(ran.stdout.lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect())
}

/// Runs the function that the script registered, as bash does when the user presses the tab key after these words.
fn in_bash(words: &str, current: &str) -> Option<Vec<String>> {
    let script = format!(
        "source <(torii-mcp completions bash)
        set -- $(complete -p torii-mcp)
        while [ \"$1\" != -F ]; do shift; done
        COMP_WORDS=(torii-mcp {words} '{current}') COMP_TYPE=9
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        \"$2\" torii-mcp '{current}' \"${{COMP_WORDS[COMP_CWORD - 1]}}\"
        printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    completed("bash", &script)
}

fn in_fish(line: &str) -> Option<Vec<String>> {
    let found = completed("fish", &format!("torii-mcp completions fish | source; complete --do-complete 'torii-mcp {line}'"))?;
    Some(found.iter().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect())
}

/// Presses the tab key in an interactive zsh, which inserts the only candidate. The line editor reads keys when its prompt is there.
fn in_zsh(line: &str) -> Option<String> {
    let script = format!(
        "zmodload zsh/zpty
        zpty shell 'PS1=PROMPT TERM=dumb zsh -f -i'
        zpty -w shell 'unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source <(torii-mcp completions zsh); print REA\"\"DY'
        zpty -r shell output '*READY*PROMPT'
        zpty -w -n shell $'torii-mcp {line}\\t'
        zpty -w shell ' # END'
        zpty -r shell output '*# END*'
        print -r -- \"$output\"
        zpty -d shell"
    );
    Some(completed("zsh", &script)?.join("\n"))
}

#[test]
fn bash_completes_commands_tools_arguments_and_values() {
    let cases = [
        ("", "cov", &["coverage"][..]),
        ("connections", "re", &["revoke"]),
        ("connections list", "--js", &["--json"]),
        ("call", "list_workflow_action_r", &["list_workflow_action_runs"]),
        ("tools", "list_workflow_action_r", &["list_workflow_action_runs"]),
        ("call list_apps", "inc", &["includeLicenses="]),
        ("call list_apps includeLicenses =", "t", &["true"]),
        ("call update_user lifecycleStatus =", "offboardi", &["offboarding"]),
    ];
    for (words, current, found) in cases {
        let Some(completed) = in_bash(words, current) else { return };
        assert_eq!(completed, found, "{words} {current}");
    }
}

#[test]
fn fish_completes_commands_tools_arguments_and_values() {
    let cases = [
        ("cov", &["coverage"][..]),
        ("connections re", &["revoke"]),
        ("call list_workflow_action_r", &["list_workflow_action_runs"]),
        ("call list_apps inc", &["includeLicenses="]),
        ("call update_user lifecycleStatus=offboardi", &["lifecycleStatus=offboarding"]),
    ];
    for (line, found) in cases {
        let Some(completed) = in_fish(line) else { return };
        assert_eq!(completed, found, "{line}");
    }
}

#[test]
fn zsh_completes_commands_tools_arguments_and_values() {
    let cases = [
        ("cov", "coverage"),
        ("connections re", "connections revoke"),
        ("call list_workflow_action_r", "call list_workflow_action_runs"),
        ("call list_apps inc", "call list_apps includeLicenses="),
        ("call update_user lifecycleStatus=offboardi", "call update_user lifecycleStatus=offboarding"),
    ];
    for (line, found) in cases {
        let Some(completed) = in_zsh(line) else { return };
        assert!(completed.contains(found), "{line}: {completed}");
    }
}
