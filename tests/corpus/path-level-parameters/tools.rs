use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("delete_item", tool_fn!(delete_item)),
    ("get_item", tool_fn!(get_item)),
];

/// DELETE /items/{idItem}
async fn delete_item(client: Client, mut arguments: Arguments) -> Reply {
    let id_item = arguments.segment("idItem")?;
    let lang = arguments.string("lang")?;
    let sent = client.delete_item(id_item, lang.as_deref()).await;
    received(&client, sent)
}

/// GET /items/{idItem}
async fn get_item(client: Client, mut arguments: Arguments) -> Reply {
    let lang = arguments.string("lang")?;
    let id_item = arguments.segment("idItem")?;
    let sent = client.get_item(id_item, lang.as_deref()).await;
    received(&client, sent)
}
