use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("change_item", tool_fn!(change_item)),
    ("get_item", tool_fn!(get_item)),
    ("list_items", tool_fn!(list_items)),
    ("sell_item", tool_fn!(sell_item)),
];

/// PUT /items/{id}
async fn change_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let body = arguments.object(&["state", "name"])?;
    let sent = client.change_item(id, &body).await;
    received(&client, sent)
}

/// GET /items/{id}
async fn get_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.get_item(id).await;
    received(&client, sent)
}

/// GET /items
async fn list_items(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items().await;
    received(&client, sent)
}

/// POST /sales
async fn sell_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.object(&["itemId", "price"])?;
    let sent = client.sell_item(&body).await;
    received(&client, sent)
}
