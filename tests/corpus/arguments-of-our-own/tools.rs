use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("delete_item", tool_fn!(delete_item)),
    ("get_item", tool_fn!(get_item)),
    ("list_items", tool_fn!(list_items)),
    ("list_shops", tool_fn!(list_shops)),
    ("order_items", tool_fn!(order_items)),
];

/// DELETE /items/{id}
async fn delete_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.delete_item(id).await;
    received(&client, sent)
}

/// GET /items/{id}
async fn get_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.get_item(id).await;
    received(&client, sent)
}

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let cursor = arguments.string("cursor")?;
    let sent = client.list_items(cursor.as_deref()).await;
    received(&client, sent)
}

/// GET /shops
async fn list_shops(client: Client, _: Arguments) -> Reply {
    let sent = client.list_shops().await;
    received(&client, sent)
}

/// POST /items
async fn order_items(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.rest(&[])?;
    let sent = client.order_items(&body).await;
    received(&client, sent)
}
