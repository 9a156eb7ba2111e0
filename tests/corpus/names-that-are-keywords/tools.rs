use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[("list_items", tool_fn!(list_items))];

/// GET /items
async fn list_items(client: Client, mut arguments: Arguments) -> Reply {
    let type_ = arguments.string("type")?;
    let self_ = arguments.string("self")?;
    let in_ = arguments.string("in")?;
    let async_ = arguments.string("async")?;
    let crate_ = arguments.string("crate")?;
    let url = arguments.string("url")?;
    let request = arguments.string("request")?;
    let response = arguments.string("response")?;
    let result = arguments.string("result")?;
    let value = arguments.string("value")?;
    let info = arguments.string("info")?;
    let body_ = arguments.string("body")?;
    let content_type = arguments.string("content_type")?;
    let sent = client
        .list_items(
            async_.as_deref(),
            body_.as_deref(),
            content_type.as_deref(),
            crate_.as_deref(),
            in_.as_deref(),
            info.as_deref(),
            request.as_deref(),
            response.as_deref(),
            result.as_deref(),
            self_.as_deref(),
            type_.as_deref(),
            url.as_deref(),
            value.as_deref(),
        )
        .await;
    received(&client, sent)
}
