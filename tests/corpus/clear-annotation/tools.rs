use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("change_item", tool_fn!(change_item)),
    ("create_item", tool_fn!(create_item)),
];

/// PATCH /items/{id}
async fn change_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let body = arguments.rest(&[])?;
    let sent = client.change_item(id, &body).await;
    received(&client, sent)
}

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["owner"])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}
