//! Reads the configuration of `serve` again, without a restart.
//!
//! Invariants:
//! - A configuration with a problem changes nothing; what was in effect stays in effect.
//! - Connections, the store, the rate limits and requests that have begun are left as they are.

use ipnet::IpNet;
use openapi_mcp::{
    catalog::Catalog,
    http::{self, CurrentRouter},
};
use tokio::task::spawn_blocking;

use super::{LogFilter, config::Given};
use crate::{
    config::{self, Config, FixedValues, settings::Settings},
    start::{self, AppDependencies, Kept},
    telemetry,
};

/// What is needed to reload the configuration.
pub(super) struct Reload {
    pub(super) catalog: &'static Catalog,
    pub(super) given: Given,
    pub(super) log: LogFilter,
    pub(super) origin: String,
    pub(super) dependencies: AppDependencies,
    pub(super) kept: Kept,
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) request_memory: usize,
    pub(super) fixed: FixedValues,
    pub(super) current: CurrentRouter,
}

impl Reload {
    /// Reloads the configuration, and logs what came of it.
    pub(super) async fn run(&mut self) {
        if let Err(problems) = self.try_run().await {
            for problem in problems.lines() {
                tracing::error!("the configuration is not reloaded: {problem}");
            }
            tracing::error!("the configuration before stays in effect; correct the new one, and reload it again");
        }
    }

    async fn try_run(&mut self) -> Result<(), String> {
        let (given, catalog) = (self.given.clone(), self.catalog);
        // files are read, and a host name may be resolved
        let load = spawn_blocking(move || {
            let sources = given.sources();
            Config::load_server(&sources, &catalog.into()).map(|loaded| (loaded, config::log(&sources)))
        });
        let ((config, settings), log) = load.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let changed = self.fixed.changed(&config.fixed);
        if changed.iter().any(|key| key == "auth.mode") {
            return Err(start::Error::OtherMode.to_string());
        }
        super::config::warn(&config.warnings);
        let settings =
            Settings { trusted_proxies: self.trusted_proxies.clone(), request_memory: self.request_memory, ..settings };
        let dependencies = AppDependencies { tool_policy: config.tool_policy, ..self.dependencies.clone() };
        let tools = dependencies.offered().tools().count();
        let state = start::reload(&settings, &self.origin, dependencies, &mut self.kept).map_err(|error| error.to_string())?;
        self.current.replace(http::router(state));
        if let (LogFilter::Configured, Some(Ok(filter))) = (self.log, log.map(|text| text.parse())) {
            telemetry::set_filter(filter);
        }
        for key in changed {
            tracing::warn!("`{key}` has changed, which takes effect at a restart only");
        }
        tracing::info!(tools, "the configuration is reloaded");
        Ok(())
    }
}
