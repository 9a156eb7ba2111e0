//! Client-side rate limiting: no API key calls an operation more often than the API documents, and the users of a key share its rate.
//!
//! For each key and operation, the times of the last calls are stored, as many as the rate per minute. A burst of up to that many
//! calls is sent at once, and the next call waits until a minute has passed since the oldest of them.
//!
//! Invariants:
//! - No minute contains more calls of one replica than its part of the documented rate, at least one. Callers pass in the current time.
//! - Of several replicas each takes its part of the rate ([`Replicas`]). One that joins others sends nothing until they have noticed it, and has its
//!   whole part a minute later. So the sum stays near the documented rate, but for what the others sent in a burst just before they noticed.
//! - A user who is the only one of the last minutes may use the whole rate of a key. As soon as another one calls, each may use
//!   [`Shares::of_user`] of it at most, and no more than their equal part where that is less.
//! - The requests of the server itself, such as looking users up, come first: users leave a part of these operations for them.
//! - After a 429 no call is sent before the time that the API named, but for at most [`MAX_BLOCK`]; then one call is sent, and the others
//!   only after its response.
//! - The table stays small: an entry without calls in the last minutes is dropped, and of those that only one request of the server made, as
//!   with each key that somebody invents to sign in, the newest [`MAX_LOOKUPS`] are kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcp_http::{caller::Key, replicas::Replicas};
use tokio::time::Instant;

use crate::catalog::Tool;

#[cfg(test)]
mod tests;

const MINUTE: Duration = Duration::from_mins(1);
/// How long users who called are expected to call again, so that others leave their part of the rate to them.
const REMEMBERED: Duration = Duration::from_mins(10);
/// How long users leave a part of a rate to the server after it has called the operation itself: tokens are refreshed hourly by default.
const SERVER_REMEMBERED: Duration = Duration::from_hours(1);
/// How many entries are kept whose loss would delay or repeat nothing that matters.
const MAX_LOOKUPS: usize = 10_000;
/// The longest time for which a 429 blocks an operation, whatever it says: a date far ahead may be the result of a wrong clock.
pub(super) const MAX_BLOCK: Duration = Duration::from_mins(5);
/// How long the other calls wait for the response of the one that is sent after [`MAX_BLOCK`]; then another one is sent.
const PROBE: Duration = Duration::from_secs(30);
/// The minimum number of entries at which expired ones are dropped.
const SWEEP_AT: usize = 1024;
/// Of how many users it is remembered that they called; the one that called longest ago is forgotten for a new one.
const MAX_USERS: usize = 1000;

/// What a rate applies to: one API key and one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RateKey {
    pub(super) key: u64,
    pub(super) tool: &'static str,
}

impl RateKey {
    pub(super) fn of(tool: &'static Tool, key: &Key) -> Self {
        Self { key: key.fingerprint(), tool: &tool.name }
    }
}

/// On whose behalf a call is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sender {
    /// The server itself.
    Server,
    /// A user; all who did not sign in are one.
    User(Option<Arc<str>>),
}

/// How users share the rate of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// The part of a rate that one user may use while others want it, above 0 and at most 1.
    pub of_user: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self { of_user: 0.5 }
    }
}

/// The part of a rate that users leave to the server once it has called the operation itself.
const OF_SERVER: f64 = 0.2;

/// The calls of all keys and operations in the last minute.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    table: Mutex<Table>,
    shares: Shares,
    replicas: Replicas,
}

#[derive(Debug, Default)]
struct Table {
    by_key: HashMap<RateKey, Calls>,
    /// The number of entries at which expired ones are dropped next.
    sweep_at: usize,
}

/// The calls of one key and operation, oldest first.
#[derive(Debug, Default)]
struct Calls {
    sent_at: VecDeque<(Instant, Sender)>,
    /// When each user last called or tried to.
    wanted_at: HashMap<Option<Arc<str>>, Instant>,
    /// When the server itself last called or tried to.
    server_wanted_at: Option<Instant>,
    blocked: Option<Blocked>,
}

/// A time until which the API does not want to be called.
#[derive(Clone, Copy, Debug)]
struct Blocked {
    until: Instant,
    /// Whether it is earlier than the API named, so that one call is sent first.
    is_capped: bool,
    /// When that call is sent, until its response comes.
    probe_at: Option<Instant>,
}

impl Blocked {
    /// The earliest time of another call.
    fn ends_at(&self) -> Instant {
        self.probe_at.map_or(self.until, |sent_at| sent_at + PROBE)
    }
}

impl RateLimits {
    pub(super) fn new(shares: Shares, replicas: Replicas) -> Self {
        Self { shares, replicas, ..Self::default() }
    }

    /// Reserves one of `rate` calls per minute and returns the time at which it may be sent. If that is later than `latest`, it
    /// reserves nothing and returns that time as the error.
    pub(super) fn reserve(
        &self,
        (rate_key, sender): (RateKey, &Sender),
        rate: u32,
        now: Instant,
        latest: Instant,
    ) -> Result<Instant, Instant> {
        let documented = usize::try_from(rate.max(1)).unwrap_or(usize::MAX);
        let rate = usize::try_from((rate / self.replicas.count()).max(1)).unwrap_or(usize::MAX);
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = table.calls(rate_key, now);
        calls.note(sender, now);
        let part = calls.part(sender, rate, self.shares, now);
        let own = calls.free_at(part, |other| *sender == Sender::Server || other == sender);
        let all = calls.free_at(rate.saturating_sub(calls.left_to_server(sender, rate, now)).max(1), |_| true);
        let blocked = calls.blocked.map(|blocked| blocked.ends_at());
        // what the others leave to the server is enough for its own look-ups, without which nobody signs in
        let noticed_at = self.replicas.noticed_at().filter(|_| *sender != Sender::Server);
        let joined = noticed_at.map(|noticed_at| calls.may_start_at(noticed_at, rate));
        let at = [own, all, blocked, joined].into_iter().flatten().fold(now, Instant::max);
        if at > latest {
            return Err(at);
        }
        while calls.sent_at.len() >= documented {
            calls.sent_at.pop_front();
        }
        let later = calls.sent_at.partition_point(|(sent_at, _)| *sent_at <= at);
        calls.sent_at.insert(later, (at, sender.clone()));
        if let Some(blocked) = calls.blocked.as_mut().filter(|blocked| blocked.is_capped) {
            blocked.probe_at = Some(at);
        }
        Ok(at)
    }

    /// Records that the API has rate-limited this key and operation for some time from now.
    pub(super) fn exhausted(&self, rate_key: RateKey, now: Instant, wait: Duration) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = table.calls(rate_key, now);
        let until = now + wait.min(MAX_BLOCK);
        if calls.blocked.is_none_or(|blocked| blocked.until < until || blocked.probe_at.is_some()) {
            calls.blocked = Some(Blocked { until, is_capped: wait > MAX_BLOCK, probe_at: None });
        }
    }

    /// Records that the API has answered a call of this key and operation with something else.
    pub(super) fn answered(&self, rate_key: RateKey, now: Instant) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(calls) = table.by_key.get_mut(&rate_key) else { return };
        // a response to a call that was sent before the block says nothing
        if calls.blocked.is_some_and(|blocked| blocked.probe_at.is_some_and(|sent_at| sent_at <= now)) {
            calls.blocked = None;
        }
    }
}

impl Table {
    fn calls(&mut self, rate_key: RateKey, now: Instant) -> &mut Calls {
        if self.by_key.len() >= self.sweep_at.max(SWEEP_AT) {
            self.by_key.retain(|_, calls| calls.matter(now));
            self.drop_lookups(now);
            self.sweep_at = 2 * self.by_key.len();
        }
        self.by_key.entry(rate_key).or_default()
    }

    /// Drops the oldest keys of one look-up, if there are more than [`MAX_LOOKUPS`].
    fn drop_lookups(&mut self, now: Instant) {
        let lookups = self.by_key.iter().filter(|(_, calls)| calls.are_of_one_lookup(now));
        let mut lookups: Vec<_> = lookups.map(|(rate_key, calls)| (calls.server_wanted_at, *rate_key)).collect();
        let surplus = lookups.len().saturating_sub(MAX_LOOKUPS);
        if surplus > 0 {
            lookups.select_nth_unstable_by_key(surplus - 1, |(at, _)| *at);
        }
        for (_, rate_key) in lookups.iter().take(surplus) {
            self.by_key.remove(rate_key);
        }
    }
}

impl Calls {
    fn note(&mut self, sender: &Sender, now: Instant) {
        let Sender::User(user) = sender else {
            self.server_wanted_at = Some(now);
            return;
        };
        if self.wanted_at.len() >= MAX_USERS && !self.wanted_at.contains_key(user) {
            self.wanted_at.retain(|_, at| *at + REMEMBERED > now);
            let oldest = self.wanted_at.iter().min_by_key(|(_, at)| **at).map(|(user, _)| user.clone());
            if let Some(oldest) = oldest.filter(|_| self.wanted_at.len() >= MAX_USERS) {
                self.wanted_at.remove(&oldest);
            }
        }
        self.wanted_at.insert(user.clone(), now);
    }

    /// How many calls per minute a sender may use.
    fn part(&self, sender: &Sender, rate: usize, shares: Shares, now: Instant) -> usize {
        let users = |within: Duration| self.wanted_at.values().filter(|at| **at + within > now).count();
        if *sender == Sender::Server || users(REMEMBERED) < 2 {
            return rate;
        }
        scaled(rate, shares.of_user).min(rate.div_ceil(users(MINUTE).max(1))).max(1)
    }

    /// How many calls users leave to the server.
    fn left_to_server(&self, sender: &Sender, rate: usize, now: Instant) -> usize {
        if *sender == Sender::Server || !self.are_of_server(now) { 0 } else { scaled(rate, OF_SERVER) }
    }

    /// Whether the server itself is expected to call.
    fn are_of_server(&self, now: Instant) -> bool {
        self.server_wanted_at.is_some_and(|at| at + SERVER_REMEMBERED > now)
    }

    /// When another call may be sent, if there are at most `most` calls per minute of those that count; `None` for at once.
    fn free_at(&self, most: usize, counts: impl Fn(&Sender) -> bool) -> Option<Instant> {
        let mut counted = self.sent_at.iter().rev().filter(|(_, sender)| counts(sender));
        counted.nth(most.saturating_sub(1)).map(|(at, _)| *at + MINUTE)
    }

    /// When another call may be sent by a replica that the others notice at `noticed_at`. Until then they use its part of the rate,
    /// and what they have sent counts for a minute more, so its part grows evenly within that minute.
    fn may_start_at(&self, noticed_at: Instant, rate: usize) -> Instant {
        let next = u32::try_from(self.sent_at.len() + 1).unwrap_or(u32::MAX);
        let rate = u32::try_from(rate).unwrap_or(u32::MAX).max(1);
        noticed_at + MINUTE.mul_f64(f64::from(next.min(rate)) / f64::from(rate))
    }

    /// Whether these entries can still delay a call.
    fn matter(&self, now: Instant) -> bool {
        self.sent_at.back().is_some_and(|(sent_at, _)| *sent_at + MINUTE > now)
            || self.are_of_server(now)
            || self.blocked.is_some_and(|blocked| blocked.ends_at() > now)
            || self.wanted_at.values().filter(|at| **at + REMEMBERED > now).count() > 1
    }

    /// Whether no user ever called, nothing is blocked, and the server has sent one request in the last minute at most.
    fn are_of_one_lookup(&self, now: Instant) -> bool {
        let is_over = self.sent_at.back().is_none_or(|(sent_at, _)| *sent_at + MINUTE <= now);
        self.wanted_at.is_empty() && self.blocked.is_none() && (is_over || self.sent_at.len() <= 1)
    }
}

/// A part of a rate, rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "rates are small and positive"
)]
fn scaled(rate: usize, part: f64) -> usize {
    (rate as f64 * part).round() as usize
}
