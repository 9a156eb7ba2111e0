//! What only a server can do.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use mcp_http::{
    known_tokens::Holder,
    net::{
        client_ip::ClientIp,
        customer::{self, Share},
    },
    secret::Secret,
};
use mcp_oauth_server::store::{
    self, Approval, Error, Grant, Redemption, Registration, Rotation, Session, SignedOut, Store, StoreAt,
};
use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{NOW, Place, approve_with, at, code, connect, counts, grant, hash, issue, ok, rotate, session, user};
use crate::support::{
    postgres::{self, PASSWORD, Server},
    rights::definitions,
};

async fn refused(url: &str) -> String {
    let error =
        store::open(&StoreAt::Postgres(Secret::new(url.to_owned())), definitions()).await.expect_err("the store does not open");
    assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error}");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_is_found_again() {
    let Some(server) = Server::start() else { return };
    let place = Place::in_server(&server);
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    // several connections, all of them broken by what follows
    let checks = (0..8).map(|_| store.check()).collect::<Vec<_>>();
    for check in checks {
        check.await.expect("the store answers");
    }
    server.stop();
    let failed = store.access(hash("a access"), NOW).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    let failed = store.consume_once(hash("a"), NOW).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    server.start_again();
    assert!(counts(&*store, "a", NOW).await);
    assert_eq!(rotate(&*store, "a", "b", NOW).await, Rotation::Rotated);
    assert!(store.consume_once(hash("a"), NOW).await.expect("the store answers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_becomes_read_only_is_read() {
    let Some(server) = postgres::shared() else { return };
    let place = Place::in_server(server);
    let StoreAt::Postgres(url) = &place.at else { return };
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    let mut other = PgConnection::connect(url.expose()).await.expect("the database answers");
    let name = url.expose().rsplit('/').next().expect("it has a name");
    let sql = AssertSqlSafe(format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    other.execute(sql).await.expect("the statement is right");
    let others =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    other.execute(others).await.expect("the statement is right");
    for _ in 0..3 {
        assert!(counts(&*store, "a", NOW).await);
        let failed = store.consume_once(hash("a"), NOW).await;
        assert!(matches!(failed, Err(Error::Unwritable(_))), "{failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_thrown_out_is_replaced() {
    let Some(server) = postgres::shared() else { return };
    let place = Place::in_server(server);
    let StoreAt::Postgres(url) = &place.at else { return };
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    let mut other = PgConnection::connect(url.expose()).await.expect("the database answers");
    // somebody holds the grant's row for longer than a write waits
    other.execute("BEGIN; SELECT * FROM grants FOR UPDATE").await.expect("the statement is right");
    let failed = store.revoke("a", None, NOW).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    assert!(counts(&*store, "a", NOW).await, "reading goes on");
    other.execute("COMMIT").await.expect("the statement is right");
    assert!(store.revoke("a", None, NOW).await.expect("the store answers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_used_is_named_without_its_password() {
    let Some(server) = postgres::shared() else { return };
    let error = refused(&server.url("missing")).await;
    assert!(error.contains("`missing` at `127.0.0.1:") && error.ends_with("make it with `CREATE DATABASE`"), "{error}");
    let url = server.database();
    let error = refused(&url.replace("torii:", "nobody:")).await;
    assert!(error.contains("it refuses the user or the password; correct them in its URL"), "{error}");
    let error = refused(&format!("{url}?sslmode=require")).await;
    assert!(error.contains("TLS; correct `sslmode` and `sslrootcert` in its URL"), "{error}");
    let error = refused(&format!("postgres://torii:{PASSWORD}@[nowhere/x")).await;
    assert!(error.contains("postgres://user:password@host:5432/database") && error.contains("`@` as `%40`"), "{error}");

    let mut other = PgConnection::connect(&url).await.expect("the database answers");
    let sql = AssertSqlSafe(format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"));
    other.execute(sql).await.expect("the statement is right");
    let error = refused(&url.replace("torii:", "guest:")).await;
    assert!(error.ends_with("make the user the owner of the database"), "{error}");
}

#[tokio::test]
async fn a_parameter_that_is_not_known_is_refused_and_what_may_be_a_secret_is_not_told() {
    let error = refused(&format!("postgres://torii@127.0.0.1:1/x?sslmode=disable&pasword={PASSWORD}")).await;
    assert!(error.contains("unknown parameter `pasword`; correct or remove it: known are `sslmode`,"), "{error}");
    // of passwords that are not percent-encoded
    let rests = ["12?{}@", "12?{}&a@", "12#{}@", "12?{}#1@", "12/{}@", "12/1?{}#@"];
    for rest in rests {
        let error = refused(&format!("postgres://torii:{}127.0.0.1/x", rest.replace("{}", PASSWORD))).await;
        assert!(error.contains("`@` as `%40`"), "{error}");
    }
}

/// Returns when so many transactions wait for a lock in the database of `connection`.
async fn until_waiting(connection: &mut PgConnection, count: i64) {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *connection).await.expect("it answers") < count {
        tokio::task::yield_now().await;
    }
}

/// Calls `attempt` twice, so that both find the grant valid before either of them ends it.
async fn twice_at_once<T, F>(place: &Place, attempt: impl Fn(Arc<dyn Store>, &'static str) -> F) -> [T; 2]
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let StoreAt::Postgres(url) = &place.at else { unreachable!("it is in a server") };
    let mut other = PgConnection::connect(url.expose()).await.expect("the database answers");
    let mut holder = PgConnection::connect(url.expose()).await.expect("the database answers");
    holder.execute("BEGIN; SELECT * FROM grants FOR UPDATE").await.expect("the statement is right");
    let attempts = [("new", place.open().await), ("new too", place.open().await)];
    let attempts = attempts.map(|(name, store)| tokio::spawn(attempt(store, name)));
    until_waiting(&mut other, 2).await;
    holder.execute("COMMIT").await.expect("the statement is right");
    let [one, two] = attempts;
    [one.await.expect("it ends"), two.await.expect("it ends")]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_replay_a_code_at_once_one_ends_its_grant() {
    let Some(place) = Place::postgres() else { return };
    connect(&*place.open().await, "a", "ann", "client").await;
    let results = twice_at_once(&place, |store, name| async move {
        store.redeem(hash("a"), &issue(name, NOW), NOW).await.expect("the store answers")
    });
    let results = results.await;
    assert!(results.contains(&Redemption::Replayed) && results.contains(&Redemption::Invalid), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_bring_a_replaced_token_at_once_one_ends_its_grant() {
    let Some(place) = Place::postgres() else { return };
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    for (old, new) in [("a", "b"), ("b", "c")] {
        assert_eq!(rotate(&*store, old, new, NOW).await, Rotation::Rotated);
    }
    let results = twice_at_once(&place, |store, name| async move { rotate(&*store, "a", name, NOW).await }).await;
    assert!(results.contains(&Rotation::Reused) && results.contains(&Rotation::Invalid), "{results:?}");
}

/// A store in which reading registrations waits until the transaction of the last connection ends.
async fn locked(place: &Place) -> (Arc<dyn Store>, PgConnection, PgConnection) {
    let StoreAt::Postgres(url) = &place.at else { unreachable!("it is in a server") };
    let store = place.open().await;
    let other = PgConnection::connect(url.expose()).await.expect("the database answers");
    let mut holder = PgConnection::connect(url.expose()).await.expect("the database answers");
    holder.execute("BEGIN; LOCK TABLE registrations").await.expect("the statement is right");
    (store, other, holder)
}

fn stranger(last: u8) -> Share {
    Share::of(ClientIp([192, 0, 2, last].into()), None)
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_leave_connections_to_those_who_are_signed_in() {
    let Some(place) = Place::postgres() else { return };
    let (store, mut other, mut holder) = locked(&place).await;
    let mut waiting = JoinSet::new();
    for last in 1..=40 {
        let store = Arc::clone(&store);
        let read = async move { store.registration("client", NOW).await };
        waiting.spawn(customer::on_behalf_of(stranger(last), read));
    }
    until_waiting(&mut other, 8).await;
    let known = Share::of(ClientIp([192, 0, 2, 1].into()), Some(Holder::of("ada")));
    customer::on_behalf_of(known, store.check()).await.expect("a user has a connection at once");
    holder.execute("COMMIT").await.expect("the statement is right");
    waiting.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_does_not_hold_all_connections() {
    let Some(place) = Place::postgres() else { return };
    let (store, mut other, mut holder) = locked(&place).await;
    let mut waiting = JoinSet::new();
    for _ in 0..40 {
        let store = Arc::clone(&store);
        let read = async move { store.registration("client", NOW).await };
        waiting.spawn(customer::on_behalf_of(stranger(1), read));
    }
    until_waiting(&mut other, 5).await;
    for last in 2..20 {
        let checked = customer::on_behalf_of(stranger(last), store.check());
        checked.await.expect("another customer has a connection at once");
    }
    assert_eq!(waiting.try_join_next().map(|joined| joined.is_ok()), None, "the reads of the first still wait");
    holder.execute("COMMIT").await.expect("the statement is right");
    for read in waiting.join_all().await {
        assert!(read.expect("the store answers").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_not_forgotten_while_it_is_being_allowed() {
    let Some(server) = postgres::shared() else { return };
    let place = Place::in_server(server);
    let StoreAt::Postgres(url) = &place.at else { return };
    let store = place.open().await;
    let registration = Registration {
        id: "client".to_owned(),
        digest: hash("client"),
        metadata: "{}".to_owned(),
        created_at: NOW,
        // as late as what is allowed here would make it
        expires_at: at(100),
    };
    store.register(&registration).await.expect("the store answers");
    let mut other = PgConnection::connect(url.expose()).await.expect("the database answers");
    let mut holder = PgConnection::connect(url.expose()).await.expect("the database answers");
    // the approval has kept its grant by then, and nobody else sees it
    holder.execute("BEGIN; LOCK TABLE consents").await.expect("the statement is right");
    let approving = tokio::spawn({
        let (store, grant) = (store.clone(), grant("a", "ann", "client"));
        async move { approve_with(&*store, &grant, &code(&grant), Some(at(100))).await }
    });
    until_waiting(&mut other, 1).await;
    let cleaning = tokio::spawn({
        let store = store.clone();
        async move { store.clean(NOW, 0).await }
    });
    until_waiting(&mut other, 2).await;
    holder.execute("COMMIT").await.expect("the statement is right");
    assert_eq!(approving.await.expect("it ends").expect("the store answers"), Approval::Stored);
    cleaning.await.expect("it ends").expect("the store answers");
    assert!(store.registration("client", NOW).await.expect("the store answers").is_some());
}

/// Ends everything of a user in one of the ways in which that happens.
async fn end(store: Arc<dyn Store>, way: &'static str) {
    let id = user("ann").id;
    let who = match way {
        "user" | "all" => {
            ok(store.end((way == "user").then_some(id.as_str()), NOW)).await;
            return;
        }
        "signed out" => SignedOut::User(&id),
        _ => SignedOut::Session("s1", None),
    };
    assert!(ok(store.sign_out((hash("token"), at(9)), who, true, NOW)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_while_everything_of_its_user_ends_is_ended_or_refused() {
    for way in ["user", "all", "signed out", "session signed out"] {
        for is_approved_first in [true, false] {
            let Some(place) = Place::postgres() else { return };
            let StoreAt::Postgres(url) = &place.at else { return };
            let store = place.open().await;
            let provider_session = Some("s1".to_owned());
            let session = Session { provider_session: provider_session.clone(), ..session("browser", "ann") };
            ok(store.open_session(&session)).await;
            let mut other = PgConnection::connect(url.expose()).await.expect("the database answers");
            let mut holder = PgConnection::connect(url.expose()).await.expect("the database answers");
            // whoever comes first has the session by then, and is not done
            holder.execute("BEGIN; LOCK TABLE grants").await.expect("the statement is right");
            let approve = || {
                let (store, grant) =
                    (store.clone(), Grant { provider_session: provider_session.clone(), ..grant("a", "ann", "client") });
                tokio::spawn(async move { store.approve(&grant, &code(&grant), hash("browser"), None).await })
            };
            let (approving, ending) = if is_approved_first {
                let approving = approve();
                until_waiting(&mut other, 1).await;
                (approving, tokio::spawn(end(store.clone(), way)))
            } else {
                let ending = tokio::spawn(end(store.clone(), way));
                until_waiting(&mut other, 1).await;
                (approve(), ending)
            };
            until_waiting(&mut other, 2).await;
            holder.execute("COMMIT").await.expect("the statement is right");
            ending.await.expect("it ends");
            let approval = approving.await.expect("it ends").expect("the store answers");
            assert_eq!(approval, if is_approved_first { Approval::Stored } else { Approval::SignedOut }, "{way}");
            assert_eq!(ok(store.redeem(hash("a"), &issue("a", NOW), NOW)).await, Redemption::Invalid, "{way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cleaning_goes_in_small_steps() {
    let Some(server) = postgres::shared() else { return };
    let place = Place::in_server(server);
    let store = place.open().await;
    let fill = format!("INSERT INTO spent SELECT decode(md5(i::text), 'hex'), {} FROM generate_series(1, 1200) i", NOW.0);
    place.tamper(&fill).await;
    let limit = "CREATE FUNCTION limited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF (SELECT COUNT(*) FROM went) > 500 THEN RAISE EXCEPTION 'too many at once'; END IF; RETURN NULL; END $$; \
         CREATE TRIGGER limited AFTER DELETE ON spent REFERENCING OLD TABLE AS went EXECUTE FUNCTION limited()";
    place.tamper(limit).await;
    assert_eq!(store.clean(NOW, 10).await.expect("no statement deletes too many"), 1200);
}

/// How long a request may take while the database is away.
const SOON: Duration = Duration::from_secs(1);

async fn fails_soon(store: &dyn Store) {
    for _ in 0..3 {
        let began = Instant::now();
        let failed = store.access(hash("a access"), NOW).await;
        assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
        let failed = store.consume_once(hash("b"), NOW).await;
        assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
        assert!(began.elapsed() < 2 * SOON, "two requests: {:?}", began.elapsed());
    }
}

async fn answers_again(store: &dyn Store) {
    let answered = async {
        while store.check().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), answered).await.expect("it recovers by itself");
    assert!(counts(store, "a", NOW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_database_is_down_requests_fail_in_less_than_a_second_with_the_cause() {
    let Some(server) = Server::start() else { return };
    let place = Place::in_server(&server);
    let store = place.open().await;
    connect(&*store, "a", "ann", "client").await;
    server.stop();
    let _ = store.check().await;
    fails_soon(&*store).await;
    let error = store.check().await.expect_err("the database is down");
    let text = mcp_http::log::with_causes(&error);
    assert!(text.starts_with("the store does not answer: ") && text.contains("refused"), "{text}");
    let StoreAt::Postgres(url) = &place.at else { return };
    let error = refused(url.expose()).await;
    assert!(error.contains("it does not answer; see whether it runs") && error.contains("refused"), "{error}");
    server.start_again();
    answers_again(&*store).await;
}

/// Passes connections on to the database, as long as it is told to.
async fn proxy(to: String, passes: tokio::sync::watch::Receiver<bool>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let Ok((mut near, _)) = listener.accept().await else { return };
            let mut passes = passes.clone();
            if !*passes.borrow() {
                // accepted by the network, and never answered
                held.push(near);
                continue;
            }
            let to = to.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.expect("the database listens");
                let swallows = async { passes.wait_for(|passes| !passes).await.is_ok() };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                    _ = swallows => {}
                }
                // neither side hears of the other, nor that this is so
                let _ = passes.wait_for(|passes| *passes).await.is_ok();
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_network_swallows_everything_requests_fail_in_less_than_a_second() {
    let Some(server) = postgres::shared() else { return };
    let url = server.database();
    let (rest, name) = url.rsplit_once('/').expect("it names a database");
    let (_, to) = rest.rsplit_once('@').expect("it names a user");
    let (passes, told) = tokio::sync::watch::channel(true);
    let at = proxy(to.to_owned(), told).await;
    let place = StoreAt::Postgres(Secret::new(format!("postgres://torii:{PASSWORD}@{at}/{name}")));
    let store = store::open(&place, definitions()).await.expect("the store opens");
    connect(&*store, "a", "ann", "client").await;
    passes.send(false).expect("the proxy runs");
    // what finds out waits for as long as an attempt to connect may take
    let began = Instant::now();
    store.check().await.expect_err("nothing is answered");
    assert!(began.elapsed() < 3 * SOON, "{:?}", began.elapsed());
    fails_soon(&*store).await;
    passes.send(true).expect("the proxy runs");
    answers_again(&*store).await;
}
