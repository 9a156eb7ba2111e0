use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("list_notes", tool_fn!(list_notes)),
    ("list_orders", tool_fn!(list_orders)),
];

/// GET /orders/{idOrder}/notes
async fn list_notes(client: Client, mut arguments: Arguments) -> Reply {
    let id_order = arguments.segment("idOrder")?;
    let position = arguments.value("position")?;
    let count = arguments.value("count")?;
    let sent = client.list_notes(id_order, count, position).await;
    received(&client, sent)
}

/// GET /orders
async fn list_orders(client: Client, mut arguments: Arguments) -> Reply {
    let size = arguments.value("size")?;
    let cursor = arguments.string("cursor")?;
    let status = arguments.string("status")?;
    let from = arguments.string("from")?;
    let to = arguments.string("to")?;
    let sent = client
        .list_orders(
            cursor.as_deref(),
            from.as_deref(),
            size,
            status.as_deref(),
            to.as_deref(),
        )
        .await;
    received(&client, sent)
}
