use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("list_items", tool_fn!(list_items)),
    ("list_parts", tool_fn!(list_parts)),
];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let page = arguments.value("page")?;
    let sent = client.list_items(page).await;
    received(&client, sent)
}

/// GET /parts
async fn list_parts(client: Client, mut arguments: Arguments) -> Reply {
    let page = arguments.value("page")?;
    let sent = client.list_parts(page).await;
    received(&client, sent)
}
