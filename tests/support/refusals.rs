//! Requests that are refused, in rows.

use crate::request::Request;
use crate::world::Client;

impl Client<'_> {
    /// Sends each request and checks that it is refused with this status and code, in the envelope
    /// of its dialect, and that nothing was written.
    pub async fn is_refused(&self, rows: impl IntoIterator<Item = (Request, u16, &str)>) {
        let before = self.world.items().await;
        for (request, status, code) in rows {
            self.send(request.clone()).await.refused(status, code);
            assert!(self.world.items().await == before, "{request} has written something");
        }
    }

    /// The same for requests of one method and target that differ in their body.
    pub async fn refuses_bodies(
        &self,
        target: &str,
        rows: impl IntoIterator<Item = (&str, u16, &str)>,
    ) {
        let request = Request::new("POST", target);
        self.is_refused(
            rows.into_iter().map(|(body, status, code)| (request.clone().text(body), status, code)),
        )
        .await;
    }

    /// The same for requests that read.
    pub async fn refuses_targets(&self, rows: impl IntoIterator<Item = (String, u16, &str)>) {
        self.is_refused(
            rows.into_iter().map(|(target, status, code)| (Request::get(&target), status, code)),
        )
        .await;
    }
}
