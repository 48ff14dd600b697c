//! The log of the local stack: warnings and errors, on standard error.
//!
//! The engine warns of every request that it refuses. A transaction whose condition fails is no
//! reason for a warning: that is how two writes of one balance find out about each other, and how a
//! repeated request finds what it made before. So these are counted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// How many transactions the engine has canceled.
#[derive(Debug, Clone, Default)]
pub struct Canceled(Arc<AtomicU64>);

impl Canceled {
    /// The count so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Starts the log of this process.
#[must_use]
pub fn start() -> Canceled {
    let canceled = Canceled::default();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(canceled.clone())).init();
    canceled
}

impl<S: Subscriber> Filter<S> for Canceled {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        if !event.metadata().target().starts_with("dynoxide::") {
            return true;
        }
        let mut refusal = Refusal::default();
        event.record(&mut refusal);
        let is_canceled =
            refusal.operation == "TransactWriteItems" && refusal.status.starts_with("400");
        if is_canceled {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        !is_canceled
    }
}

/// What the engine says about a request that it refuses.
#[derive(Default)]
struct Refusal {
    operation: String,
    /// The status code and its name.
    status: String,
}

impl Visit for Refusal {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "operation" => value.clone_into(&mut self.operation),
            "status" => value.clone_into(&mut self.status),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
