//! `probe`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use openapi_mcp::catalog::Catalog;

use super::{Connected, Error, connect, print, signals::Signals};
use crate::probe::{Probe, Step, plan};

/// The arguments of `probe`.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Send the calls; without this, they are only listed
    #[arg(long)]
    send: bool,
    /// Tell the names of fields that the document does not have
    #[arg(long, requires = "send")]
    names: bool,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE", requires = "send")]
    output: Option<PathBuf>,
}

pub(super) async fn probe(catalog: &'static Catalog, given: Given) -> Result<(), Error> {
    if !given.send {
        return print(&listed(&plan(catalog)));
    }
    let Connected { upstream, caller, .. } = connect(catalog)?;
    // before anything is sent, so that Ctrl-C never ends it without a report
    let mut signals = Signals::new().map_err(|error| Error::failed(format!("signals cannot be received: {error}")))?;
    let stop = async {
        signals.next().await;
    };
    let progress = |what: &str| drop(writeln!(io::stderr(), "{what}"));
    let report = Probe::new(catalog, &upstream, &caller).run(stop, progress).await.markdown(given.names);
    match given.output {
        Some(file) => std::fs::write(&file, report).map_err(|error| Error::failed(format!("{}: {error}", file.display()))),
        None => print(&report),
    }
}

/// The calls that would be sent.
fn listed(steps: &[Step]) -> String {
    let line = |step: &Step| {
        let needs = step.needs.iter().map(|name| format!("{name}=from an earlier response"));
        let arguments = step.arguments.iter().map(|(name, value)| format!("{name}={value}")).chain(needs);
        format!("{} {}  {}\n", step.tool.method, step.tool.path, arguments.collect::<Vec<_>>().join(" "))
    };
    let calls: String = steps.iter().map(line).collect();
    format!(
        "{calls}\n{} calls that read, and a few more with filters and versions. Nothing was sent: `torii-mcp probe --send` sends them with the key \
         in `TORII_API_KEY`,\none after the other, and writes a report without any value of your data. Ctrl-C stops it; the report then has what was found.\n",
        steps.len()
    )
}
