use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("create_item", tool_fn!(create_item))];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["anything", "list", "choice", "map"])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}
