//! Stores what a user has allowed a client.

use mcp_http::{clock::Timestamp, token::TokenHash};

use super::{
    super::{
        Approval, CONNECTIONS_OF_USER, Code, Grant, Result,
        dialect::{Dialect, Lease},
    },
    Sql, open_grant,
    statements::{
        EXTEND_REGISTRATION, FORGET_DEAD_CONSENTS, HOLD_SESSION, ISSUE_CODE, MAKE_ROOM_FOR_GRANT, OPEN_GRANT, REMEMBER_CONSENT,
    },
};

impl<D: Dialect> Sql<D> {
    /// Stores everything that [`crate::store::Store::approve`] names. What ends a user's grants deletes their sessions before, so it either
    /// waits for this and finds the grant, or this finds no session.
    pub(super) async fn approve_in(
        &self,
        grant: &Grant,
        code: &Code,
        session: TokenHash,
        client_expires_at: Option<Timestamp>,
    ) -> Result<Approval> {
        let mut write = Lease::begin(&self.writes).await?;
        if write.execute(HOLD_SESSION, &[(&session).into(), grant.created_at.into()]).await? == 0 {
            return Ok(Approval::SignedOut);
        }
        if let Some(expires_at) = client_expires_at
            && write.execute(EXTEND_REGISTRATION, &[(&grant.client_id).into(), expires_at.into()]).await? == 0
        {
            return Ok(Approval::UnknownClient);
        }
        let (scopes, told) = (self.scopes.text(grant.scopes), self.scopes.told(grant.scopes, &grant.requested_scopes));
        let others = CONNECTIONS_OF_USER - 1;
        write.execute(MAKE_ROOM_FOR_GRANT, &[(&grant.user.id).into(), grant.created_at.into(), others.into()]).await?;
        let app = [(&grant.user.id).into(), (&grant.client_id).into(), (&grant.redirect_uri).into(), (&grant.resource).into()];
        let [user, client, uri, resource] = app;
        write.execute(FORGET_DEAD_CONSENTS, &[user]).await?;
        open_grant(&mut write, OPEN_GRANT, grant, &told, code.expires_at).await?;
        let Code { hash, grant_id, client_id, redirect_uri, challenge, expires_at } = code;
        let arguments = [
            hash.into(),
            grant_id.into(),
            client_id.into(),
            redirect_uri.into(),
            challenge.as_bytes().into(),
            (*expires_at).into(),
        ];
        write.execute(ISSUE_CODE, &arguments).await?;
        write.execute(REMEMBER_CONSENT, &[user, client, uri, resource, (&scopes).into()]).await?;
        write.commit().await?;
        Ok(Approval::Stored)
    }
}
