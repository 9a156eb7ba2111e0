//! Deletes what is no longer needed.

use mcp_http::clock::Timestamp;

use super::{
    super::{
        Result, UNUSED_REGISTRATION,
        dialect::{Dialect, Lease},
        row::Argument,
    },
    Sql,
    statements::{
        CLEAN, CLEAN_GRANT, CLEAN_REGISTRATION, PRUNE_REGISTRATION, TOO_MANY_REGISTRATIONS, VOID_GRANTS, VOID_REGISTRATIONS,
    },
};

/// How many days a revoked or expired grant is stored, so that it can still be looked up.
const DEAD_GRANTS: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// How many rows one statement or short transaction of the cleanup deletes, so that no other write waits for long.
const BATCH: u32 = 500;

impl<D: Dialect> Sql<D> {
    /// Deletes everything that [`crate::store::Store::clean`] names.
    pub(super) async fn clean_all(&self, now: Timestamp, most_unused: u32) -> Result<u64> {
        let mut count = Ok(0);
        for sql in CLEAN {
            count = sum(count, self.clean_table(sql, now).await);
        }
        let ages = [now.into(), now.before(DEAD_GRANTS).into()];
        count = sum(count, self.clean_rows(VOID_GRANTS, &ages, &[], &CLEAN_GRANT, &ages).await);
        let of_now = [now.into()];
        count = sum(count, self.clean_rows(VOID_REGISTRATIONS, &of_now, &[], &[CLEAN_REGISTRATION], &of_now).await);
        let most = [i64::from(most_unused).into(), now.after(UNUSED_REGISTRATION).into()];
        for find in TOO_MANY_REGISTRATIONS {
            count = sum(count, self.clean_rows(find, &most, &["expires_at"], &[PRUNE_REGISTRATION], &[]).await);
        }
        count
    }

    /// Runs one of [`CLEAN`] batch by batch, so that other writes can run in between.
    async fn clean_table(&self, sql: &'static str, now: Timestamp) -> Result<u64> {
        let mut count = 0;
        loop {
            let batch = self.execute(sql, &[now.into(), i64::from(BATCH).into()]).await?;
            count += batch;
            if batch < u64::from(BATCH) {
                return Ok(count);
            }
        }
    }

    /// Deletes rows that take longer to find, batch by batch. `find` returns the IDs of at most `$1` rows without blocking
    /// writers. For each of them, as `$1`, `deletes` check again whether it is still to be deleted. The next parameters are the
    /// columns `saw` of the row that `find` returned, then `delete_arguments`.
    async fn clean_rows(
        &self,
        find: &'static str,
        find_arguments: &[Argument<'_>],
        saw: &[&'static str],
        deletes: &[&'static str],
        delete_arguments: &[Argument<'_>],
    ) -> Result<u64> {
        let mut count = 0;
        loop {
            let found = self.fetch(find, &[&[i64::from(BATCH).into()], find_arguments].concat()).await?;
            if found.is_empty() {
                return Ok(count);
            }
            let mut write = Lease::begin(&self.writes).await?;
            let mut batch = 0;
            for mut row in found {
                let mut columns = row.of("grants or registrations");
                let id = columns.text("id")?;
                let seen = saw.iter().map(|column| columns.time(column).map(Argument::from)).collect::<Result<Vec<_>>>()?;
                let arguments = [&[(&id).into()], &*seen, delete_arguments].concat();
                for sql in deletes {
                    batch += write.execute(sql, &arguments).await?;
                }
            }
            write.commit().await?;
            count += batch;
            // the rows that are left are valid again, or another replica deletes them
            if batch == 0 {
                return Ok(count);
            }
        }
    }
}

/// The sum of both counts, or the first failure.
fn sum(count: Result<u64>, more: Result<u64>) -> Result<u64> {
    Ok(count? + more?)
}
