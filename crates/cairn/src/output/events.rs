//! Events as JSON, one object a line.
//!
//! Every object has `event`; the other members are those of the event. Members are
//! only ever added, so a script may rely on those it knows.

use cairn_build::Progress;
use cairn_build::progress::{Event, Step};
use cairn_core::json::Value;

/// Prints to standard output.
pub struct JsonLines;

impl Progress for JsonLines {
    fn event(&self, event: &Event) {
        println!("{}", value(event).compact());
    }
}

/// A JSON string, quotes included.
pub fn json_string(text: &str) -> String {
    Value::from(text).compact()
}

/// Milliseconds, because cairn's JSON has no fractions.
pub fn milliseconds(seconds: f64) -> Value {
    Value::Number((seconds * 1000.0).round() as i64)
}

fn value(event: &Event) -> Value {
    let named = |name: &str, rest: Vec<(&str, Value)>| {
        Value::object(std::iter::once(("event", Value::from(name))).chain(rest))
    };
    match event {
        Event::Planned { packages, estimates } => {
            let seen = packages.iter().zip(estimates).map(|(package, estimate)| {
                Value::object([
                    ("package", Value::from(package.as_str())),
                    ("last_ms", estimate.map_or(Value::Null, milliseconds)),
                ])
            });
            named("planned", vec![("packages", Value::Array(seen.collect()))])
        }
        Event::PackageStarted { package } => {
            named("package-started", vec![("package", package.as_str().into())])
        }
        Event::Waiting { package } => named("waiting", vec![("package", package.as_str().into())]),
        Event::Fetch { package, location, bytes, total } => named(
            "fetch",
            vec![
                ("package", package.as_str().into()),
                ("location", location.as_str().into()),
                ("bytes", Value::Number(*bytes as i64)),
                ("total", total.map_or(Value::Null, |t| Value::Number(t as i64))),
            ],
        ),
        Event::StepStarted(step) => named("step-started", members(step)),
        Event::StepCached { step, seconds } => {
            let mut all = members(step);
            all.push(("ms", milliseconds(*seconds)));
            named("step-cached", all)
        }
        Event::StepFinished { step, seconds } => {
            let mut all = members(step);
            all.push(("ms", milliseconds(*seconds)));
            named("step-finished", all)
        }
        Event::Log { package, path } => named(
            "log",
            vec![("package", package.as_str().into()), ("path", path.to_string_lossy().into_owned().into())],
        ),
        Event::StageFinished { package, stage, seconds, steps } => named(
            "stage-finished",
            vec![
                ("package", package.as_str().into()),
                ("stage", stage.as_str().into()),
                ("ms", milliseconds(*seconds)),
                ("steps_ms", milliseconds(*steps)),
            ],
        ),
        Event::PackageFinished { package, image, seconds, steps, cached } => named(
            "package-finished",
            vec![
                ("package", package.as_str().into()),
                ("image", image.to_string().into()),
                ("ms", milliseconds(*seconds)),
                ("steps_ms", milliseconds(*steps)),
                ("cached", Value::Bool(*cached)),
            ],
        ),
        Event::PackageFailed { package } => {
            named("package-failed", vec![("package", package.as_str().into())])
        }
    }
}

/// What every object about a step has.
pub fn members(step: &Step) -> Vec<(&'static str, Value)> {
    vec![
        ("package", step.package.as_str().into()),
        ("stage", step.stage.as_str().into()),
        ("step", Value::Number(step.index as i64)),
        ("steps", Value::Number(step.total as i64)),
        ("text", step.text.as_str().into()),
    ]
}
