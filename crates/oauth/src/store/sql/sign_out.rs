//! Signs a user out whom the identity provider signs out.
//!
//! Invariant: a sign-in that is in progress meanwhile opens no session that lasts. It stores its session and then looks for a mark; this
//! stores the mark and then deletes sessions. So one of the two finds what the other one stored.

use std::time::Duration;

use mcp_http::{clock::Timestamp, token::TokenHash};

use super::{
    super::{
        Ended, Result, SignedOut,
        dialect::{Dialect, Lease},
    },
    Sql,
    statements::{
        CONSUME, END_GRANTS_OF, END_GRANTS_OF_PROVIDER_SESSION, END_GRANTS_OF_UNKNOWN_SESSIONS_OF, END_PROVIDER_SESSIONS,
        END_SESSIONS_OF, END_UNKNOWN_SESSIONS_OF, MARK,
    },
};

/// How long it is known who was signed out: longer than a sign-in takes after the provider has begun it.
const MARKED: Duration = Duration::from_mins(10);

/// Whom a mark is about.
#[derive(Clone, Copy)]
enum Mark<'a> {
    User(&'a str),
    UnknownSessionsOf(&'a str),
    Session(&'a str),
}

impl Mark<'_> {
    fn hash(self) -> TokenHash {
        let text = match self {
            Self::User(id) => format!("signed out user\0{id}"),
            Self::UnknownSessionsOf(id) => format!("signed out unknown sessions\0{id}"),
            Self::Session(id) => format!("signed out session\0{id}"),
        };
        TokenHash::of(text.as_bytes())
    }
}

/// The marks that concern a sign-in which began at `since`, and until when they count at least. A session at the provider never begins
/// again, a user may.
pub(super) fn marks_of(user_id: &str, provider_session: Option<&str>, since: Timestamp) -> [(TokenHash, Timestamp); 2] {
    let until = since.after(MARKED);
    let session = provider_session.map_or((Mark::UnknownSessionsOf(user_id), until), |id| (Mark::Session(id), since));
    [(Mark::User(user_id), until), session].map(|(mark, until)| (mark.hash(), until))
}

impl<D: Dialect> Sql<D> {
    pub(super) async fn sign_out_in(
        &self,
        (token, expires_at): (TokenHash, Timestamp),
        who: SignedOut<'_>,
        ends_grants: bool,
        now: Timestamp,
    ) -> Result<Option<Ended>> {
        let (no_key, mut ended) = (b"".as_slice(), Ended::default());
        let of_session = |id| (Mark::Session(id), id, END_PROVIDER_SESSIONS, END_GRANTS_OF_PROVIDER_SESSION);
        let ways = match who {
            SignedOut::User(user) => vec![(Mark::User(user), user, END_SESSIONS_OF, END_GRANTS_OF)],
            SignedOut::Session(session, None) => vec![of_session(session)],
            SignedOut::Session(session, Some(user)) => vec![
                of_session(session),
                (Mark::UnknownSessionsOf(user), user, END_UNKNOWN_SESSIONS_OF, END_GRANTS_OF_UNKNOWN_SESSIONS_OF),
            ],
        };
        // committed before sessions are looked for, or a session could be stored in between that neither side finds
        for (mark, ..) in &ways {
            self.execute(MARK, &[(&mark.hash()).into(), now.after(MARKED).into()]).await?;
        }
        let mut write = Lease::begin(&self.writes).await?;
        if write.execute(CONSUME, &[(&token).into(), expires_at.into()]).await? == 0 {
            return Ok(None);
        }
        for (_, id, sessions, grants) in ways {
            ended.sessions += write.execute(sessions, &[id.into()]).await?;
            if ends_grants {
                ended.grants += write.execute(grants, &[now.into(), no_key.into(), id.into()]).await?;
            }
        }
        write.commit().await?;
        Ok(Some(ended))
    }
}
