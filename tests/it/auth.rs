//! Signing in, tokens, and the pages for users.

// clients that act for themselves
mod automation;
// a user in a browser, with the built program
mod browser_login;
// clients that are known by the URL of their metadata, where that cannot be fetched
mod client_documents;
// access tokens of an authorization server that is not ours
mod external_server;
// the pages as users see them, in a browser
mod pages;
// assistants that users use, as they register and ask
mod real_clients;
// from nothing to a connected assistant
mod sign_in;
// users of an identity provider
mod single_sign_on;
// what a client gets and is told at the token endpoint
mod token_requests;
