//! Where the endpoints and pages are.

/// Where users allow access (RFC 6749, section 3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Where clients get tokens (RFC 6749, section 3.2).
pub const TOKEN: &str = "/oauth/token";
/// Where clients register themselves (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// Where clients give tokens back (RFC 7009).
pub const REVOKE: &str = "/oauth/revoke";
/// Where the metadata of the authorization server is (RFC 8414, section 3).
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// Where clients look for the same that know OpenID Connect.
pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";
/// Where our keys would be if we signed anything.
pub const JWKS: &str = "/oauth/jwks";
