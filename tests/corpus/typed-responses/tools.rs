use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("create_item", tool_fn!(create_item)),
    ("delete_item", tool_fn!(delete_item)),
    ("get_picture", tool_fn!(get_picture)),
    ("get_tree", tool_fn!(get_tree)),
    ("list_items", tool_fn!(list_items)),
    ("list_names", tool_fn!(list_names)),
];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let body = arguments.rest(&[])?;
    let sent = client.create_item(&body).await;
    received(&client, sent)
}

/// DELETE /items/{id}
async fn delete_item(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.delete_item(id).await;
    received(&client, sent)
}

/// GET /items/{id}/picture
async fn get_picture(client: Client, mut arguments: Arguments) -> Reply {
    let id = arguments.segment("id")?;
    let sent = client.get_picture(id).await;
    received(&client, sent)
}

/// GET /tree
async fn get_tree(client: Client, _: Arguments) -> Reply {
    let sent = client.get_tree().await;
    received(&client, sent)
}

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let size = arguments.value("size")?;
    let sort = arguments.string("sort")?;
    let tags = arguments.joined("tags", ',')?;
    let max_price = arguments.number("max-price")?;
    let sent_ = arguments.string("sent")?;
    let required_ = required("required", arguments.string("required")?)?;
    let arguments_ = arguments.value("arguments")?;
    let where_ = arguments.json("where")?;
    let sent = client
        .list_items(
            arguments_.as_ref(),
            max_price.as_deref(),
            &required_,
            sent_.as_deref(),
            size,
            sort.as_deref(),
            tags.as_deref(),
            where_.as_deref(),
        )
        .await;
    received(&client, sent)
}

/// GET /names
async fn list_names(client: Client, _: Arguments) -> Reply {
    let sent = client.list_names().await;
    received(&client, sent)
}
