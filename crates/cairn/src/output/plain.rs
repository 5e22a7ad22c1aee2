//! One line for each thing that happened: for logs, pipes and continuous integration.

use super::{duration, size};
use cairn_build::Progress;
use cairn_build::progress::Event;
use std::collections::HashSet;
use std::sync::Mutex;

/// Prints to standard error. Downloads are said once, at their start.
#[derive(Default)]
pub struct Plain {
    fetching: Mutex<HashSet<String>>,
}

impl Progress for Plain {
    fn event(&self, event: &Event) {
        match event {
            Event::Fetch { package, location, bytes, total } => {
                let mut fetching = self.fetching.lock().unwrap_or_else(|e| e.into_inner());
                if fetching.insert(location.clone()) {
                    let total = total.map_or(String::new(), |t| format!(" ({})", size(t)));
                    eprintln!("{package}: fetching {location}{total}");
                } else if Some(*bytes) == *total {
                    eprintln!("{package}: fetched {location} ({})", size(*bytes));
                }
            }
            other => {
                if let Some(line) = line(other) {
                    eprintln!("{line}");
                }
            }
        }
    }
}

/// What an event is in one line; `None` for what only a live view shows.
pub fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Planned { packages, estimates } => {
            let known: f64 = estimates.iter().flatten().sum();
            let unknown = estimates.iter().filter(|e| e.is_none()).count();
            let hint = match (unknown, known) {
                (0, known) => format!(", {} last time", duration(known)),
                (_, 0.0) => String::new(),
                (n, known) => format!(", {} last time and {n} never built here", duration(known)),
            };
            format!("{} package{}{hint}", packages.len(), if packages.len() == 1 { "" } else { "s" })
        }
        Event::PackageStarted { package } => format!("{package}: building"),
        Event::Waiting { package } => format!("{package}: another cairn builds it, waiting"),
        Event::StepStarted(step) => {
            format!("{}: [{}/{} {}] {}", step.package, step.index, step.total, step.stage, step.text)
        }
        Event::StepCached { step, .. } => format!(
            "{}: [{}/{} {}] {} (done before)",
            step.package, step.index, step.total, step.stage, step.text
        ),
        Event::StepFinished { step, seconds } if *seconds >= 1.0 => {
            format!("{}: [{}/{} {}] {}", step.package, step.index, step.total, step.stage, duration(*seconds))
        }
        Event::PackageFinished { package, image, seconds, steps, cached: false } => {
            format!("{package}: {image} in {}; its steps took {}", duration(*seconds), duration(*steps))
        }
        Event::StageFinished { package, stage, seconds, steps } => {
            format!("{package}:{stage} in {}; its steps took {}", duration(*seconds), duration(*steps))
        }
        Event::PackageFinished { cached: true, .. } => return None,
        Event::PackageFailed { package } => format!("{package}: failed"),
        Event::StepFinished { .. } | Event::Log { .. } | Event::Fetch { .. } => return None,
    })
}
