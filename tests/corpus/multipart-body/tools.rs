use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("create_item", tool_fn!(create_item))];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let form = arguments
        .form(&["type", "note", "file", "owner", "pictures"], &["file", "pictures"])?;
    let sent = client.create_item(&form.content_type, form.body).await;
    received(&client, sent)
}
