use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("list_items", tool_fn!(list_items))];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let from = arguments.string("from")?;
    let to = arguments.string("to")?;
    let sent = client.list_items(from.as_deref(), to.as_deref()).await;
    received(&client, sent)
}
