//! The call of `query`.

use mcp_http::caller::Caller;
use rmcp::{ErrorData, RoleServer, model::CallToolResponse, service::RequestContext};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::{Server, cancelled, progress, result, tool_list::ToolList};
use crate::{tool_filter::ToolFilter, truncation::Truncated};

impl Server {
    /// Answers a statement of SQL over the lists that the caller may read, and tells the client how many rows are loaded.
    pub(super) async fn query(
        &self,
        arguments: Map<String, Value>,
        caller: &Caller,
        tool_filter: &ToolFilter,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let query = match ToolList::statement(arguments) {
            Ok(query) => query,
            Err(failure) => {
                self.tables.refused(caller, &failure);
                return Ok(result(Err(failure), false).into());
            }
        };
        let (loaded, mut seen) = watch::channel(0);
        let telling = async {
            while seen.changed().await.is_ok() {
                let rows = *seen.borrow_and_update();
                progress::notify(context, rows, None, format!("{rows} rows")).await;
            }
        };
        let answering = async {
            let answer = self.tables.query(query, caller, tool_filter, &loaded).await;
            // ends the telling
            drop(loaded);
            answer
        };
        let answer = tokio::select! {
            biased;
            () = context.ct.cancelled() => return Err(cancelled()),
            (answer, ()) = async { tokio::join!(answering, telling) } => answer,
        };
        Ok(result(answer.map(|output| Truncated { output, note: None }), self.is_structured(context)).into())
    }
}
