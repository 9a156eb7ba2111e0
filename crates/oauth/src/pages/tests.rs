use axum::http::HeaderMap;
use mcp_http::clock::Timestamp;

use super::*;
use crate::brand::KeyField;

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onfocus='alert(1)' autofocus='",
    "</title></main>\r\nSet-Cookie: a=b\n\n<!--",
    "\u{202e}moc.live\u{2066}\u{0}\u{200b}",
    "{{ csrf }}{% include \"client_view.html\" %}&lt;&#x3c;",
];
/// Elements without an end tag.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "img"];
/// Elements that contain only text, and the elements that are allowed within text.
const HOLDS_TEXT: [&str; 8] = ["p", "h1", "h2", "h3", "button", "label", "summary", "legend"];
const OF_TEXT: [&str; 10] = ["a", "bdi", "code", "em", "path", "span", "strong", "svg", "time", "input"];

const PRODUCT: &str = "Pets";

/// The fields of a sign-in page with two keys, one of which may be the reason why the last attempt failed.
fn key_inputs(wrong: Option<usize>) -> Vec<KeyInput> {
    let inputs = [("api", None), ("staff", Some("Work with staff as well".to_owned()))];
    let input = |(index, (credential, opens)): (usize, (&str, Option<String>))| {
        let (label, help, refused) = (format!("Key {index}"), "It is in the console.".to_owned(), "Copy it again.".to_owned());
        let field = KeyField { credential: credential.to_owned(), label, help, refused, opens };
        let (name, is_required) = (field.name(index), index == 0);
        KeyInput { field, name, is_required, is_wanted: false, is_wrong: wrong == Some(index) }
    };
    inputs.into_iter().enumerate().map(input).collect()
}

fn scope_choice(name: &str, tools: usize) -> ScopeChoice {
    let (title, description) = ("See your data".to_owned(), "Look things up. Nothing changes.".to_owned());
    ScopeChoice { name: name.to_owned(), title, description, tools, is_ticked: false }
}

fn client_view(text: &str, trust: ClientTrust) -> ClientView {
    ClientView { name: text.into(), place: text.into(), trust }
}

fn local(text: &str) -> ClientView {
    ClientView { place: "127.0.0.1".into(), ..client_view(text, ClientTrust::Registered) }
}

/// Every page in every state, with this text in place of each text from outside.
fn pages(text: &str) -> Vec<(&'static str, String)> {
    let render = |name: &'static str, page: askama::Result<String>| (name, page.unwrap());
    let own = || text.to_owned();
    let abilities = || vec!["See your data".to_owned(), "Work with Staff".to_owned()];
    let path = || format!("/sign-in?next={text}");
    let sign_in = |client, wrong: Option<usize>, failed: bool| {
        let refusal = failed.then(|| SignInError { text: own() });
        SignIn { product: PRODUCT, client, refusal, fields: key_inputs(wrong), csrf: own(), next: own() }.render()
    };
    let choice = |name, tools, is_ticked| ScopeChoice { is_ticked, ..scope_choice(name, tools) };
    let consent = |client_view, withheld| {
        let scopes = vec![
            choice("api:read", 31, true),
            choice("api:write", 20, false),
            choice("api:destroy", 1, false),
            choice("api:staff", 5, false),
        ];
        let (user, organization) = (text.into(), text.into());
        Consent { product: PRODUCT, client_view, user, organization, scopes, withheld, csrf: own(), next: own() }.render()
    };
    let connection =
        |used, abilities| Connection { id: own(), place: text.into(), since: Timestamp(1_795_000_000), used, abilities };
    let connections = |connections: Vec<Vec<Connection>>, ended: Option<usize>| {
        let ended = ended.map(|left| Ended { name: text.into(), left });
        let apps = connections.into_iter().map(|connections| App { name: text.into(), connections }).collect();
        Connections { product: PRODUCT, user: text.into(), organization: text.into(), apps, ended, csrf: own() }.render()
    };
    let landing = |signs_in| {
        let toolsets = vec![Toolset { title: own(), tools: 1 }, Toolset { title: "App users".to_owned(), tools: 12 }];
        Landing { product: PRODUCT, url: own(), tools: 57, operations: (57, 60), answers_sql: true, toolsets, signs_in }.render()
    };
    let handed_over = |is_allowed| {
        let url = "cursor://anysphere.cursor-mcp/oauth/callback?code=a&state=b".to_owned();
        HandedOver { product: PRODUCT, program: "Cursor", url, is_allowed }.render()
    };
    let one = || connection(None, Vec::new());
    let apps = vec![vec![one(), connection(Some(Timestamp(i64::MAX)), abilities())], vec![one()]];
    vec![
        render("sign-in", sign_in(None, None, false)),
        render("sign-in for a client", sign_in(Some(client_view(text, ClientTrust::Published(text.into()))), None, false)),
        render("sign-in with a wrong key", sign_in(Some(local(text)), Some(0), true)),
        render("sign-in with a wrong second key", sign_in(None, Some(1), true)),
        render("sign-in that failed", sign_in(None, None, true)),
        render("consent for a configured client", consent(client_view(text, ClientTrust::Configured), None)),
        render("consent for a published client", consent(client_view(text, ClientTrust::Published(text.into())), None)),
        render("consent for a registered client", consent(client_view(text, ClientTrust::Registered), None)),
        render("consent for a local client", consent(local(text), None)),
        render(
            "consent without the second key",
            consent(local(text), Some(Withheld::WithoutKey { titles: abilities(), sign_in: path() })),
        ),
        render("consent beyond the rule", consent(local(text), Some(Withheld::ByRule(abilities())))),
        render("connections", connections(apps, Some(1))),
        render("many connections", connections((0..32).map(|_| vec![one()]).collect(), None)),
        render("no connections", connections(Vec::new(), Some(0))),
        render("handed over", handed_over(true)),
        render("handed over without access", handed_over(false)),
        render("signed out", SignedOut { product: PRODUCT }.render()),
        render(
            "failure",
            ErrorPage { product: PRODUCT, title: own(), what: own(), next_step: own(), request_id: text.into() }.render(),
        ),
        render("landing", landing(SignsIn::Here)),
        render("landing with sign-in elsewhere", landing(SignsIn::Elsewhere)),
        render("landing without sign-in", landing(SignsIn::Nobody)),
    ]
}

/// A start tag: its name and attributes.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(have, _)| *have == name).map(|(_, value)| *value)
    }
}

/// Parses a page as strictly as the templates are written: quoted attributes, and every element ended in its place.
fn tags<'a>(page: &str, html: &'a str) -> Vec<Tag<'a>> {
    let mut rest = html.strip_prefix("<!doctype html>").expect("a page begins with its type");
    let (mut tags, mut open) = (Vec::new(), Vec::<&str>::new());
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "{page}: a bare `>` in: {}", &rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{page}: </{name}> ends something else");
            continue;
        }
        let is_void = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, mut list) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{page}: <{tag}>");
        let mut attributes = Vec::new();
        while !list.is_empty() {
            let (attribute, value, more) = match list.split_once(['=', ' ']) {
                Some((attribute, more)) if list.as_bytes()[attribute.len()] == b'=' => {
                    let (value, more) = more.strip_prefix('"').and_then(|more| more.split_once('"')).expect("a quoted value");
                    (attribute, value, more.trim_start())
                }
                Some((attribute, more)) => (attribute, "", more),
                None => (list, "", ""),
            };
            assert!(attributes.iter().all(|(have, _)| *have != attribute), "{page}: `{attribute}` twice in <{tag}>");
            attributes.push((attribute, value));
            list = more;
        }
        if let Some(text) = open.iter().find(|open| HOLDS_TEXT.contains(open)) {
            assert!(OF_TEXT.contains(&name), "{page}: <{name}> in <{text}>");
        }
        assert!(name != "form" || !open.contains(&"form"), "{page}: a form in a form");
        if !is_void && !VOID.contains(&name) {
            open.push(name);
        }
        tags.push(Tag { name, attributes });
    }
    assert!(open.is_empty() && !rest.contains('>'), "{page}: {open:?} not ended");
    tags
}

#[test]
fn hostile_text_stays_text_on_every_page() {
    let shape = |html: &str| tags("shape", html).iter().map(|tag| tag.name.to_owned()).collect::<Vec<_>>();
    let long = "<b>".repeat(3_334);
    let calm = pages("Claude");
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        for ((page, html), (_, calm)) in pages(text).iter().zip(&calm) {
            let label = Label::new(text);
            let is_markup = text.contains(['<', '"', '\'', '&']);
            assert!(!is_markup || !html.contains(text), "{page}: {text}");
            for shown in html.split('>').filter_map(|part| part.split('<').next()) {
                // the landing page contains no text from outside
                assert!(
                    page.starts_with("landing") || !shown.contains(['\u{0}', '\u{200b}', '\u{202e}', '\u{2066}']),
                    "{page}: {shown:?}"
                );
            }
            if !label.is_empty() {
                assert_eq!(shape(html), shape(calm), "{page}: {text}");
            }
        }
    }
}

#[test]
fn nothing_on_a_page_runs_styles_or_loads_anything_but_our_own_files() {
    for (page, html) in HOSTILE.into_iter().flat_map(pages) {
        for tag in tags(page, &html) {
            if tag.name == "script" && page.starts_with("landing") {
                assert_eq!(tag.attribute("src"), Some(script_path()));
                continue;
            }
            assert!(!["script", "style", "iframe", "object", "embed", "base", "img"].contains(&tag.name), "{page}: {}", tag.name);
            for (attribute, value) in &tag.attributes {
                assert!(!attribute.starts_with("on") && *attribute != "style" && *attribute != "src", "{page}: {attribute}");
                let is_known = [
                    "data:image/svg+xml,",
                    "cursor://anysphere.cursor-deeplink/mcp/install?",
                    "cursor://anysphere.cursor-mcp/oauth/callback?",
                    "vscode:mcp/install?",
                ];
                if ["href", "action"].contains(attribute) && !is_known.iter().any(|start| value.starts_with(start)) {
                    assert!(value.starts_with('/') && !value.starts_with("//"), "{page}: {value}");
                }
            }
            if tag.attribute("rel") == Some("stylesheet") {
                assert_eq!(tag.attribute("href"), Some(style_path()));
            }
        }
    }
}

#[test]
fn everything_a_page_refers_to_is_on_it() {
    for (page, html) in pages("Claude") {
        let tags = tags(page, &html);
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{page}: `{id}` twice");
        }
        for tag in &tags {
            for id in
                [tag.attribute("for"), tag.attribute("aria-describedby")].into_iter().flatten().flat_map(str::split_whitespace)
            {
                assert!(ids.contains(&id), "{page}: `{id}` is not there");
            }
            if tag.name == "input" && tag.attribute("type") != Some("hidden") {
                let id = tag.attribute("id");
                assert!(
                    tags.iter().any(|label| label.name == "label" && label.attribute("for") == id),
                    "{page}: {id:?} has no label"
                );
            }
            assert!(tag.name != "form" || tag.attribute("method") == Some("post"), "{page}: a form that does not post");
        }
        assert_eq!(tags.iter().filter(|tag| tag.name == "h1").count(), 1, "{page}");
        assert_eq!(tags.iter().filter(|tag| tag.name == "main").count(), 1, "{page}");
        let forms = tags.iter().filter(|tag| tag.name == "form").count();
        assert_eq!(tags.iter().filter(|tag| tag.attribute("name") == Some("csrf")).count(), forms, "{page}");
    }
}

#[test]
fn pages_have_titles_of_their_own() {
    let mut titles: Vec<_> = [
        SignIn {
            product: PRODUCT,
            client: None,
            refusal: None,
            fields: key_inputs(None),
            csrf: String::new(),
            next: String::new(),
        }
        .render(),
        Connections {
            product: PRODUCT,
            user: "Ada".into(),
            organization: "Acme".into(),
            apps: Vec::new(),

            ended: None,
            csrf: String::new(),
        }
        .render(),
        SignedOut { product: PRODUCT }.render(),
        Landing {
            product: PRODUCT,
            url: String::new(),
            tools: 1,
            operations: (1, 1),
            answers_sql: true,
            toolsets: Vec::new(),
            signs_in: SignsIn::Here,
        }
        .render(),
    ]
    .into_iter()
    .map(|page| page.unwrap().split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.to_owned())
    .collect();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), 4);
}

fn consent(scopes: Vec<ScopeChoice>) -> String {
    let client_view = client_view("Claude", ClientTrust::Registered);
    let (user, organization) = ("Ada".into(), "Acme".into());
    Consent {
        product: PRODUCT,
        client_view,
        user,
        organization,
        scopes,
        withheld: None,
        csrf: "c".to_owned(),
        next: "n".to_owned(),
    }
    .render()
    .unwrap()
}

#[test]
fn a_scope_is_ticked_as_it_is_said() {
    for is_ticked in [true, false] {
        let html = consent(vec![ScopeChoice { is_ticked, ..scope_choice("api:write", 1) }]);
        let tags = tags("consent", &html);
        let [scope] = tags.iter().filter(|tag| tag.attribute("name") == Some("scope")).collect::<Vec<_>>()[..] else {
            panic!("one box: {html}")
        };
        assert_eq!((scope.attribute("type"), scope.attribute("value")), (Some("checkbox"), Some("api:write")));
        assert_eq!(scope.attribute("checked").is_some(), is_ticked);
    }
}

#[test]
fn the_way_into_each_client_is_the_one_that_the_guide_describes() {
    let guide = include_str!("../../../../docs/guide/connect.md");
    let landing = Landing {
        product: "Torii",
        url: "https://mcp.example.com/mcp".to_owned(),
        tools: 57,
        operations: (57, 60),
        answers_sql: true,
        toolsets: Vec::new(),
        signs_in: SignsIn::Here,
    };
    let html = landing.render().unwrap();
    let between = |start: &str, end: &str| -> Vec<String> {
        html.split(start).skip(1).map(|rest| rest.split(end).next().unwrap().replace("&#34;", "\"")).collect()
    };
    let (menus, commands) = (between("<em>", "</em>"), between("<pre><code>", "</code></pre>"));
    assert!(menus.len() > 5 && commands.len() > 2, "{menus:?} {commands:?}");
    for menu in menus {
        assert!(guide.contains(&format!("*{menu}*")), "{menu}");
    }
    for command in commands {
        assert!(guide.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn the_refused_field_is_marked_and_described() {
    let marked = |field| {
        let refusal = Some(SignInError { text: "No.".to_owned() });
        let page = SignIn {
            product: PRODUCT,
            client: None,
            refusal,
            fields: key_inputs(field),
            csrf: String::new(),
            next: String::new(),
        };
        let html = page.render().unwrap();
        let tags = tags("sign-in", &html);
        assert!(tags.iter().any(|tag| tag.attribute("role") == Some("alert") && tag.attribute("id") == Some("refusal")));
        let is_open = tags.iter().any(|tag| tag.name == "details" && tag.attribute("open").is_some());
        let wrong = tags.iter().filter(|tag| tag.attribute("aria-invalid") == Some("true"));
        let wrong = wrong.map(|tag| {
            assert!(tag.attribute("aria-describedby").unwrap().contains("refusal"));
            tag.attribute("name").unwrap().to_owned()
        });
        (wrong.collect::<Vec<_>>(), is_open)
    };
    assert_eq!(marked(Some(0)), (vec!["key".to_owned()], false));
    assert_eq!(marked(Some(1)), (vec!["staff_key".to_owned()], true));
    assert_eq!(marked(None), (vec![], false));
}

fn header(headers: &HeaderMap, name: impl axum::http::header::AsHeaderName) -> &str {
    headers.get(name).unwrap().to_str().unwrap()
}

#[test]
fn a_page_is_not_kept_not_framed_and_runs_nothing() {
    let response = respond(StatusCode::FORBIDDEN, &SignedOut { product: PRODUCT }, FormAction::Here);
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let headers = response.headers();
    assert_eq!(header(headers, header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(header(headers, header::CACHE_CONTROL), "no-store");
    assert_eq!(header(headers, header::X_FRAME_OPTIONS), "DENY");
    assert_eq!(header(headers, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(headers, header::REFERRER_POLICY), "same-origin");
    let policy = header(headers, header::CONTENT_SECURITY_POLICY);
    for directive in ["default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]
    {
        assert!(policy.split("; ").any(|have| have == directive), "{directive}: {policy}");
    }
}

#[test]
fn a_form_may_lead_to_a_client_only_where_it_is_said() {
    let forms = |forms| {
        let response = respond(StatusCode::OK, &SignedOut { product: PRODUCT }, forms);
        header(response.headers(), header::CONTENT_SECURITY_POLICY).rsplit_once("form-action ").unwrap().1.to_owned()
    };
    assert_eq!(forms(FormAction::Here), "'self'");
    assert!(forms(FormAction::Onward).starts_with("'self' https: http: "));
}

#[test]
fn a_window_that_a_client_opened_stays_in_its_sight() {
    let opener = |response: Response| header(response.headers(), OPENER_POLICY).to_owned();
    let (title, what, next_step, request_id) = (String::new(), String::new(), String::new(), Label::default());
    let failure = ErrorPage { product: PRODUCT, title, what, next_step, request_id };
    assert_eq!(opener(respond(StatusCode::OK, &failure, FormAction::Here)), "unsafe-none");
    let landing = Landing {
        product: PRODUCT,
        url: String::new(),
        tools: 1,
        operations: (1, 1),
        answers_sql: true,
        toolsets: Vec::new(),
        signs_in: SignsIn::Here,
    };
    assert_eq!(opener(respond(StatusCode::OK, &landing, FormAction::Here)), "same-origin");
}

#[tokio::test]
async fn the_stylesheet_is_where_pages_say_and_may_be_kept() {
    use tower::ServiceExt;

    let response =
        assets::<()>().oneshot(axum::extract::Request::get(style_path()).body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(response.headers(), header::CONTENT_TYPE), "text/css; charset=utf-8");
    assert_eq!(header(response.headers(), header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert!(style_path().starts_with("/assets/style-") && !STYLE.contains("url(") && !STYLE.contains("@import"));
}
