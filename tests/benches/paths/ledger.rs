//! The pages of a large ledger: the first, the middle and the last.

use std::time::Instant;

use serde_json::Value;
use subledger_benches::ledger::Ledger;
use subledger_benches::numbers::{Samples, short, thousands};
use subledger_benches::progress::bar;
use subledger_benches::report::Report;
use subledger_dynamodb::Consumption;
use subledger_tests::Invocation;

use crate::{Sizes, verdict};

/// Balances of a page.
const LIMIT: u64 = 100;
const QUESTIONS: usize = 200;

fn page(cursor: Option<&str>) -> Invocation {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
    Ledger::request("ListLedgerBalances", &[])
        .query(&format!("limit={LIMIT}{cursor}"))
        .header("accept-encoding", "identity")
}

struct Spot {
    name: &'static str,
    page: Invocation,
    times: Samples,
    consumed: Consumption,
}

pub(crate) async fn measure(sizes: Sizes, report: &mut Report) {
    let ledger = Ledger::new().await;
    let id = ledger.open_balance("template").await;
    let loading = bar("balances", sizes.balances);
    ledger.give_balances(id, sizes.balances, &loading);
    loading.finish_and_clear();

    // From the first page to the last, which shows that each balance is met once.
    let reading = bar("pages", sizes.balances / LIMIT);
    let (mut cursor, mut met, mut last) = (None::<String>, 0, (String::new(), String::new()));
    let (mut middle, mut end) = (None, None);
    loop {
        let answer: Value = ledger.json(&page(cursor.as_deref())).await;
        for item in answer["items"].as_array().unwrap() {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            let place = (text("createdAt"), text("id"));
            assert!(sortable(&last) < sortable(&place), "{last:?} before {place:?}");
            last = place;
            met += 1;
        }
        end.clone_from(&cursor);
        if middle.is_none() && met >= sizes.balances / 2 {
            middle.clone_from(&cursor);
        }
        reading.inc(1);
        match answer.get("next_cursor") {
            Some(next) => cursor = Some(next.as_str().unwrap().to_owned()),
            None => break,
        }
    }
    reading.finish_and_clear();
    assert!(met >= sizes.balances, "{met} of {}", sizes.balances);

    // The page before the end is full; the last may hold one balance.
    let before_end = ledger.json(&page(end.as_deref())).await;
    let previous = before_end["prev_cursor"].as_str().unwrap().to_owned();
    let pages = [("first", None), ("middle", middle), ("last full one", Some(previous))];
    let mut spots = pages.map(|(name, cursor)| Spot {
        name,
        page: page(cursor.as_deref()),
        times: Samples::default(),
        consumed: Consumption::default(),
    });
    for _ in 0..QUESTIONS {
        for spot in &mut spots {
            ledger.meter.take();
            let start = Instant::now();
            ledger.ask(&spot.page).await;
            spot.times.add_time(start.elapsed());
            spot.consumed = ledger.meter.take();
        }
    }
    write(report, &spots, met);
}

/// The position with all digits of its moment, because moments without trailing zeros do not sort
/// as text.
fn sortable((moment, id): &(String, String)) -> (String, String) {
    let (seconds, fraction) =
        moment.trim_end_matches('Z').split_once('.').unwrap_or((moment.trim_end_matches('Z'), ""));
    (format!("{seconds}.{fraction:0<6}"), id.clone())
}

fn write(report: &mut Report, spots: &[Spot], met: u64) {
    report.heading("A page of a large ledger");
    report.paragraph(&format!(
        "A ledger of {} balances in pages of {LIMIT}, read once from the first page to the last: every \
         balance was there once and in order. Then these pages, {QUESTIONS} times each in rotation.",
        thousands(&met.to_string()),
    ));
    let rows: Vec<_> = spots
        .iter()
        .map(|spot| {
            vec![
                spot.name.to_owned(),
                spot.consumed.calls.to_string(),
                short(spot.consumed.read_milli_units as f64 / 1000.0),
                short(spot.times.median() / 1000.0),
                short(spot.times.quantile(0.99) / 1000.0),
            ]
        })
        .collect();
    report.table(&["page", "calls", "read units", "p50, ms", "p99, ms"], &rows);
    let ratio = |of: fn(&Spot) -> f64| {
        let values = || spots.iter().map(of);
        values().fold(0.0, f64::max) / values().fold(f64::INFINITY, f64::min)
    };
    let units = ratio(|spot| spot.consumed.read_milli_units as f64);
    let time = ratio(|spot| spot.times.median());
    report.paragraph(&format!(
        "The dearest page to the cheapest: units {}; time {}.",
        verdict(units, 1.1),
        verdict(time, 1.1),
    ));
}
