use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("list_items", tool_fn!(list_items))];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let filter = arguments.string("filter")?;
    let größe = arguments.value("width")?;
    let page_size = arguments.value("size")?;
    let its = arguments.string("its")?;
    let _2nd = arguments.string("2nd")?;
    let plus1 = arguments.string("plus")?;
    let quote = arguments.string("quote")?;
    let sent = client
        .list_items(
            filter.as_deref(),
            plus1.as_deref(),
            _2nd.as_deref(),
            größe,
            its.as_deref(),
            page_size,
            quote.as_deref(),
        )
        .await;
    received(&client, sent)
}
