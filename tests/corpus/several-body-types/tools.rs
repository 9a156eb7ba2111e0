use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("create_item", tool_fn!(create_item)),
    ("replace_items", tool_fn!(replace_items)),
];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["name"])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}

/// PUT /items
async fn replace_items(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments.urlencoded(&["name"])?;
    let sent = client.replace_items(&form.content_type, form.body).await;
    received(&client, sent)
}
