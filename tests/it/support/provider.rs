//! A real identity provider: npm's `oidc-provider`, whose own pages users sign in on.
//!
//! `tests/provider/install` brings it; without it these tests are skipped, but never where `CI` is set.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use mcp_http::token::{PlainToken, Random, TokenKind};
use mcp_oauth_server::pkce::CodeChallenge;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, PREFIX};

use crate::support::{
    app::parameter,
    process::Program,
    test_server::{Browser, Ended, client},
};

/// What the provider calls the server that is tested, and their secret.
pub(crate) const CLIENT_ID: &str = "torii-mcp";
pub(crate) const CLIENT_SECRET: &str = "the secret: with signs & blanks";

/// A running provider. It ends with this value.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    child: Child,
    answers: Mutex<Lines<BufReader<ChildStdout>>>,
}

impl Provider {
    /// One with these accounts: claims by user name. Nothing where it is not installed.
    pub(crate) fn start(accounts: &Value) -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("provider");
        let wanted = fs::read(source.join("package-lock.json")).expect("the lock is there");
        if !fs::read(folder.join("installed")).is_ok_and(|installed| installed == wanted) {
            assert!(env::var_os("CI").is_none(), "the provider is not installed; run tests/provider/install");
            // written past the test harness, which keeps the output of tests that pass to itself
            let _ = writeln!(io::stderr(), "SKIPPED: the provider is not installed; run tests/provider/install");
            return None;
        }
        // beside the packages that it imports, and whole at any moment, since tests run at the same time
        let draft = tempfile::NamedTempFile::new_in(&folder).expect("there is room");
        fs::copy(source.join("provider.mjs"), draft.path()).expect("the script is copied");
        draft.persist(folder.join("provider.mjs")).expect("the script is there");
        let mut command = Command::new("node");
        command.arg(folder.join("provider.mjs")).arg(accounts.to_string());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the provider starts");
        let mut answers = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let issuer = answers.next().expect("it says where it is").expect("it writes text");
        Some(Self { issuer, child, answers: Mutex::new(answers) })
    }

    /// Gives it an order, which it has carried out when this returns.
    pub(crate) fn tell(&self, order: &str) -> String {
        let mut answers = self.answers.lock().expect("no test panics with it");
        writeln!(self.child.stdin.as_ref().expect("its input is piped"), "{order}").expect("it listens");
        answers.next().expect("it answers").expect("it writes text")
    }

    /// A token that it signs.
    pub(crate) fn sign(&self, algorithm: &str, claims: &Value) -> String {
        self.tell(&format!("sign {algorithm} {claims}"))
    }

    /// Signs somebody in on its pages, and allows what it asks; where it sends the browser then.
    pub(crate) async fn sign_in(&self, url: &Url, user: &str) -> Url {
        let browser = Browser::of(&self.issuer, &self.issuer);
        let mut ended = browser.get(url.as_str()).await;
        let mut answers = vec![vec![("prompt", "consent")], vec![("prompt", "login"), ("login", user), ("password", "any")]];
        loop {
            let page = match ended {
                Ended::Elsewhere(url) => return url,
                Ended::Page { status: StatusCode::OK, text, .. } => text,
                Ended::Page { status, text, .. } => panic!("{status}: {text}"),
            };
            let fields = answers.pop().unwrap_or_else(|| panic!("it asks for more: {page}"));
            let (_, action) = page.split_once("action=\"").unwrap_or_else(|| panic!("no form: {page}"));
            let action = action.split('"').next().unwrap_or_default();
            ended = browser.post(action.strip_prefix(&self.issuer).unwrap_or(action), &fields).await;
        }
    }

    /// Turns back on its first page.
    pub(crate) async fn cancel(&self, url: &Url) -> Url {
        let browser = Browser::of(&self.issuer, &self.issuer);
        let (_, page) = browser.get(url.as_str()).await.page();
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let abort = links.into_iter().find(|link| link.contains("/abort")).unwrap_or_else(|| panic!("no way back: {page}"));
        browser.get(&format!("{}{}", self.issuer, abort.strip_prefix(&self.issuer).unwrap_or(abort))).await.elsewhere()
    }

    /// An access token of its own for a resource, as an assistant gets one for its user.
    pub(crate) async fn access_token(&self, user: &str, resource: &str, scope: &str) -> String {
        let verifier = PlainToken::new(torii_mcp::torii::BRAND.tokens, TokenKind::Code, Random::system())
            .expect("there are random bytes")
            .expose()
            .to_owned();
        let challenge = CodeChallenge::of(&verifier).expect("it is a verifier").encode();
        let redirect_uri = "http://127.0.0.1:7777/callback";
        let parameters = [
            ("response_type", "code"),
            ("client_id", "assistant"),
            ("redirect_uri", redirect_uri),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", resource),
            ("scope", scope),
        ];
        let url = Url::parse_with_params(&format!("{}/auth", self.issuer), parameters).expect("it is an address");
        let back = self.sign_in(&url, user).await;
        let code = parameter(&back, "code").unwrap_or_else(|| panic!("no code in {back}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "assistant"),
            ("redirect_uri", redirect_uri),
            ("code", &code),
            ("code_verifier", &verifier),
            ("resource", resource),
        ];
        let response = client().post(format!("{}/token", self.issuer)).form(&form).send().await.expect("it answers");
        let response: Value = response.json().await.expect("it answers JSON");
        response["access_token"].as_str().unwrap_or_else(|| panic!("{response}")).to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sample Torii, as a program.
pub(crate) struct Sample {
    _program: Program,
    pub(crate) url: String,
}

impl Sample {
    pub(crate) fn start() -> Self {
        let program = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
        let url = program.stdout.address();
        Self { _program: program, url }
    }

    /// The id and the address of the first user whom `query` finds.
    pub(crate) async fn user(&self, query: &str) -> (u64, String) {
        let url = format!("{}{PREFIX}/users?{query}", self.url);
        let response = client().get(url).bearer_auth(FULL_ACCESS_KEY).send().await.expect("it answers");
        let response: Value = response.json().await.expect("it answers JSON");
        let user = &response["users"][0];
        let found = user["id"].as_u64().zip(user["email"].as_str());
        found.map_or_else(|| panic!("{response}"), |(id, email)| (id, email.to_owned()))
    }

    /// Says that a user leaves, or is back.
    pub(crate) async fn set_lifecycle(&self, id: u64, status: &str) {
        let request = client().put(format!("{}{PREFIX}/users/{id}", self.url)).bearer_auth(FULL_ACCESS_KEY);
        let response = request.json(&json!({ "lifecycleStatus": status })).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK);
    }
}
