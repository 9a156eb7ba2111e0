//! The calls with a key, kept in this process: where there is no store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CALLS_OF_USER, CallState, EarlierCall, KeyedCall, KeyedCalls, StoreUnavailable},
    token::TokenHash,
};

/// How many calls are kept, of all users. A further one ends the oldest of the user who has most.
const MAX_CALLS: usize = 2_000;

/// The kept calls.
#[derive(Debug, Default)]
pub(super) struct InMemory(Mutex<Calls>);

/// The calls by their number, the oldest first, and their numbers by key.
#[derive(Debug, Default)]
struct Calls {
    rows: BTreeMap<u64, (KeyedCall, CallState)>,
    numbers: HashMap<TokenHash, u64>,
    next: u64,
}

impl Calls {
    fn remove(&mut self, key: &TokenHash) {
        if let Some(number) = self.numbers.remove(key) {
            self.rows.remove(&number);
        }
    }

    fn remove_expired(&mut self, now: Timestamp) {
        let expired: Vec<_> = self.rows.values().filter(|(call, _)| call.expires_at() <= now).map(|(call, _)| call.key).collect();
        for key in expired {
            self.remove(&key);
        }
    }

    /// Makes room for one more call of a user.
    fn make_room(&mut self, user: &str) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (call, _) in self.rows.values() {
            *counts.entry(&call.user).or_default() += 1;
        }
        let is_full = counts.get(user).is_some_and(|count| i64::try_from(*count).is_ok_and(|count| count >= CALLS_OF_USER));
        let most = || counts.iter().max_by_key(|(_, count)| **count).map(|(user, _)| *user);
        let whose = if is_full { Some(user) } else { most().filter(|_| self.rows.len() >= MAX_CALLS) };
        let oldest = whose.and_then(|whose| self.rows.values().find(|(call, _)| call.user == whose)).map(|(call, _)| call.key);
        if let Some(key) = oldest {
            self.remove(&key);
        }
    }
}

#[async_trait]
impl KeyedCalls for InMemory {
    async fn find(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall>, StoreUnavailable> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = calls.numbers.get(&key).and_then(|number| calls.rows.get(number)).filter(|(call, _)| call.expires_at() > now);
        Ok(row.map(|(call, state)| EarlierCall { arguments: call.arguments, started_at: call.started_at, state: state.clone() }))
    }

    async fn claim(&self, call: &KeyedCall) -> Result<bool, StoreUnavailable> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.remove_expired(call.started_at);
        if calls.numbers.contains_key(&call.key) {
            return Ok(false);
        }
        calls.make_room(&call.user);
        let number = calls.next;
        calls.next += 1;
        calls.numbers.insert(call.key, number);
        calls.rows.insert(number, (call.clone(), CallState::Running));
        Ok(true)
    }

    async fn settle(&self, call: &KeyedCall, state: Option<CallState>) -> Result<(), StoreUnavailable> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = calls.numbers.get(&call.key).copied().and_then(|number| calls.rows.get_mut(&number));
        match (row.filter(|(kept, state)| kept == call && *state == CallState::Running), state) {
            (Some((_, kept)), Some(state)) => *kept = state,
            (Some(_), None) => calls.remove(&call.key),
            (None, _) => {}
        }
        Ok(())
    }
}
