use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("create_item", tool_fn!(create_item)),
    ("create_item_body", tool_fn!(create_item_body)),
];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["body"])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}

/// POST /bodies
async fn create_item_body(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["y"])?;
    let sent = client.create_item_body(&body).await;
    received(&client, sent)
}
