use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("delete_item", tool_fn!(delete_item))];

/// DELETE /items
async fn delete_item(client: Client, _: Arguments) -> Reply {
    let sent = client.delete_item().await;
    received(&client, sent)
}
