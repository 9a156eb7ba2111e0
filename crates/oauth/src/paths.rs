//! The paths of the endpoints and pages.

/// The authorization endpoint (RFC 6749, section 3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// The token endpoint (RFC 6749, section 3.2).
pub const TOKEN: &str = "/oauth/token";
/// The client registration endpoint (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// The token revocation endpoint (RFC 7009).
pub const REVOKE: &str = "/oauth/revoke";
/// Where the identity provider signs users out (OpenID Connect Back-Channel Logout 1.0, section 2.2).
pub const BACK_CHANNEL_LOGOUT: &str = "/oauth/back-channel-logout";
/// The authorization server metadata (RFC 8414, section 3).
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// The same metadata for clients that use OpenID Connect Discovery.
pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";
/// The key set, which is empty because this server signs nothing.
pub const JWKS: &str = "/oauth/jwks";
