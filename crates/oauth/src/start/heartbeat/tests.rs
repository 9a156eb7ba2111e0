use super::*;
use crate::{
    store::{self, StoreAt},
    testing,
};

/// A store in a folder that is removed with it.
async fn open() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let at = StoreAt::Sqlite(folder.path().join("store.sqlite"));
    (store::open(&at, testing::definitions()).await.unwrap(), folder)
}

fn heartbeat(store: &Arc<dyn Store>, id: &str) -> (Heartbeat, Replicas) {
    let replicas = Replicas::default();
    (Heartbeat::new(Arc::clone(store), id.to_owned(), replicas.clone()), replicas)
}

#[tokio::test]
async fn a_replica_that_joins_others_knows_when_they_have_noticed() {
    let (store, _folder) = open().await;
    let ((mut a, of_a), (mut b, of_b)) = (heartbeat(&store, "a"), heartbeat(&store, "b"));
    a.beat().await;
    assert_eq!((of_a.count(), of_a.noticed_at()), (1, None));
    let before = Instant::now();
    b.beat().await;
    let noticed_at = of_b.noticed_at().unwrap();
    assert!((before + INTERVAL..=Instant::now() + INTERVAL).contains(&noticed_at));
    a.beat().await;
    b.beat().await;
    assert_eq!((of_a.count(), of_a.noticed_at()), (2, None), "it was there first");
    assert_eq!((of_b.count(), of_b.noticed_at()), (2, Some(noticed_at)));
}

#[tokio::test]
async fn the_part_of_a_replica_that_is_gone_is_taken_a_minute_later() {
    let (store, _folder) = open().await;
    let ((mut a, of_a), (mut b, _)) = (heartbeat(&store, "a"), heartbeat(&store, "b"));
    for beating in [&mut a, &mut b] {
        beating.beat().await;
    }
    a.beat().await;
    for _ in 0..2 {
        store.leave("b").await.unwrap();
        for _ in 0..N_IN_MINUTE {
            a.beat().await;
            assert_eq!(of_a.count(), 2);
        }
        // it was restarted in time
        b.beat().await;
        a.beat().await;
    }
    store.leave("b").await.unwrap();
    for _ in 0..N_IN_MINUTE {
        a.beat().await;
    }
    assert_eq!(of_a.count(), 2);
    a.beat().await;
    assert_eq!(of_a.count(), 1);
}
