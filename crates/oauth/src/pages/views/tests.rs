use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::*;

#[test]
fn editors_get_links_that_add_the_server_and_a_local_server_does_not_name_web_assistants() {
    let landing = |url: &str| Landing {
        product: "Torii",
        url: url.to_owned(),
        tools: 57,
        operations: (57, 60),
        answers_sql: true,
        toolsets: Vec::new(),
        signs_in: SignsIn::Here,
    };
    let public = landing("https://mcp.example.com/mcp?toolsets=apps&x='\"");
    let config = |link: &str| link.split_once("config=").unwrap().1.to_owned();
    let cursor = public.cursor_link();
    assert!(cursor.starts_with("cursor://anysphere.cursor-deeplink/mcp/install?name=torii&config="), "{cursor}");
    let decoded = percent_decode_str(&config(&cursor)).decode_utf8().unwrap().into_owned();
    let decoded = BASE64_STANDARD.decode(decoded).unwrap();
    let decoded: Value = serde_json::from_slice(&decoded).unwrap();
    assert_eq!(decoded, json!({ "url": public.url }));
    let code = public.vs_code_link();
    let decoded = percent_decode_str(code.strip_prefix("vscode:mcp/install?").unwrap()).decode_utf8().unwrap();
    let decoded: Value = serde_json::from_str(&decoded).unwrap();
    assert_eq!(decoded, json!({ "name": "torii", "type": "http", "url": public.url }));
    let (public, local) = (public.render().unwrap(), landing("http://127.0.0.1:8080/mcp").render().unwrap());
    assert!(public.contains("Add custom connector") && public.contains("ChatGPT"), "{public}");
    assert!(!local.contains("Add custom connector") && local.contains("listens on this computer only"), "{local}");
    let mcporter = |url: &str, option: &str| format!("npx mcporter auth {url}{option}</code>");
    assert!(local.contains(&mcporter("http://127.0.0.1:8080/mcp", " --allow-http")), "{local}");
    let public = landing("https://mcp.example.com/mcp").render().unwrap();
    assert!(public.contains(&mcporter("https://mcp.example.com/mcp", "")), "{public}");
}
