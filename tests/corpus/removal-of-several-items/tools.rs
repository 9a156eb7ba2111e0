use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("list_items", tool_fn!(list_items))];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let p2 = arguments.value("p2")?;
    let p4 = arguments.value("p4")?;
    let sent = client.list_items(p2, p4).await;
    received(&client, sent)
}
