//! The engine with real SQLite, in front of a loader over plain items that records what it is asked.
#![cfg(test)]

mod bound;
mod growth;
mod mixtures;
mod money;
mod names;
mod office;
mod pushing;
mod results;
mod sandbox;
mod shapes;
