use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("create_item", tool_fn!(create_item)),
    ("list_items", tool_fn!(list_items)),
];

/// POST /items
async fn create_item(client: Client, _: Arguments) -> Reply {
    let sent = client.create_item().await;
    received(&client, sent)
}

/// GET /beta/items
async fn list_items(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items().await;
    received(&client, sent)
}
