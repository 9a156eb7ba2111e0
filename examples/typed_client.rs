//! Lists apps with the typed client, from the sample of Torii's API:
//!
//! ```text
//! cargo run --features client --example typed_client
//! ```

use std::{error::Error, io::Write, net::Ipv4Addr};

use tokio::net::TcpListener;
use torii_mcp::client::{Client, GetAppOptions, ListAppsOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // the sample, on a free port
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let sample = torii_sample::router(torii_sample::Options::default());
    tokio::spawn(async move { axum::serve(listener, sample).await });

    let torii = Client::connect(&url, torii_sample::FULL_ACCESS_KEY, None)?;
    let mut output = std::io::stdout().lock();

    // arguments that are left out have the defaults of the tool
    let page = torii.list_apps(ListAppsOptions { size: Some(3), ..Default::default() }).await?;
    for app in page.apps.as_deref().unwrap_or_default() {
        let (name, state) = (app.name.as_deref().unwrap_or("an app"), app.state.as_deref().unwrap_or("in an unknown state"));
        // a member that the document does not describe is kept as JSON, and so is a custom field
        let users = app.other.get("activeUsersCount").map_or("an unknown number of", |json| json.as_str());
        writeln!(output, "{name} is {state} and has {users} active users")?;
    }

    let answer = torii.get_app(1001, GetAppOptions::default()).await?;
    let owner = answer.app.and_then(|app| app.primary_owner).and_then(|owner| owner.full_name);
    writeln!(output, "the owner of app 1001 is {}", owner.as_deref().unwrap_or("not known"))?;
    Ok(())
}
