use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("download_file", tool_fn!(download_file))];

/// GET /items
async fn download_file(client: Client, _: Arguments) -> Reply {
    let sent = client.download_file().await;
    received(&client, sent)
}
