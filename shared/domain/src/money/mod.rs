//! The basic values: exact amounts, moments, dates, ids and bounded texts.

pub mod amount;
pub mod bounded_list;
pub mod calendar_date;
pub mod ids;
pub(crate) mod named;
pub mod text;
pub mod timeline;
pub mod timestamp;
pub mod unique_name;
