//! What happens when something breaks: the program dies, its store goes away or is full, clocks jump, those it asks are down.

// the program dies, or is asked to end
mod deaths;
// others hold all its connections
mod health;
// its configuration changes while it runs
mod reload;
// nobody reads what it logs
mod logs;
// it may open few files only
mod open_files;
// those it asks are down
mod others;
// several of them share the rates of Torii
mod replica_rates;
// several of them behind nginx, one of which is killed
mod replicas;
// what it tells those who manage it
mod service;
// the store goes away, is full, or can only be read
mod stores;
// clients that go on whatever happens
mod traffic;

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const READ: &[&str] = &["torii:read"];
