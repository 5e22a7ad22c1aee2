//! A view that moves: finished packages scroll up, running ones stay at the bottom.
//!
//! ```text
//! ✓ bootstrap/stage0  sha256:3f1c9a0b…  6.2 s
//! ▸ bootstrap/stage1  [12/31 gcc3] RUN make -C gcc all   1 m 12 s of about 8 m 10 s
//! ▸ core/zlib         fetching zlib-1.3.1.tar.gz  0.9 of 1.4 MiB
//!   4 of 9 packages, about 11 m 40 s left
//! ```

use super::{duration, size};
use cairn_build::Progress;
use cairn_build::progress::{Event, Step};
use cairn_core::tree::Name;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How often the times at the bottom move.
const TICK: Duration = Duration::from_millis(250);

/// A step that took at least this many seconds stays on the screen.
const LONG: f64 = 10.0;

/// The view. Dropping it leaves the terminal clean.
pub struct Live {
    state: Arc<Mutex<State>>,
}

struct State {
    colours: bool,
    estimates: BTreeMap<Name, Option<f64>>,
    running: BTreeMap<Name, Running>,
    done: usize,
    /// Lines of the moving part that are on the screen now.
    drawn: usize,
    over: bool,
}

struct Running {
    since: Instant,
    doing: String,
}

impl Live {
    pub fn new(colours: bool) -> Live {
        let state = Arc::new(Mutex::new(State {
            colours,
            estimates: BTreeMap::new(),
            running: BTreeMap::new(),
            done: 0,
            drawn: 0,
            over: false,
        }));
        let ticking = state.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(TICK);
                let mut state = lock(&ticking);
                if state.over {
                    return;
                }
                state.redraw(&[]);
            }
        });
        Live { state }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.over = true;
        state.running.clear();
        state.estimates.clear();
        state.redraw(&[]);
    }
}

impl Progress for Live {
    fn event(&self, event: &Event) {
        let mut state = lock(&self.state);
        let lines = state.take(event);
        state.redraw(&lines);
    }
}

fn step_line(step: &Step) -> String {
    format!("[{}/{} {}] {}", step.index, step.total, step.stage, step.text)
}

fn width() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr()).map_or(80, |w| usize::from(w.ws_col.max(20)))
}

/// What is done and for how long in one line of a terminal, the first shortened as far as
/// the second needs: a line that wraps could not be removed.
fn fit(doing: &str, times: &str, width: usize) -> String {
    let room = (width - 1).saturating_sub(times.chars().count() + 2);
    let line = if doing.chars().count() > room {
        doing.chars().take(room.saturating_sub(1)).chain(['…']).collect()
    } else {
        doing.to_owned()
    };
    format!("{line}  {times}").trim_end().chars().take(width - 1).collect()
}

/// A panic elsewhere must not take the view down with it.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(|e| e.into_inner())
}

impl State {
    /// Changes the state and gives the lines that are to stay on the screen.
    fn take(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Planned { packages, estimates } => {
                self.estimates = packages.iter().cloned().zip(estimates.iter().copied()).collect();
            }
            Event::PackageStarted { package } => self.doing(package, "starting".to_owned()),
            Event::Waiting { package } => self.doing(package, "another cairn builds it".to_owned()),
            Event::Fetch { package, location, bytes, total } => {
                let name = location.rsplit('/').next().unwrap_or(location);
                let of = total.map_or(String::new(), |t| format!(" of {}", size(t)));
                self.doing(package, format!("fetching {name}  {}{of}", size(*bytes)));
            }
            Event::StepStarted(step) => self.doing(&step.package, step_line(step)),
            Event::StepCached { step, seconds } => {
                self.doing(&step.package, step_line(step));
                // What is there already need not be waited for.
                if let Some(Some(estimate)) = self.estimates.get_mut(&step.package) {
                    *estimate = (*estimate - seconds).max(0.0);
                }
            }
            Event::StepFinished { step, seconds } if *seconds >= LONG => {
                let line = format!("  {} {}", step.package, step_line(step));
                return vec![self.paint("2", &fit(&line, &duration(*seconds), width()))];
            }
            Event::StepFinished { .. } | Event::Log { .. } => {}
            Event::PackageFinished { package, image, seconds, steps, cached } => {
                self.over(package);
                self.done += 1;
                if !cached {
                    let short: String = image.to_string().chars().take(15).collect();
                    return vec![self.finished(&format!("{package}  {short}…"), *seconds, *steps)];
                }
            }
            Event::StageFinished { package, stage, seconds, steps } => {
                self.over(package);
                self.done += 1;
                return vec![self.finished(&format!("{package}:{stage}"), *seconds, *steps)];
            }
            Event::PackageFailed { package } => {
                self.over(package);
                return vec![format!("{} {package}", self.paint("31", "✗"))];
            }
        }
        Vec::new()
    }

    /// The package is no longer among those that run or wait.
    fn over(&mut self, package: &Name) {
        self.running.remove(package);
        self.estimates.remove(package);
    }

    fn finished(&self, what: &str, seconds: f64, steps: f64) -> String {
        let all = if steps > seconds + 1.0 {
            format!(" (its steps took {})", duration(steps))
        } else {
            String::new()
        };
        format!("{} {what}  {}{all}", self.paint("32", "✓"), duration(seconds))
    }

    fn doing(&mut self, package: &Name, doing: String) {
        let now = Running { since: Instant::now(), doing: String::new() };
        self.running.entry(package.clone()).or_insert(now).doing = doing;
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn redraw(&mut self, lasting: &[String]) {
        let mut screen = String::new();
        for _ in 0..self.drawn {
            screen.push_str("\x1b[1A\x1b[2K");
        }
        for line in lasting {
            screen.push_str(line);
            screen.push('\n');
        }
        let moving = self.moving();
        for line in &moving {
            writeln!(screen, "{line}").expect("writing to a string cannot fail");
        }
        self.drawn = moving.len();
        // A terminal that has gone away is no reason to stop a build.
        let _ = std::io::stderr().write_all(screen.as_bytes());
    }

    fn moving(&self) -> Vec<String> {
        let width = width();
        let mut lines: Vec<String> = self
            .running
            .iter()
            .map(|(name, running)| {
                let spent = running.since.elapsed().as_secs_f64();
                let about = match self.estimates.get(name) {
                    Some(Some(last)) if *last > spent => format!(" of about {}", duration(*last)),
                    _ => String::new(),
                };
                let times = format!("{}{about}", duration(spent));
                fit(&format!("▸ {name}  {}", running.doing), &times, width)
            })
            .collect();
        if !lines.is_empty() {
            lines.push(fit(&self.summary(), "", width));
        }
        lines
    }

    fn summary(&self) -> String {
        let total = self.done + self.estimates.len();
        let left: f64 = self
            .estimates
            .iter()
            .map(|(name, last)| {
                let spent = self.running.get(name).map_or(0.0, |r| r.since.elapsed().as_secs_f64());
                (last.unwrap_or(0.0) - spent).max(0.0)
            })
            .sum();
        let unknown = self.estimates.values().filter(|e| e.is_none()).count();
        let mut line = format!("  {} of {total} packages", self.done);
        if left > 0.0 {
            line += &format!(", about {} left", duration(left));
        }
        if unknown > 0 {
            line += &format!(", {unknown} never built here");
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_never_wraps_and_its_time_is_always_seen() {
        let table = [
            ("▸ core/zlib  RUN make", "3 s", 40, "▸ core/zlib  RUN make  3 s"),
            ("▸ core/zlib  RUN make -C somewhere", "1 m 12 s", 30, "▸ core/zlib  RUN m…  1 m 12 s"),
            ("  3 of 9 packages", "", 40, "  3 of 9 packages"),
            ("  3 of 9 packages, about 11 m 40 s left", "", 20, "  3 of 9 package…"),
            ("▸ a", "1 h 00 m of about 2 h 00 m", 20, "…  1 h 00 m of abou"),
        ];
        for (doing, times, width, line) in table {
            assert_eq!(fit(doing, times, width), line);
            assert!(line.chars().count() < width);
        }
    }
}
