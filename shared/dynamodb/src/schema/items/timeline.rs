//! The attributes of a timeline, which stand among those of its object.

use serde::{Deserialize, Serialize};
use subledger::money::timeline::Timeline;
use subledger::money::timestamp::Timestamp;

use crate::schema::canonical;

#[derive(Serialize, Deserialize)]
pub(crate) struct TimelineAttributes {
    #[serde(with = "canonical")]
    created_at: Timestamp,
    #[serde(with = "canonical")]
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    deleted_at: Option<Timestamp>,
    revision: u64,
}

impl From<Timeline> for TimelineAttributes {
    fn from(timeline: Timeline) -> Self {
        let Timeline { created_at, updated_at, deleted_at, revision } = timeline;
        Self { created_at, updated_at, deleted_at, revision }
    }
}

impl From<TimelineAttributes> for Timeline {
    fn from(attributes: TimelineAttributes) -> Self {
        let TimelineAttributes { created_at, updated_at, deleted_at, revision } = attributes;
        Self { created_at, updated_at, deleted_at, revision }
    }
}
