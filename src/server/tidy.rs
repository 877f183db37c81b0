//! The wish to give memory back. Must not know how that is done.

use tokio::sync::Notify;

/// The wish for a pass.
#[derive(Debug, Default)]
pub struct Tidy(Notify);

impl Tidy {
    /// Resolves when that is so.
    pub async fn wished(&self) {
        self.0.notified().await;
    }

    /// Something was asked for and done.
    pub fn soon(&self) {
        self.0.notify_one();
    }
}
