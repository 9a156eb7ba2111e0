use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("get_item", tool_fn!(get_item)),
    ("replace_item", tool_fn!(replace_item)),
];

/// GET /items/{idItem}
async fn get_item(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let page = arguments.value("page")?;
    let sent = client.get_item(id_item, page).await;
    received(&client, sent)
}

/// PUT /items/{idItem}
async fn replace_item(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let size = arguments.value("size")?;
    let color = arguments.string("color")?;
    let body = arguments.object(&["name"])?;
    let sent = client.replace_item(id_item, color.as_deref(), size, &body).await;
    received(&client, sent)
}
