use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("create_item", tool_fn!(create_item))];

/// POST /items
async fn create_item(client: Client, mut arguments: Arguments) -> Reply {
    let day = arguments.value("day")?;
    let last = arguments.value("last")?;
    let body = arguments.object(&["level", "mixed"])?;
    let sent = client.create_item(day, last, &body).await;
    received(&client, sent)
}
