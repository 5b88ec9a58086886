//! Answers: a row opens before the model is called and is completed once.

use super::record::{NewResponse, Outcome, ResponseRecord, Status, record};
use super::{Store, StoreError, sql};
use aicon_protocol::id::{FileId, ResponseId, UserId};

impl Store {
    /// Opens the row of a use. Nothing may be asked of a model before this has returned.
    ///
    /// # Errors
    /// The row cannot be written: the use must be refused.
    pub async fn open_response(&self, new: &NewResponse) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO responses (id, owner, status, model, provider, input, input_files, previous_id, content, \
             input_tokens, output_tokens, total_tokens, usage_estimated, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, 0, FALSE, $9)",
        )
        .bind(new.id.as_str())
        .bind(new.owner.as_str())
        .bind(Status::Open.as_str())
        .bind(&new.model)
        .bind(&new.provider)
        .bind(&new.input)
        .bind(new.files.iter().map(FileId::as_str).collect::<Vec<_>>().join(" "))
        .bind(new.previous.as_ref().map(ResponseId::as_str))
        .bind(new.created_at)
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(sql("open a response"))
    }

    /// Stores how a use ended. What has ended stays as it is: a second call changes nothing and answers `false`.
    ///
    /// # Errors
    /// The row cannot be written.
    pub async fn complete_response(
        &self,
        id: &ResponseId,
        outcome: &Outcome,
    ) -> Result<bool, StoreError> {
        let mut transaction = self
            .pool
            .begin()
            .await
            .map_err(sql("begin completing a response"))?;
        let done = sqlx::query(
            "UPDATE responses SET status = $1, failure = $2, content = $3, input_tokens = $4, output_tokens = $5, \
             total_tokens = $6, usage_estimated = $7, completed_at = $8 WHERE id = $9 AND status = 'open'",
        )
        .bind(outcome.status.as_str())
        .bind(&outcome.failure)
        .bind(&outcome.content)
        .bind(column(outcome.usage.input_tokens))
        .bind(column(outcome.usage.output_tokens))
        .bind(column(outcome.usage.total_tokens))
        .bind(outcome.usage_estimated)
        .bind(outcome.completed_at)
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(sql("complete a response"))?;
        transaction
            .commit()
            .await
            .map_err(sql("commit a response"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The answer, if it is `owner`'s.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn response(
        &self,
        owner: &UserId,
        id: &ResponseId,
    ) -> Result<Option<ResponseRecord>, StoreError> {
        let row = sqlx::query("SELECT * FROM responses WHERE id = $1 AND owner = $2")
            .bind(id.as_str())
            .bind(owner.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(sql("read a response"))?;
        row.as_ref().map(record).transpose()
    }

    pub(super) async fn fail_interrupted(&self) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE responses SET status = 'failed', failure = 'interrupted' WHERE status = 'open'",
        )
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(sql("close interrupted responses"))
    }
}

/// SQL's integers are signed; a provider that reports more tokens than they hold is wrong anyway.
fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use aicon_protocol::ai::Usage;

    use super::*;

    fn new(id: &str, owner: &str) -> NewResponse {
        NewResponse {
            id: ResponseId::new(id),
            owner: UserId::new(owner),
            model: "demo".into(),
            provider: "demo".into(),
            input: "hi".into(),
            files: vec![FileId::new("file-1"), FileId::new("file-2")],
            previous: None,
            created_at: 1,
        }
    }

    fn outcome(status: Status) -> Outcome {
        let usage = Usage::new(1, 2);
        Outcome {
            status,
            failure: None,
            content: "text".into(),
            usage,
            usage_estimated: false,
            completed_at: 2,
        }
    }

    #[tokio::test]
    async fn an_answer_is_completed_once_and_read_by_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        store.open_response(&new("resp_1", "a")).await.unwrap();
        let id = ResponseId::new("resp_1");
        assert!(
            store
                .complete_response(&id, &outcome(Status::Completed))
                .await
                .unwrap()
        );
        assert!(
            !store
                .complete_response(&id, &outcome(Status::Stopped))
                .await
                .unwrap()
        );
        let record = store
            .response(&UserId::new("a"), &id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (record.status, record.content.as_str(), record.files.len()),
            (Status::Completed, "text", 2)
        );
        assert!(
            store
                .response(&UserId::new("b"), &id)
                .await
                .unwrap()
                .is_none()
        );
    }

    #[tokio::test]
    async fn what_a_crash_left_open_is_failed_after_the_next_start() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        store.open_response(&new("resp_1", "a")).await.unwrap();
        drop(store);
        let store = Store::open(directory.path()).await.unwrap();
        let record = store
            .response(&UserId::new("a"), &ResponseId::new("resp_1"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(record.status, Status::Failed);
    }
}
