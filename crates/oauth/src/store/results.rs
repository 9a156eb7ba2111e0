//! The results of the use cases in which something is used once.

/// The result of an approval. Unless it is [`Self::Stored`], nothing is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Everything is stored.
    Stored,
    /// The user's session has ended.
    SignedOut,
    /// The registration of the client no longer exists.
    UnknownClient,
}

/// The result of presenting a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The code was valid; the new tokens are valid.
    Redeemed,
    /// The code had been redeemed before; its grant, which was valid, is now revoked.
    Replayed,
    /// The code is unknown or expired, or its grant is revoked.
    Invalid,
}

/// The result of presenting a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The refresh token was valid; the new tokens are valid.
    Rotated,
    /// It had been replaced too long ago, or its successor was used; its grant is now revoked.
    Reused,
    /// It is unknown or expired, or its grant is revoked.
    Invalid,
}
