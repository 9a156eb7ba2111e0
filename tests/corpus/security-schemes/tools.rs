use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("list_items", tool_fn!(list_items)),
    ("list_scim_users", tool_fn!(list_scim_users)),
];

/// GET /items
async fn list_items(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items().await;
    received(&client, sent)
}

/// GET /scim/Users
async fn list_scim_users(client: Client, _: Arguments) -> Reply {
    let sent = client.list_scim_users().await;
    received(&client, sent)
}
