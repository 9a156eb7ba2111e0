//! The statements, in the SQL that both databases understand.
//!
//! `$1` and so on are the parameters, in the order in which [`super`] passes them.

use crate::store::row::grant_columns;

/// Deletes expired rows. `$1` is now, `$2` the maximum number of rows.
macro_rules! clean {
    ($table:literal) => {
        concat!("DELETE FROM ", $table, " WHERE hash IN (SELECT hash FROM ", $table, " WHERE expires_at <= $1 LIMIT $2)")
    };
}
/// Deletes the tokens of revoked grants. The parameters are those of `clean`.
macro_rules! clean_revoked {
    ($table:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE hash IN (SELECT t.hash FROM grants g JOIN ",
            $table,
            " t ON t.grant_id = g.id WHERE g.revoked_at <= $1 LIMIT $2)"
        )
    };
}
pub(super) const CLEAN: [&str; 8] = [
    clean!("spent"),
    clean!("sessions"),
    clean!("keyed_calls"),
    clean!("codes"),
    clean!("access_tokens"),
    clean!("refresh_tokens"),
    clean_revoked!("access_tokens"),
    clean_revoked!("refresh_tokens"),
];

/// Whether a consent is the one that belongs to the grant `$id`, which meets a condition.
macro_rules! is_consent_of {
    ($id:literal, $condition:expr) => {
        concat!(
            "(person_id, client_id, redirect_uri, resource) IN (SELECT g.person_id, g.client_id, g.redirect_uri, g.resource \
             FROM grants g WHERE g.id = ",
            $id,
            " AND ",
            $condition,
            ")"
        )
    };
}
/// Whether a grant belongs to a consent.
macro_rules! belongs_to_consent {
    ($grant:literal) => {
        concat!(
            $grant,
            ".person_id = consents.person_id AND ",
            $grant,
            ".client_id = consents.client_id AND ",
            $grant,
            ".redirect_uri = consents.redirect_uri AND ",
            $grant,
            ".resource = consents.resource"
        )
    };
}
/// Whether a grant `g` is to be deleted. `$2` is now; grants that became invalid before `$3` are deleted.
macro_rules! grant_is_void {
    () => {
        "((g.generation = 0 AND g.expires_at <= $2) OR g.expires_at <= $3 OR g.revoked_at <= $3)"
    };
}
pub(super) const VOID_GRANTS: &str = concat!("SELECT g.id FROM grants g WHERE ", grant_is_void!(), " LIMIT $1");
/// The consent is deleted with the last grant that it belongs to.
pub(super) const CLEAN_GRANT: [&str; 2] = [
    concat!(
        "DELETE FROM consents WHERE ",
        is_consent_of!("$1", grant_is_void!()),
        " AND NOT EXISTS (SELECT 1 FROM grants o WHERE ",
        belongs_to_consent!("o"),
        " AND o.id <> $1)"
    ),
    concat!("DELETE FROM grants AS g WHERE g.id = $1 AND ", grant_is_void!()),
];

/// Whether a valid grant uses a registration. `$2` is now.
macro_rules! registration_is_used {
    () => {
        "EXISTS (SELECT 1 FROM grants g WHERE g.client_id = registrations.id \
         AND g.generation > 0 AND g.revoked_at IS NULL AND g.expires_at > $2)"
    };
}
pub(super) const VOID_REGISTRATIONS: &str =
    concat!("SELECT id FROM registrations WHERE expires_at <= $2 AND NOT ", registration_is_used!(), " LIMIT $1");
pub(super) const CLEAN_REGISTRATION: &str =
    concat!("DELETE FROM registrations WHERE id = $1 AND expires_at <= $2 AND NOT ", registration_is_used!());
/// Of the clients without a grant that no user has approved, the `$2` that registered last are not selected, and of those that one has, the
/// `$2` that were approved last. An approval lasts longer than `$3`, and a registration does not.
pub(super) const TOO_MANY_REGISTRATIONS: [&str; 2] = [
    "SELECT id, expires_at FROM registrations WHERE expires_at <= $3 \
     AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = registrations.id) \
     ORDER BY registered_at DESC, expires_at DESC, id LIMIT $1 OFFSET $2",
    "SELECT id, expires_at FROM registrations WHERE expires_at > $3 \
     AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = registrations.id) \
     ORDER BY expires_at DESC, id LIMIT $1 OFFSET $2",
];
/// An approval always changes `expires_at`. A `DELETE` that waited for an approval checks the row again, but not the grants.
pub(super) const PRUNE_REGISTRATION: &str = "DELETE FROM registrations WHERE id = $1 AND expires_at = $2 \
     AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = registrations.id)";
pub(super) const REGISTRATION: &str = concat!(
    "SELECT id, digest, metadata, created_at, expires_at FROM registrations WHERE id = $1 AND (expires_at > $2 OR ",
    registration_is_used!(),
    ")"
);
pub(super) const REGISTRATION_OF: &str =
    "SELECT id, digest, metadata, created_at, expires_at FROM registrations WHERE digest = $1";
pub(super) const REGISTER: &str = "INSERT INTO registrations (id, digest, metadata, created_at, expires_at, registered_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO UPDATE SET registered_at = excluded.registered_at, expires_at = CASE WHEN registrations.expires_at < excluded.expires_at \
     THEN excluded.expires_at ELSE registrations.expires_at END \
     RETURNING id, digest, metadata, created_at, expires_at";
/// The new expiry is always later than the old one, so that a concurrent `PRUNE_REGISTRATION` deletes nothing.
pub(super) const EXTEND_REGISTRATION: &str = "UPDATE registrations SET expires_at = CASE WHEN expires_at < $2 THEN $2 \
     ELSE expires_at + 1 END WHERE id = $1";

pub(super) const HEARTBEAT: &str =
    "INSERT INTO replicas (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
/// Also those whose time is later than now: the clock of the database was set back since then.
pub(super) const FORGET_REPLICAS: &str = "DELETE FROM replicas WHERE seen_at <= $1 OR seen_at > $2";
pub(super) const REPLICAS: &str = "SELECT COUNT(*) FROM replicas";
pub(super) const LEAVE: &str = "DELETE FROM replicas WHERE id = $1";

pub(super) const SELECT_VALUE: &str = "SELECT value FROM settled WHERE name = $1";
pub(super) const INSERT_VALUE: &str = "INSERT INTO settled (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(super) const SWAP_VALUE: &str = "UPDATE settled SET value = $3 WHERE name = $1 AND value = $2";
pub(super) const CONSUME: &str = "INSERT INTO spent (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// Makes room for a call of the user `$1`: deletes the oldest, all but the newest `$2`.
pub(super) const MAKE_ROOM_FOR_CALL: &str = "DELETE FROM keyed_calls WHERE hash IN (SELECT hash FROM keyed_calls WHERE person_id = $1 \
     ORDER BY started_at DESC, hash LIMIT 1000 OFFSET $2)";
/// An expired call with the same key is replaced, and any other one stays.
pub(super) const CLAIM_CALL: &str = "INSERT INTO keyed_calls (hash, person_id, arguments, state, sealed, started_at, expires_at) \
     VALUES ($1, $2, $3, 'running', NULL, $4, $5) ON CONFLICT (hash) DO UPDATE SET arguments = excluded.arguments, \
     state = excluded.state, sealed = NULL, started_at = excluded.started_at, expires_at = excluded.expires_at \
     WHERE keyed_calls.expires_at <= excluded.started_at";
pub(super) const KEYED_CALL: &str =
    "SELECT arguments, started_at, state, sealed FROM keyed_calls WHERE hash = $1 AND expires_at > $2";
pub(super) const SETTLE_CALL: &str =
    "UPDATE keyed_calls SET state = $3, sealed = $4 WHERE hash = $1 AND started_at = $2 AND state = 'running'";
pub(super) const RELEASE_CALL: &str = "DELETE FROM keyed_calls WHERE hash = $1 AND started_at = $2 AND state = 'running'";
/// Marks that somebody was signed out, until `$2`.
pub(super) const MARK: &str =
    "INSERT INTO spent (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at";
/// Finds a mark that counts until `$2` at least.
pub(super) const SIGNED_OUT: &str = "SELECT expires_at FROM spent WHERE hash = $1 AND expires_at >= $2";

/// Deletes the oldest sessions of the user `$1`, all but the newest `$2`.
pub(super) const MAKE_ROOM_FOR_SESSION: &str = "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE person_id = $1 \
     ORDER BY opened_at DESC, hash LIMIT 1000 OFFSET $2)";
pub(super) const OPEN_SESSION: &str = "INSERT INTO sessions (hash, person_id, person, sealed, provider_session, opened_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const SESSION: &str = "SELECT hash, person_id, person, sealed, provider_session, opened_at, expires_at FROM sessions \
     WHERE hash = $1 AND expires_at > $2";
/// Locks a session that has not expired until the transaction ends, by a change that leaves it as it is.
pub(super) const HOLD_SESSION: &str = "UPDATE sessions SET expires_at = expires_at WHERE hash = $1 AND expires_at > $2";
pub(super) const CLOSE_SESSION: &str = "DELETE FROM sessions WHERE hash = $1";

pub(super) const CONSENT: &str =
    "SELECT scopes FROM consents WHERE person_id = $1 AND client_id = $2 AND redirect_uri = $3 AND resource = $4";
pub(super) const HAS_CONSENTED: &str =
    "SELECT scopes FROM consents WHERE person_id = $1 AND client_id = $2 AND redirect_uri = $3 LIMIT 1";
pub(super) const REMEMBER_CONSENT: &str = "INSERT INTO consents (person_id, client_id, redirect_uri, resource, scopes) \
     VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (person_id, client_id, redirect_uri, resource) DO UPDATE SET scopes = excluded.scopes";

/// Until its code is redeemed, a grant has generation 0 and is not active.
pub(super) const OPEN_GRANT: &str = "INSERT INTO grants (id, person_id, person, holder, sealed, client_id, client_name, redirect_uri, \
     redirect_host, scopes, resource, provider_session, created_at, expires_at, generation) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)";
/// Deletes the consents of the user `$1` for which no grant is left.
pub(super) const FORGET_DEAD_CONSENTS: &str = concat!(
    "DELETE FROM consents WHERE person_id = $1 AND NOT EXISTS (SELECT 1 FROM grants g WHERE ",
    belongs_to_consent!("g"),
    ")"
);
/// Makes room for the grant `$1` of an app: of the others of the same user, client, redirect URI and resource that are valid at `$2`, deletes
/// those that were unused for the longest time, all but `$3`.
pub(super) const MAKE_ROOM_FOR_APP: &str = "DELETE FROM grants WHERE id IN (SELECT o.id FROM grants g JOIN grants o \
     ON o.person_id = g.person_id AND o.client_id = g.client_id AND o.redirect_uri = g.redirect_uri AND o.resource = g.resource \
     WHERE g.id = $1 AND o.id <> $1 AND o.generation > 0 AND o.revoked_at IS NULL AND o.expires_at > $2 \
     ORDER BY COALESCE(o.used_at, o.created_at) DESC, o.id LIMIT 1000 OFFSET $3)";
/// Makes room for a new grant of a user, `$1`, of whom `$3` may be kept: those that are dead go first, then those whose code was not
/// redeemed yet, which a web page can cause, then those that were not used for the longest time. `$2` is now.
pub(super) const MAKE_ROOM_FOR_GRANT: &str = "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE person_id = $1 \
     ORDER BY CASE WHEN revoked_at IS NOT NULL OR expires_at <= $2 THEN 2 WHEN generation = 0 THEN 1 ELSE 0 END, COALESCE(used_at, created_at) DESC, id \
     LIMIT 1000 OFFSET $3)";
pub(super) const ISSUE_CODE: &str = "INSERT INTO codes (hash, grant_id, client_id, redirect_uri, challenge, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const CODE: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", c.hash, c.grant_id, c.client_id, c.redirect_uri, c.challenge, c.expires_at \
     FROM codes c JOIN grants g ON g.id = c.grant_id WHERE c.hash = $1"
);

pub(super) const REDEEM: &str = "UPDATE codes SET redeemed_at = $2 WHERE hash = $1 AND redeemed_at IS NULL AND expires_at > $2 \
     RETURNING grant_id";
pub(super) const ACTIVATE: &str = "UPDATE grants SET generation = 1, advanced_at = $2, used_at = $2, expires_at = $3 \
     WHERE id = $1 AND generation = 0 AND revoked_at IS NULL RETURNING id, generation";
/// A code that was redeemed, if its grant is not revoked yet: it is revoked, and reported, once.
pub(super) const REPLAYED: &str = "SELECT c.grant_id FROM codes c JOIN grants g ON g.id = c.grant_id \
     WHERE c.hash = $1 AND c.redeemed_at IS NOT NULL AND g.revoked_at IS NULL";

/// Whether a refresh token `t` is still valid for its grant: it is of the current generation, or of the previous one within its
/// grace period. `$3` is the start of a grace period that ends now; a clock that was set back does not end it.
macro_rules! refresh_counts {
    () => {
        "(t.generation = grants.generation OR (t.generation = grants.generation - 1 AND grants.advanced_at > $3))"
    };
}

/// A token of the current generation advances its grant; for one of the previous generation, the grant is already advanced.
pub(super) const ROTATE: &str = concat!(
    "UPDATE grants SET generation = t.generation + 1, \
     advanced_at = CASE WHEN t.generation = grants.generation THEN $2 ELSE grants.advanced_at END, used_at = $2, \
     expires_at = CASE WHEN grants.expires_at < $4 THEN $4 ELSE grants.expires_at END \
     FROM refresh_tokens t WHERE t.hash = $1 AND grants.id = t.grant_id AND t.expires_at > $2 AND grants.revoked_at IS NULL AND ",
    refresh_counts!(),
    " RETURNING grants.id, grants.generation"
);
pub(super) const REUSED: &str = concat!(
    "SELECT grants.id FROM refresh_tokens t JOIN grants ON grants.id = t.grant_id \
     WHERE t.hash = $1 AND t.expires_at > $2 AND grants.revoked_at IS NULL AND NOT ",
    refresh_counts!()
);
pub(super) const REFRESH: &str =
    concat!("SELECT ", grant_columns!(), " FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = $1");

pub(super) const ISSUE_ACCESS: &str =
    "INSERT INTO access_tokens (hash, grant_id, generation, scopes, resource, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const ISSUE_REFRESH: &str =
    "INSERT INTO refresh_tokens (hash, grant_id, generation, expires_at) VALUES ($1, $2, $3, $4)";
/// A client with a token of the previous generation may still refresh; a token older than that was replaced for good.
pub(super) const OUTDATE_ACCESS: &str = "DELETE FROM access_tokens WHERE grant_id = $1 AND generation < $2 - 1";
/// Deletes the oldest tokens of a grant, so that with the next one it has at most 1,000 in a table. There is rarely more than
/// one to delete.
macro_rules! make_room {
    ($table:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE hash IN (SELECT hash FROM ",
            $table,
            " WHERE grant_id = $1 ORDER BY generation DESC, expires_at DESC LIMIT 100 OFFSET 999)"
        )
    };
}
pub(super) const MAKE_ROOM_FOR_ACCESS: &str = make_room!("access_tokens");
pub(super) const MAKE_ROOM_FOR_REFRESH: &str = make_room!("refresh_tokens");
pub(super) const ACCESS: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", a.scopes, a.resource, a.expires_at FROM access_tokens a JOIN grants g ON g.id = a.grant_id \
     WHERE a.hash = $1 AND a.expires_at > $2 AND g.revoked_at IS NULL"
);
pub(super) const REVOKE_ACCESS: &str =
    "DELETE FROM access_tokens WHERE hash = $1 AND grant_id IN (SELECT id FROM grants WHERE client_id = $2)";

/// The grant of a client that acts on its own behalf. An existing one keeps its scopes here; `WIDEN` adds the new ones.
pub(super) const OPEN_FOR_CLIENT: &str = "INSERT INTO grants (id, person_id, person, holder, sealed, client_id, client_name, \
     redirect_uri, redirect_host, scopes, resource, provider_session, created_at, expires_at, generation) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1) \
     ON CONFLICT (client_id) WHERE holder = 'client' AND revoked_at IS NULL DO UPDATE SET person_id = excluded.person_id, \
     person = excluded.person, client_name = excluded.client_name, resource = excluded.resource, expires_at = \
     CASE WHEN grants.expires_at < excluded.expires_at THEN excluded.expires_at ELSE grants.expires_at END \
     RETURNING id, generation, scopes";
pub(super) const WIDEN: &str = "UPDATE grants SET scopes = $2, used_at = $3 WHERE id = $1";

/// Once a minute is enough.
pub(super) const TOUCH: &str =
    "UPDATE grants SET used_at = $2 WHERE id = $1 AND revoked_at IS NULL AND (used_at IS NULL OR used_at <= $3)";
macro_rules! connections {
    () => {
        concat!(
            "SELECT ",
            grant_columns!(),
            ", g.used_at FROM grants g WHERE g.revoked_at IS NULL AND g.generation > 0 AND g.expires_at > $1"
        )
    };
}
macro_rules! connections_order {
    () => {
        " ORDER BY g.created_at DESC, g.id"
    };
}
/// Those of one user are found by an index. A condition that may hold for all users at once would read every row.
pub(super) const CONNECTIONS: &str = concat!(connections!(), connections_order!());
pub(super) const CONNECTIONS_OF: &str = concat!(connections!(), " AND g.person_id = $2", connections_order!());
pub(super) const USERS: &str = "SELECT person_id, person FROM grants UNION SELECT person_id, person FROM sessions";
/// The key is deleted with its grant: `$4`, an empty value that cannot be decrypted, replaces it.
pub(super) const REVOKE: &str = "UPDATE grants SET revoked_at = $2, sealed = CASE WHEN sealed IS NULL THEN NULL ELSE $4 END \
     WHERE id = $1 AND revoked_at IS NULL AND person_id = COALESCE($3, person_id)";
pub(super) const END_SESSIONS: &str = "DELETE FROM sessions";
pub(super) const END_SESSIONS_OF: &str = "DELETE FROM sessions WHERE person_id = $1";
pub(super) const END_CONSENTS: &str = "DELETE FROM consents";
pub(super) const END_CONSENTS_OF: &str = "DELETE FROM consents WHERE person_id = $1";
/// The key is replaced by `$2`, as in `REVOKE`.
macro_rules! end_grants {
    () => {
        "UPDATE grants SET revoked_at = $1, sealed = CASE WHEN sealed IS NULL THEN NULL ELSE $2 END WHERE revoked_at IS NULL"
    };
}
pub(super) const END_GRANTS: &str = end_grants!();
pub(super) const END_GRANTS_OF: &str = concat!(end_grants!(), " AND person_id = $3");
pub(super) const END_PROVIDER_SESSIONS: &str = "DELETE FROM sessions WHERE provider_session = $1";
pub(super) const END_GRANTS_OF_PROVIDER_SESSION: &str = concat!(end_grants!(), " AND provider_session = $3");
/// Those of a user of which it is not known in which session at the provider they began.
pub(super) const END_UNKNOWN_SESSIONS_OF: &str = "DELETE FROM sessions WHERE person_id = $1 AND provider_session IS NULL";
pub(super) const END_GRANTS_OF_UNKNOWN_SESSIONS_OF: &str =
    concat!(end_grants!(), " AND person_id = $3 AND provider_session IS NULL");
/// A user who ended a connection is asked for consent again.
pub(super) const FORGET_CONSENT: &str = concat!("DELETE FROM consents WHERE ", is_consent_of!("$1", "TRUE"));

pub(super) const STORED_KEYS: &str =
    "SELECT id, sealed FROM grants WHERE id > $1 AND sealed IS NOT NULL AND revoked_at IS NULL ORDER BY id LIMIT 100";
pub(super) const REENCRYPT: &str = "UPDATE grants SET sealed = $3 WHERE id = $1 AND sealed = $2 AND revoked_at IS NULL";

#[cfg(test)]
mod tests;
