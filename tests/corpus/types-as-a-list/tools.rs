use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("create_item", tool_fn!(create_item))];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let page = arguments.value("page")?;
    let order = arguments.string("order")?;
    let body = arguments.object(&["name", "code", "only", "nothing", "owner", "size"])?;
    let sent = client.create_item(order.as_deref(), page, &body).await;
    received(&client, sent)
}
