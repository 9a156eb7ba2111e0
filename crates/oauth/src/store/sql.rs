//! The use cases in SQL, the same for both databases.
//!
//! Invariants: what can be used once is consumed by one guarded statement, and the reason is looked up only if the statement
//! changed nothing. What follows from consuming it is in the same transaction.

use std::{collections::BTreeSet, fmt, time::Duration};

use async_trait::async_trait;
use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CallState, EarlierCall, KeyedCall},
    scope::{ScopeDefinitions, Scopes},
    token::TokenHash,
};

use super::{
    AccessToken, Approval, Code, Connection, ConsentKey, Ended, Error, Grant, NewTokens, REFRESH_GRACE, Redemption, Registration,
    Result, Rotation, Session, SignedOut, Store, User,
    dialect::{Connections, Dialect, Lease},
    row::{self, Argument, Row},
};
use crate::keyring::EncryptedKey;

mod approval;
mod cleanup;
mod keyed_calls;
mod sign_out;
mod statements;

use statements::{
    ACCESS, ACTIVATE, CLOSE_SESSION, CODE, CONNECTIONS, CONNECTIONS_OF, CONSENT, CONSUME, END_CONSENTS, END_CONSENTS_OF,
    END_GRANTS, END_GRANTS_OF, END_SESSIONS, END_SESSIONS_OF, FORGET_CONSENT, FORGET_REPLICAS, HAS_CONSENTED, HEARTBEAT,
    INSERT_VALUE, ISSUE_ACCESS, ISSUE_REFRESH, LEAVE, MAKE_ROOM_FOR_ACCESS, MAKE_ROOM_FOR_APP, MAKE_ROOM_FOR_REFRESH,
    MAKE_ROOM_FOR_SESSION, OPEN_FOR_CLIENT, OPEN_SESSION, OUTDATE_ACCESS, REDEEM, REENCRYPT, REFRESH, REGISTER, REGISTRATION,
    REGISTRATION_OF, REPLAYED, REPLICAS, REUSED, REVOKE, REVOKE_ACCESS, ROTATE, SELECT_VALUE, SESSION, SIGNED_OUT, STORED_KEYS,
    SWAP_VALUE, TOUCH, USERS, WIDEN,
};

/// An open database.
pub(super) struct Sql<D: Dialect> {
    pub(super) reads: Connections<D>,
    pub(super) writes: Connections<D>,
    /// The definitions of the scopes that rows contain by name.
    pub(super) scopes: ScopeDefinitions,
}

impl<D: Dialect> fmt::Debug for Sql<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", D::NAME)
    }
}

impl<D: Dialect> Sql<D> {
    async fn fetch(&self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<Vec<Row>> {
        Lease::of(&self.reads).await?.fetch(sql, arguments).await
    }

    async fn fetch_first(&self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<Option<Row>> {
        Lease::of(&self.reads).await?.fetch_first(sql, arguments).await
    }

    /// Runs one statement, which is its own transaction.
    async fn execute(&self, sql: &'static str, arguments: &[Argument<'_>]) -> Result<u64> {
        Lease::of(&self.writes).await?.execute(sql, arguments).await
    }
}

/// Stores a grant with `OPEN_GRANT` or `OPEN_FOR_CLIENT`.
async fn open_grant<D: Dialect>(
    write: &mut Lease<D>,
    sql: &'static str,
    grant: &Grant,
    scopes: &str,
    expires_at: Timestamp,
) -> Result<Option<Row>> {
    let (holder, encrypted) = row::key_source(&grant.key_source);
    let user = row::user(&grant.user)?;
    let arguments = [
        (&grant.id).into(),
        (&grant.user.id).into(),
        (&user).into(),
        holder.into(),
        encrypted.into(),
        (&grant.client_id).into(),
        (&grant.client_name).into(),
        (&grant.redirect_uri).into(),
        (&grant.redirect_host).into(),
        scopes.into(),
        (&grant.resource).into(),
        grant.provider_session.as_deref().into(),
        grant.created_at.into(),
        expires_at.into(),
    ];
    write.fetch_first(sql, &arguments).await
}

/// A grant for which tokens are issued.
struct Advanced {
    id: String,
    generation: i64,
}

impl Advanced {
    /// Reads the columns `id` and `generation`.
    fn read(row: &mut Row) -> Result<Self> {
        let mut columns = row.of("grants");
        Ok(Self { id: columns.text("id")?, generation: columns.int("generation")? })
    }
}

async fn issue_access<D: Dialect>(
    write: &mut Lease<D>,
    grant: &Advanced,
    access: TokenHash,
    (scopes, resource): (&str, &str),
    expires_at: Timestamp,
) -> Result<()> {
    let (id, generation) = ((&grant.id).into(), grant.generation.into());
    write.execute(OUTDATE_ACCESS, &[id, generation]).await?;
    write.execute(MAKE_ROOM_FOR_ACCESS, &[id]).await?;
    write.execute(ISSUE_ACCESS, &[(&access).into(), id, generation, scopes.into(), resource.into(), expires_at.into()]).await?;
    Ok(())
}

/// Stores new tokens for a grant.
async fn issue<D: Dialect>(write: &mut Lease<D>, grant: &Advanced, issue: &NewTokens, scopes: &str) -> Result<()> {
    issue_access(write, grant, issue.access, (scopes, &issue.resource), issue.access_expires_at).await?;
    let (id, generation) = ((&grant.id).into(), grant.generation.into());
    write.execute(MAKE_ROOM_FOR_REFRESH, &[id]).await?;
    write.execute(ISSUE_REFRESH, &[(&issue.refresh).into(), id, generation, issue.refresh_expires_at.into()]).await?;
    Ok(())
}

/// Revokes a grant within a transaction. Returns whether it was not revoked before.
async fn revoke<D: Dialect>(write: &mut Lease<D>, grant_id: &str, user_id: Option<&str>, now: Timestamp) -> Result<bool> {
    let count = write.execute(REVOKE, &[grant_id.into(), now.into(), user_id.into(), b"".as_slice().into()]).await?;
    if count > 0 {
        write.execute(FORGET_CONSENT, &[grant_id.into()]).await?;
    }
    Ok(count > 0)
}

impl NewTokens {
    /// When the last of the tokens expires.
    fn expires_at(&self) -> Timestamp {
        self.access_expires_at.max(self.refresh_expires_at)
    }
}

#[async_trait]
impl<D: Dialect> Store for Sql<D> {
    async fn check(&self) -> Result<()> {
        self.fetch(SELECT_VALUE, &["".into()]).await.map(drop)
    }

    async fn clean(&self, now: Timestamp, most_unused: u32) -> Result<u64> {
        self.clean_all(now, most_unused).await
    }

    async fn heartbeat(&self, id: &str, lifetime: Duration) -> Result<u32> {
        let damaged = |column| Error::Damaged { table: "replicas", column };
        let mut write = Lease::begin(&self.writes).await?;
        if let Some(lock) = D::LOCK_REPLICAS {
            write.execute(lock, &[]).await?;
        }
        let mut clock = write.fetch_first(D::CLOCK, &[]).await?.ok_or(damaged("clock"))?;
        let now = clock.of("replicas").time("clock")?;
        write.execute(FORGET_REPLICAS, &[now.before(lifetime).into(), now.after(lifetime).into()]).await?;
        write.execute(HEARTBEAT, &[id.into(), now.into()]).await?;
        let mut counted = write.fetch_first(REPLICAS, &[]).await?.ok_or(damaged("count"))?;
        let count = counted.of("replicas").int("count")?;
        write.commit().await?;
        u32::try_from(count).map_err(|_| damaged("count"))
    }

    async fn leave(&self, id: &str) -> Result<()> {
        self.execute(LEAVE, &[id.into()]).await.map(drop)
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.fetch_first(SELECT_VALUE, &[name.into()]).await?.map(|mut row| row.of("settled").bytes("value")).transpose()
    }

    async fn get_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>> {
        // an existing value can be read even if the database cannot write
        if let Some(value) = self.get(name).await? {
            return Ok(value);
        }
        self.execute(INSERT_VALUE, &[name.into(), value.into()]).await?;
        self.get(name).await?.ok_or(Error::Damaged { table: "settled", column: "name" })
    }

    async fn compare_and_swap(&self, name: &str, old: &[u8], new: &[u8]) -> Result<()> {
        self.execute(SWAP_VALUE, &[name.into(), old.into(), new.into()]).await?;
        Ok(())
    }

    async fn consume_once(&self, hash: TokenHash, expires_at: Timestamp) -> Result<bool> {
        Ok(self.execute(CONSUME, &[(&hash).into(), expires_at.into()]).await? > 0)
    }

    async fn keyed_call(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall<EncryptedKey>>> {
        self.find_call(key, now).await
    }

    async fn claim_call(&self, call: &KeyedCall) -> Result<bool> {
        self.claim(call).await
    }

    async fn settle_call(&self, call: &KeyedCall, state: Option<CallState<EncryptedKey>>) -> Result<()> {
        self.settle(call, state).await
    }

    async fn registration_of(&self, digest: TokenHash) -> Result<Option<Registration>> {
        self.fetch_first(REGISTRATION_OF, &[(&digest).into()]).await?.map(row::registration).transpose()
    }

    async fn register(&self, registration: &Registration) -> Result<Registration> {
        let Registration { id, digest, metadata, created_at, expires_at } = registration;
        let arguments =
            [id.into(), digest.into(), metadata.into(), (*created_at).into(), (*expires_at).into(), (*created_at).into()];
        let row = Lease::of(&self.writes).await?.fetch_first(REGISTER, &arguments).await?;
        row.map_or_else(|| Ok(registration.clone()), row::registration)
    }

    async fn registration(&self, client_id: &str, now: Timestamp) -> Result<Option<Registration>> {
        self.fetch_first(REGISTRATION, &[client_id.into(), now.into()]).await?.map(row::registration).transpose()
    }

    async fn open_session(&self, session: &Session) -> Result<()> {
        let user = row::user(&session.user)?;
        let arguments = [
            (&session.hash).into(),
            (&session.user.id).into(),
            (&user).into(),
            session.encrypted.as_ref().into(),
            session.provider_session.as_deref().into(),
            session.opened_at.into(),
            session.expires_at.into(),
        ];
        let mut write = Lease::begin(&self.writes).await?;
        let others = super::SESSIONS_OF_USER - 1;
        write.execute(MAKE_ROOM_FOR_SESSION, &[(&session.user.id).into(), others.into()]).await?;
        write.execute(OPEN_SESSION, &arguments).await?;
        write.commit().await
    }

    async fn session(&self, hash: TokenHash, now: Timestamp) -> Result<Option<Session>> {
        self.fetch_first(SESSION, &[(&hash).into(), now.into()]).await?.map(row::session).transpose()
    }

    async fn close_session(&self, hash: TokenHash) -> Result<()> {
        self.execute(CLOSE_SESSION, &[(&hash).into()]).await.map(drop)
    }

    async fn consent(&self, key: ConsentKey<'_>) -> Result<Option<Scopes>> {
        let arguments = [key.user_id.into(), key.client_id.into(), key.redirect_uri.into(), key.resource.into()];
        let row = self.fetch_first(CONSENT, &arguments).await?;
        row.map(|mut row| row.of("consents").scopes("scopes", &self.scopes)).transpose()
    }

    async fn has_consented(&self, user_id: &str, client_id: &str, redirect_uri: &str) -> Result<bool> {
        let row = self.fetch_first(HAS_CONSENTED, &[user_id.into(), client_id.into(), redirect_uri.into()]).await?;
        Ok(row.is_some())
    }

    async fn approve(
        &self,
        grant: &Grant,
        code: &Code,
        session: TokenHash,
        client_expires_at: Option<Timestamp>,
    ) -> Result<Approval> {
        self.approve_in(grant, code, session, client_expires_at).await
    }

    async fn code(&self, hash: TokenHash) -> Result<Option<(Code, Grant)>> {
        self.fetch_first(CODE, &[(&hash).into()]).await?.map(|row| row::code(row, &self.scopes)).transpose()
    }

    async fn redeem(&self, hash: TokenHash, tokens: &NewTokens, now: Timestamp) -> Result<Redemption> {
        let mut write = Lease::begin(&self.writes).await?;
        let redeemed = write.fetch_first(REDEEM, &[(&hash).into(), now.into()]).await?;
        let redemption = if let Some(mut row) = redeemed {
            let grant_id = row.of("codes").text("grant_id")?;
            let activate = [(&grant_id).into(), now.into(), tokens.expires_at().into()];
            match write.fetch_first(ACTIVATE, &activate).await? {
                Some(mut row) => {
                    let others = (super::CONNECTIONS_OF_APP - 1).into();
                    write.execute(MAKE_ROOM_FOR_APP, &[(&grant_id).into(), now.into(), others]).await?;
                    issue(&mut write, &Advanced::read(&mut row)?, tokens, &self.scopes.text(tokens.scopes)).await?;
                    Redemption::Redeemed
                }
                // the grant is revoked; that the code is now consumed as well does no harm
                None => Redemption::Invalid,
            }
        } else if let Some(mut row) = write.fetch_first(REPLAYED, &[(&hash).into()]).await? {
            // of several that replay it at once, one revokes the grant
            let is_revoked = revoke(&mut write, &row.of("codes").text("grant_id")?, None, now).await?;
            if is_revoked { Redemption::Replayed } else { Redemption::Invalid }
        } else {
            Redemption::Invalid
        };
        write.commit().await?;
        Ok(redemption)
    }

    async fn refresh(&self, hash: TokenHash) -> Result<Option<Grant>> {
        self.fetch_first(REFRESH, &[(&hash).into()]).await?.map(|mut row| row::grant(&mut row, &self.scopes)).transpose()
    }

    async fn rotate(&self, hash: TokenHash, tokens: &NewTokens, now: Timestamp) -> Result<Rotation> {
        let mut write = Lease::begin(&self.writes).await?;
        let presented = [(&hash).into(), now.into(), now.before(REFRESH_GRACE).into()];
        let [hash, at, grace] = presented;
        let rotation = if let Some(mut row) = write.fetch_first(ROTATE, &[hash, at, grace, tokens.expires_at().into()]).await? {
            issue(&mut write, &Advanced::read(&mut row)?, tokens, &self.scopes.text(tokens.scopes)).await?;
            Rotation::Rotated
        } else if let Some(mut row) = write.fetch_first(REUSED, &presented).await? {
            let is_revoked = revoke(&mut write, &row.of("grants").text("id")?, None, now).await?;
            if is_revoked { Rotation::Reused } else { Rotation::Invalid }
        } else {
            Rotation::Invalid
        };
        write.commit().await?;
        Ok(rotation)
    }

    async fn open_for_client(&self, grant: &Grant, access: TokenHash, resource: &str, expires_at: Timestamp) -> Result<()> {
        let scopes = self.scopes.text(grant.scopes);
        let mut write = Lease::begin(&self.writes).await?;
        if let Some(mut row) = open_grant(&mut write, OPEN_FOR_CLIENT, grant, &scopes, expires_at).await? {
            let kept = Advanced::read(&mut row)?;
            // tokens that were issued before keep their scopes
            let widened = self.scopes.text(row.of("grants").scopes("scopes", &self.scopes)? | grant.scopes);
            write.execute(WIDEN, &[(&kept.id).into(), (&widened).into(), grant.created_at.into()]).await?;
            issue_access(&mut write, &kept, access, (&scopes, resource), expires_at).await?;
        }
        write.commit().await
    }

    async fn access(&self, hash: TokenHash, now: Timestamp) -> Result<Option<AccessToken>> {
        self.fetch_first(ACCESS, &[(&hash).into(), now.into()]).await?.map(|row| row::access(row, &self.scopes)).transpose()
    }

    async fn touch(&self, grant_id: &str, now: Timestamp) -> Result<()> {
        let a_minute_ago = now.before(std::time::Duration::from_mins(1));
        self.execute(TOUCH, &[grant_id.into(), now.into(), a_minute_ago.into()]).await.map(drop)
    }

    async fn connections(&self, user_id: Option<&str>, now: Timestamp) -> Result<Vec<Connection>> {
        let rows = match user_id {
            Some(user_id) => self.fetch(CONNECTIONS_OF, &[now.into(), user_id.into()]).await?,
            None => self.fetch(CONNECTIONS, &[now.into()]).await?,
        };
        rows.into_iter().map(|row| row::connection(row, &self.scopes)).collect()
    }

    async fn users(&self, who: &str) -> Result<BTreeSet<String>> {
        let users = self.fetch(USERS, &[]).await?.into_iter().map(row::user_of);
        let is_meant = |user: &User| user.id == who || user.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(who));
        let ids = users.filter(|user| user.as_ref().map_or(true, is_meant)).map(|user| Ok(user?.id));
        ids.collect()
    }

    async fn revoke(&self, grant_id: &str, user_id: Option<&str>, now: Timestamp) -> Result<bool> {
        let mut write = Lease::begin(&self.writes).await?;
        let is_revoked = revoke(&mut write, grant_id, user_id, now).await?;
        write.commit().await?;
        Ok(is_revoked)
    }

    async fn revoke_all(&self, grant_ids: &[&str], user_id: &str, now: Timestamp) -> Result<u64> {
        let mut write = Lease::begin(&self.writes).await?;
        let mut count = 0;
        for id in grant_ids {
            count += u64::from(revoke(&mut write, id, Some(user_id), now).await?);
        }
        write.commit().await?;
        Ok(count)
    }

    async fn end(&self, user_id: Option<&str>, now: Timestamp) -> Result<u64> {
        let mut write = Lease::begin(&self.writes).await?;
        let no_key = b"".as_slice();
        let count = if let Some(user_id) = user_id {
            write.execute(END_SESSIONS_OF, &[user_id.into()]).await?;
            write.execute(END_CONSENTS_OF, &[user_id.into()]).await?;
            write.execute(END_GRANTS_OF, &[now.into(), no_key.into(), user_id.into()]).await?
        } else {
            write.execute(END_SESSIONS, &[]).await?;
            write.execute(END_CONSENTS, &[]).await?;
            write.execute(END_GRANTS, &[now.into(), no_key.into()]).await?
        };
        write.commit().await?;
        Ok(count)
    }

    async fn sign_out(
        &self,
        (token, expires_at): (TokenHash, Timestamp),
        who: SignedOut<'_>,
        ends_grants: bool,
        now: Timestamp,
    ) -> Result<Option<Ended>> {
        self.sign_out_in((token, expires_at), who, ends_grants, now).await
    }

    async fn was_signed_out(&self, user_id: &str, provider_session: Option<&str>, since: Timestamp) -> Result<bool> {
        for (mark, until) in sign_out::marks_of(user_id, provider_session, since) {
            if self.fetch_first(SIGNED_OUT, &[(&mark).into(), until.into()]).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn revoke_access(&self, hash: TokenHash, client_id: &str) -> Result<bool> {
        Ok(self.execute(REVOKE_ACCESS, &[(&hash).into(), client_id.into()]).await? > 0)
    }

    async fn encrypted(&self, after: &str) -> Result<Vec<(String, EncryptedKey)>> {
        let rows = self.fetch(STORED_KEYS, &[after.into()]).await?;
        let pair = |mut row: Row| {
            let mut columns = row.of("grants");
            Ok((columns.text("id")?, EncryptedKey::from_bytes(columns.bytes("sealed")?)))
        };
        rows.into_iter().map(pair).collect()
    }

    async fn reencrypt(&self, grant_id: &str, old: &EncryptedKey, new: &EncryptedKey) -> Result<()> {
        self.execute(REENCRYPT, &[grant_id.into(), Some(old).into(), Some(new).into()]).await.map(drop)
    }
}
