//! The cache of fetched documents, with fetches that are counted and fail on demand.

use super::*;

impl MemorySize for usize {
    fn memory_size(&self) -> usize {
        0
    }
}

impl MemorySize for Value {
    fn memory_size(&self) -> usize {
        self.to_string().len()
    }
}

#[tokio::test]
async fn large_values_take_no_more_memory_than_small_ones() {
    let (_, clock) = MockClock::new();
    let cache = Cache::<Value>::new(Terms::DOCUMENTS, clock);
    for index in 0..3_000 {
        let document = async { Ok((Value::from("x".repeat(60_000)), None)) };
        assert!(cache.get(&index.to_string(), a_permit(), document).await.is_ok());
    }
    let sizes = cache.memory_sizes().await;
    assert!(sizes.iter().all(|size| (1..=Terms::DOCUMENTS.bytes).contains(size)), "{sizes:?}");
}

#[tokio::test]
async fn a_large_value_is_cached_although_small_ones_that_are_often_used_fill_the_cache() {
    let (_, clock) = MockClock::new();
    let cache = Cache::<Value>::new(Terms { bytes: 1 << 20, ..Terms::DOCUMENTS }, clock);
    let small = |index: u64| (index % 1_000).to_string();
    for index in 0..4_000 {
        assert!(cache.get(&small(index), a_permit(), async { Ok((Value::from("small"), None)) }).await.is_ok());
    }
    let fetches = AtomicUsize::new(0);
    for _ in 0..3 {
        let large = async {
            fetches.fetch_add(1, Ordering::SeqCst);
            Ok((Value::from("x".repeat(100_000)), None))
        };
        assert!(cache.get("large", a_permit(), large).await.is_ok());
        cache.memory_sizes().await;
    }
    assert_eq!(fetches.into_inner(), 1);
}

/// A cache that counts its fetches, which fail on demand.
struct Counted {
    cache: Cache<usize>,
    fetches: AtomicUsize,
    failure: Mutex<Option<Error>>,
    lifetime: Duration,
}

impl Counted {
    fn new(lifetime: Duration) -> (Self, MockClock) {
        Self::with(Terms::DOCUMENTS, lifetime)
    }

    fn with(terms: Terms, lifetime: Duration) -> (Self, MockClock) {
        let (mock_clock, clock) = MockClock::new();
        let (fetches, failure) = (AtomicUsize::new(0), Mutex::new(None));
        (Self { cache: Cache::new(terms, clock), fetches, failure, lifetime }, mock_clock)
    }

    async fn fetch(&self) -> Fetched<usize> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match &*self.failure.lock().unwrap() {
            Some(error) => Err(error.clone()),
            None => Ok((number, Some(self.lifetime))),
        }
    }

    async fn get(&self) -> Result<usize, Error> {
        self.cache.get("a", a_permit(), self.fetch()).await.map(|value| *value)
    }

    fn fail(&self, error: Error) {
        *self.failure.lock().unwrap() = Some(error);
    }
}

/// A permit that is available immediately.
fn a_permit() -> std::future::Ready<Result<(), Error>> {
    std::future::ready(Ok(()))
}

/// A permit that is refused after a while.
async fn no_permit() -> Result<(), Error> {
    tokio::task::yield_now().await;
    Err(Error::Busy)
}

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

fn down() -> Error {
    Error::Timeout("a".to_owned())
}

#[tokio::test]
async fn what_was_fetched_is_kept_as_long_as_it_says_within_bounds() {
    for (lifetime, kept) in [(HOUR, HOUR), (Duration::ZERO, MINUTE * 5), (HOUR * 1000, HOUR * 24)] {
        let (counted, mock_clock) = Counted::new(lifetime);
        assert_eq!(counted.get().await, Ok(0));
        mock_clock.turn(kept.mul_f64(0.9));
        assert_eq!(counted.get().await, Ok(0), "{lifetime:?}");
        mock_clock.turn(kept.mul_f64(0.1));
        assert_eq!(counted.get().await, Ok(1), "{lifetime:?}");
    }
}

#[tokio::test]
async fn a_failure_is_kept_for_a_minute() {
    let (counted, mock_clock) = Counted::new(HOUR);
    counted.fail(down());
    assert_eq!(counted.get().await, Err(down()));
    assert_eq!(counted.get().await, Err(down()));
    assert_eq!(counted.fetches.load(Ordering::SeqCst), 1);
    *counted.failure.lock().unwrap() = None;
    mock_clock.turn(MINUTE);
    assert_eq!(counted.get().await, Ok(1));
}

#[tokio::test]
async fn a_good_copy_serves_for_a_day_while_its_place_is_down() {
    let (counted, mock_clock) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    counted.fail(down());
    mock_clock.turn(HOUR * 24);
    assert_eq!(counted.get().await, Ok(0));
    mock_clock.turn(HOUR);
    assert_eq!(counted.get().await, Err(down()));
}

#[tokio::test]
async fn a_copy_goes_when_its_owner_takes_it_away() {
    let (counted, mock_clock) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    let gone = Error::Status { host: "a".to_owned(), status: 404 };
    counted.fail(gone.clone());
    mock_clock.turn(HOUR);
    assert_eq!(counted.get().await, Err(gone));
}

#[tokio::test]
async fn a_copy_from_the_operators_host_outlives_a_response_that_is_not_usable() {
    let (counted, mock_clock) = Counted::with(Terms::OPERATOR, HOUR);
    assert_eq!(counted.get().await, Ok(0));
    let unusable = Error::NotJson("a".to_owned());
    counted.fail(unusable.clone());
    mock_clock.turn(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    // a request that asks for a new copy gets the old one, too
    mock_clock.turn(MINUTE);
    assert_eq!(counted.cache.renew("a", a_permit(), counted.fetch()).await.map(|value| *value), Ok(0));
    mock_clock.turn(HOUR * 24);
    assert_eq!(counted.get().await, Err(unusable));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_live_longer() {
    let (counted, mock_clock) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    mock_clock.turn_back(HOUR * 1000);
    assert_eq!(counted.get().await, Ok(1));
}

#[tokio::test]
async fn failures_of_others_push_no_good_copy_out() {
    let (counted, _) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    for index in 0..Terms::DOCUMENTS.bytes / 1024 * 3 {
        let address = index.to_string();
        // requested more than once, because the cache evicts by frequency
        for _ in 0..3 {
            assert_eq!(counted.cache.get(&address, a_permit(), async { Err(down()) }).await, Err(down()));
        }
    }
    assert_eq!(counted.get().await, Ok(0));
    assert_eq!(counted.fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_waits_for_one_without_a_turn_tries_again() {
    let (_, clock) = MockClock::new();
    let cache = Cache::<usize>::new(Terms::DOCUMENTS, clock);
    let busy = async {
        tokio::task::yield_now().await;
        Err(Error::Busy)
    };
    let (first, second) = tokio::join!(cache.get("a", a_permit(), busy), cache.get("a", a_permit(), async { Ok((1, None)) }));
    assert_eq!((first, second.map(|value| *value)), (Err(Error::Busy), Ok(1)));
}

#[tokio::test]
async fn who_has_no_turn_gets_the_old_copy_and_makes_it_no_fresher() {
    let (counted, mock_clock) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    mock_clock.turn(HOUR);
    let value = |outcome: Result<Arc<usize>, Error>| outcome.map(|value| *value);
    assert_eq!(value(counted.cache.get("a", no_permit(), counted.fetch()).await), Ok(0));
    assert_eq!(value(counted.cache.renew("a", no_permit(), counted.fetch()).await), Ok(0));
    let busy = || async { Err(Error::Busy) };
    assert_eq!(value(counted.cache.get("a", a_permit(), busy()).await), Ok(0));
    assert_eq!(value(counted.cache.renew("a", a_permit(), busy()).await), Ok(0));
    assert_eq!(counted.fetches.load(Ordering::SeqCst), 1);
    assert_eq!(counted.get().await, Ok(1), "who has a turn fetches at once");
    mock_clock.turn(HOUR * 25);
    assert_eq!(value(counted.cache.get("a", no_permit(), counted.fetch()).await), Err(Error::Busy), "too old to serve");
}

#[tokio::test]
async fn what_is_known_needs_no_permit() {
    let (counted, _) = Counted::new(HOUR);
    counted.fail(down());
    assert_eq!(counted.get().await, Err(down()));
    assert_eq!(counted.cache.get("a", no_permit(), counted.fetch()).await.map(|value| *value), Err(down()));
}

#[tokio::test]
async fn many_who_ask_at_once_cause_one_fetch() {
    let (counted, mock_clock) = Counted::new(HOUR);
    for round in 0..2 {
        let (a, b, c, d) = tokio::join!(counted.get(), counted.get(), counted.get(), counted.get());
        assert_eq!((a, b, c, d), (Ok(round), Ok(round), Ok(round), Ok(round)));
        mock_clock.turn(HOUR);
    }
}

#[tokio::test]
async fn renewing_happens_once_a_minute() {
    let (counted, mock_clock) = Counted::new(HOUR);
    assert_eq!(counted.get().await, Ok(0));
    let renew = || async { counted.cache.renew("a", a_permit(), counted.fetch()).await.map(|value| *value) };
    assert_eq!(renew().await, Ok(0));
    mock_clock.turn(MINUTE);
    assert_eq!((renew().await, renew().await), (Ok(1), Ok(1)));
}

#[tokio::test]
async fn what_one_user_keeps_pushes_out_nothing_that_others_keep() {
    let (_, clock) = MockClock::new();
    let cache: Cache<usize> = Cache::new(Terms { bytes: 40 << 10, ..Terms::DOCUMENTS }, clock);
    let fetched = async |url: &str| cache.get(url, a_permit(), async { Ok((1, None)) }).await.map(drop);
    let is_there = async |url: &str| cache.get(url, no_permit(), async { Ok((2, None)) }).await == Ok(Arc::new(1));
    fetched("of ada").await.unwrap();
    cache.keep("of ada", "ada").await;
    for number in 0..1_000 {
        let url = format!("of eve {number}");
        fetched(&url).await.unwrap();
        cache.keep(&url, "eve").await;
    }
    assert!(is_there("of ada").await);
    assert!(is_there("of eve 999").await && !is_there("of eve 900").await, "the last ones stay");
}
