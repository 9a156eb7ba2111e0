use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("list_items", tool_fn!(list_items))];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.string("id")?;
    let count = arguments.string("count")?;
    let ids = arguments.value("ids")?;
    let any = arguments.string("any")?;
    let sent = client
        .list_items(any.as_deref(), count.as_deref(), id.as_deref(), ids.as_ref())
        .await;
    received(&client, sent)
}
