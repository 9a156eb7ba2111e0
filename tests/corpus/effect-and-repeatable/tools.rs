use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("match_items", tool_fn!(match_items))];

/// GET /items
async fn match_items(client: Client, _: Arguments) -> Reply {
    let sent = client.match_items().await;
    received(&client, sent)
}
