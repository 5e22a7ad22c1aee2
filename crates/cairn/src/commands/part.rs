//! Stages: `cairn build NAME:STAGE`, and `cairn log NAME[:STAGE] --times`.

use crate::args::{Build, EngineName, Global, How};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::{Output, duration, members, milliseconds};
use crate::project;
use cairn_build::progress::Silent;
use cairn_build::{Engine, Part, StepTime};
use cairn_core::json::Value;
use std::sync::Arc;

/// Refuses options that make no sense for a stage.
pub fn check(args: &Build) -> Result<()> {
    let hint = "name the whole package, without :STAGE";
    if args.update {
        return Err(Failure::usage("a stage has no digest to record").hint(hint));
    }
    if args.how.engine != EngineName::Embedded {
        return Err(Failure::usage("only cairn's own engine builds a single stage").hint(hint));
    }
    Ok(())
}

/// Builds each `NAME:STAGE`; prints one line for each.
pub fn build(engine: &Engine, stages: &[String], output: Output) -> Result<()> {
    for text in stages {
        let (name, stage) = project::name_and_stage(text)?;
        build::known(&engine.tree, &name)?;
        let part = engine.build_stage(&name, stage.unwrap_or_default()).map_err(|e| build::failure(&e))?;
        let cached = part.steps.iter().filter(|step| step.cached).count();
        let (steps, label) = (part.steps.len(), format!("{}:{}", part.name, part.stage));
        if output.json {
            println!("{}", whole("stage-built", &part).compact());
        } else {
            println!("{label} is built: {steps} steps, {cached} of them done before; nothing compared");
        }
    }
    Ok(())
}

/// Prints how long each step took when it ran.
pub fn times(global: &Global, text: &str, output: Output) -> Result<()> {
    let (name, stage) = project::name_and_stage(text)?;
    let mut engine = build::engine(global, &How::default(), false, output)?;
    engine.progress = Arc::new(Silent);
    build::known(&engine.tree, &name)?;
    let part = engine.look(&name, stage).map_err(|e| build::failure(&e))?;
    if part.steps.iter().all(|step| step.seconds.is_none()) {
        return Err(Failure::failed(format!("no step of {text} has run here"))
            .hint(format!("cairn build {text}"))
            .hint(format!("cairn build --no-cache {text}    # if it is built and gc forgot its steps")));
    }
    if output.json {
        part.steps.iter().for_each(|step| println!("{}", one(step).compact()));
        println!("{}", whole("times", &part).compact());
    } else {
        print!("{}", table(&part));
        if let Some(next) = part.steps.iter().find(|step| step.seconds.is_none()) {
            output.note(&format!("the rest has not run here, from {} on: cairn build {text}", next.place));
        }
    }
    Ok(())
}

fn one(time: &StepTime) -> Value {
    let ms = time.seconds.map_or(Value::Null, milliseconds);
    let rest = [("place", Value::from(time.place.as_str())), ("ms", ms)];
    Value::object([("event", Value::from("time"))].into_iter().chain(members(&time.step)).chain(rest))
}

fn whole(event: &str, part: &Part) -> Value {
    let number = |count: usize| Value::Number(count as i64);
    Value::object([
        ("event", Value::from(event)),
        ("package", part.name.as_str().into()),
        ("stage", part.stage.as_str().into()),
        ("steps", number(part.steps.len())),
        ("cached", number(part.steps.iter().filter(|step| step.cached).count())),
        ("missing", number(part.steps.iter().filter(|step| step.seconds.is_none()).count())),
        ("steps_ms", milliseconds(part.sum())),
    ])
}

/// Stage by stage, each with its sum in front of its steps.
fn table(part: &Part) -> String {
    let mut text = String::new();
    let column = |seconds: Option<f64>| seconds.map_or("-".to_owned(), duration);
    for steps in part.steps.chunk_by(|a, b| a.step.stage == b.step.stage) {
        let sum = steps.iter().filter_map(|step| step.seconds).reduce(|a, b| a + b);
        text += &format!("{:>9}  {}\n", column(sum), steps[0].step.stage);
        for time in steps {
            text += &format!("{:>9}    {}\n", column(time.seconds), time.step.text);
        }
    }
    let ran = part.steps.iter().filter(|step| step.seconds.is_some()).count();
    text + &format!("{:>9}  in all: {ran} of {} steps\n", duration(part.sum()), part.steps.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_build::progress::Step;

    #[test]
    fn the_time_of_a_stage_is_the_sum_of_its_steps_and_what_never_ran_has_none() {
        let package: cairn_core::tree::Name = "core/zlib".parse().expect("a good name");
        let step = |index, stage: &str, text: &str, seconds| StepTime {
            step: Step { package: package.clone(), stage: stage.into(), index, total: 4, text: text.into() },
            place: format!("Containerfile:{index}"),
            seconds,
            cached: true,
        };
        let steps = vec![
            step(1, "base", "COPY --from=core/gcc . /", Some(0.0)),
            step(2, "build", "RUN configure", Some(2.5)),
            step(3, "build", "RUN make", Some(72.0)),
            step(4, "package", "COPY --from=build /out /", None),
        ];
        let part = Part { name: package.clone(), stage: "package".to_owned(), steps, seconds: 0.0 };
        assert_eq!(
            table(&part),
            "    0.0 s  base\n    0.0 s    COPY --from=core/gcc . /\n 1 m 15 s  build\n\
             \x20   2.5 s    RUN configure\n 1 m 12 s    RUN make\n        -  package\n\
             \x20       -    COPY --from=build /out /\n 1 m 15 s  in all: 3 of 4 steps\n"
        );
        assert_eq!(
            whole("times", &part).compact(),
            r#"{"event":"times","package":"core/zlib","stage":"package","steps":4,"cached":4,"missing":1,"steps_ms":74500}"#
        );
    }
}
