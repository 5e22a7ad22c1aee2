use std::collections::BTreeMap;

use super::*;
use crate::containerfile::parse;

fn try_plan(text: &str, args: &[(&str, &str)]) -> Result<Plan, String> {
    let recipe = parse("Containerfile", text).map_err(|error| error.to_string())?;
    let args: BTreeMap<String, String> =
        args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    plan(&recipe, None, &args, &|_| Some(Config::scratch("amd64"))).map_err(|e| e.to_string())
}

fn plan_of(text: &str) -> Plan {
    try_plan(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn last(text: &str) -> PlannedStage {
    plan_of(text).stages.pop().expect("a plan has stages")
}

/// `created_by` of every line, those without a layer in brackets.
fn history(text: &str) -> Vec<String> {
    let shown = |line: crate::image::History| match line.empty_layer {
        true => format!("({})", line.created_by),
        false => line.created_by,
    };
    last(text).config.history.into_iter().map(shown).collect()
}

#[test]
fn history_is_worded_as_buildkit_words_it() {
    let table: &[(&str, &[&str])] = &[
        ("ENV A=b 'C'=\"d e\"", &["(ENV A=b C=d e)"]),
        ("ENV A b  c", &["(ENV A=b  c)"]),
        ("LABEL \"a b\"=c d=", &["(LABEL a b=c d=)"]),
        ("ARG A=1 B\nARG C=$A", &["(ARG A=1 B)", "(ARG C=1)"]),
        ("ARG TARGETARCH TARGETVARIANT", &["(ARG TARGETARCH TARGETVARIANT)"]),
        ("USER 1000:1000", &["(USER 1000:1000)"]),
        ("WORKDIR /a\nWORKDIR b/../c/\nWORKDIR /", &["WORKDIR /a", "WORKDIR /a/c", "(WORKDIR /)"]),
        ("CMD a b", &["(CMD [\"/bin/sh\" \"-c\" \"a b\"])"]),
        ("CMD [\"a\", \"b\\n\"]", &["(CMD [\"a\" \"b\\n\"])"]),
        ("ENTRYPOINT []", &["(ENTRYPOINT [])"]),
        (
            "SHELL [\"/bin/bash\", \"-c\"]\nCMD x",
            &["(SHELL [/bin/bash -c])", "(CMD [\"/bin/bash\" \"-c\" \"x\"])"],
        ),
        ("EXPOSE 80 53/udp", &["(EXPOSE map[53/udp:{} 80/tcp:{}])"]),
        ("VOLUME /a /b\nVOLUME [\"/c d\"]", &["(VOLUME [/a /b])", "(VOLUME [/c d])"]),
        ("STOPSIGNAL SIGTERM", &["(STOPSIGNAL SIGTERM)"]),
        ("COPY a b /c/", &["COPY a b /c/ # buildkit"]),
        (
            "COPY --link --from=core/gcc --chmod=755 --chown=1:2 --parents a /c",
            &["COPY --parents --chown=1:2 --chmod=755 a /c # buildkit"],
        ),
        ("COPY <<A x <<B /c/\n1\nA\n2\nB", &["COPY x <<A <<B /c/ # buildkit"]),
        ("ADD a.tar .", &["ADD a.tar . # buildkit"]),
        ("RUN a  && b", &["RUN /bin/sh -c a  && b # buildkit"]),
        ("RUN [\"a\", \"b c\"]", &["RUN a b c # buildkit"]),
        ("RUN a \\\n  b", &["RUN /bin/sh -c a   b # buildkit"]),
        ("RUN <<EOF\na\nb\nEOF", &["RUN /bin/sh -c a\nb\n # buildkit"]),
        ("RUN <<EOF\n#!/bin/x\nb\nEOF", &["RUN /bin/sh -c /dev/pipes/EOF # buildkit"]),
        ("RUN cat <<-A <<B\n\t1\n\tA\n2\nB", &["RUN /bin/sh -c cat <<-A <<B\n\t1\nA\n2\nB # buildkit"]),
        (
            "ARG A=1 B\nENV A=2\nARG A\nRUN x",
            &["(ARG A=1 B)", "(ENV A=2)", "(ARG A)", "RUN |2 A=2 B= /bin/sh -c x # buildkit"],
        ),
    ];
    for (text, want) in table {
        assert_eq!(history(&format!("FROM scratch\n{text}\n")), *want, "{text}");
    }
}

#[test]
fn a_stage_inherits_and_an_image_does_not() {
    let stage = last(
        "ARG G=global\nFROM scratch AS a\nARG G\nARG L=local\nENV E=env\nUSER 7\nWORKDIR /w\n\
         CMD x\nFROM a\nRUN y $G $L $E\n",
    );
    let Op::Run(run) = &stage.steps[0].op else { panic!("a RUN") };
    assert_eq!(run.argv, ["/bin/sh", "-c", "y $G $L $E"]);
    let names: Vec<String> = run.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(names, ["G=global", "L=local", crate::image::DEFAULT_PATH, "E=env"]);
    assert_eq!(run.cwd, "/w");
    assert_eq!(run.user, Account { user: Id::Number(7), group: None });
    assert_eq!(stage.base, Base::Stage(0));
    assert_eq!(stage.config.cmd.as_deref().map(<[_]>::len), Some(3));
    assert_eq!(
        stage.config.history.last().map(|line| line.created_by.as_str()),
        Some("RUN |2 G=global L=local /bin/sh -c y $G $L $E # buildkit"),
    );
}

#[test]
fn arguments_are_seen_where_they_are_declared() {
    let base = "ARG V=1\nARG W=${V}.2\nFROM scratch\n";
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let table: &[Row<'_>] = &[
        ("LABEL x=[$V]", &[], "[]"),
        ("ARG V\nLABEL x=[$V]", &[], "[1]"),
        ("ARG W\nLABEL x=[$W]", &[], "[1.2]"),
        ("ARG W\nLABEL x=[$W]", &[("V", "9")], "[9.2]"),
        ("ARG V=3\nLABEL x=[$V]", &[], "[3]"),
        ("ARG V=3\nLABEL x=[$V]", &[("V", "9")], "[9]"),
        ("LABEL x=[$V]\nARG V", &[], "[]"),
        ("ARG A=1\nARG B=$A\nLABEL x=[$B]", &[], "[1]"),
        ("ENV A=1\nENV A=2 B=$A\nLABEL x=[$B]", &[], "[1]"),
        ("ENV V=e\nARG V=3\nLABEL x=[$V]", &[], "[3]"),
        ("ARG V=3\nENV V=e\nLABEL x=[$V]", &[], "[e]"),
        ("ARG V\nLABEL x=['$V' \\$V]", &[], "['$V' $V]"),
        ("LABEL x='$V'", &[], "$V"),
        ("ARG SOURCE_DATE_EPOCH\nLABEL x=$SOURCE_DATE_EPOCH", &[("SOURCE_DATE_EPOCH", "9")], "0"),
        ("ARG TARGETPLATFORM BUILDARCH\nLABEL x=$TARGETPLATFORM,$BUILDARCH", &[], "linux/amd64,amd64"),
    ];
    for (text, args, want) in table {
        let text = text.replace("x=['$V' \\$V]", "x=\"['\\$V' \\$V]\"");
        let plan = try_plan(&format!("{base}{text}\n"), args).unwrap_or_else(|e| panic!("{e}"));
        let labels = &plan.stages.last().expect("a stage").config.labels;
        assert_eq!(labels["x"], *want, "{text}");
    }
}

#[test]
fn only_stages_that_are_needed_are_planned() {
    let plan = plan_of(
        "FROM debian AS unused\nFROM scratch AS a\nFROM scratch AS b\nRUN x\nFROM a AS c\n\
         RUN --mount=from=b,target=/m y\nFROM scratch\nCOPY --from=3 /x /\n",
    );
    let names: Vec<_> = plan.stages.iter().map(|stage| stage.name.as_deref()).collect();
    assert_eq!(names, [Some("a"), Some("b"), Some("c"), None]);
    let Op::Run(run) = &plan.stages[2].steps[0].op else { panic!("a RUN") };
    assert_eq!(run.mounts[0].from(), Some(&CopyFrom::Stage(1)));
    let Op::Copy(copy) = &plan.stages[3].steps[0].op else { panic!("a COPY") };
    assert_eq!(copy.from, CopyFrom::Stage(2));
}

#[test]
fn a_source_is_named_without_its_mirror() {
    let sum = "a".repeat(64);
    let text = |line: &str| {
        format!(
            "ARG DEBIAN_MIRROR\nFROM scratch AS fetch\nARG DEBIAN_MIRROR\nARG V=3.3\nWORKDIR /src\n\
             {line}\nRUN x\nFROM scratch\nCOPY --from=fetch / /\n"
        )
    };
    let add = text(&format!("ADD --checksum=sha256:{sum} ${{DEBIAN_MIRROR}}/pool/g/gcc_$V.tar.gz ."));
    for args in [&[][..], &[("DEBIAN_MIRROR", "http://mirror.example/debian")]] {
        let plan = try_plan(&add, args).unwrap_or_else(|e| panic!("{e}"));
        let Op::Fetch(fetch) = &plan.stages[0].steps[1].op else { panic!("a fetch") };
        assert_eq!(fetch.source.to_string(), "${DEBIAN_MIRROR}/pool/g/gcc_3.3.tar.gz");
        assert_eq!(fetch.file_name, "gcc_3.3.tar.gz");
        assert_eq!(fetch.dest, "/src/");
        let Op::Run(run) = &plan.stages[0].steps[2].op else { panic!("a RUN") };
        assert!(!run.env.iter().any(|(name, _)| name == "DEBIAN_MIRROR"));
    }
    assert!(try_plan(&text("LABEL x=$DEBIAN_MIRROR"), &[]).is_err());
    assert!(try_plan("FROM scratch\nARG DEBIAN_MIRROR\n", &[]).is_err());
    // The stage of the sources alone is no image, so it has no history to spoil.
    let recipe = parse("f", &add).unwrap_or_else(|error| panic!("{error}"));
    let fetch = plan(&recipe, Some("fetch"), &BTreeMap::new(), &|_| None);
    assert_eq!(fetch.map(|plan| plan.stages.len()), Ok(1));
}

#[test]
fn what_a_recipe_needs_is_known_without_building() {
    let sum = "b".repeat(64);
    let recipe = parse(
        "f",
        &format!(
            "FROM core/gcc AS a\nCOPY --from=core/make . /\nCOPY --from=core/make . /\n\
             RUN --mount=from=user/x@sha256:{sum},target=/x y\nADD --checksum=sha256:{sum} https://a.org/b /\n"
        ),
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let needs = needs(&recipe, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}"));
    let images: Vec<String> = needs.images.keys().map(ImageRef::to_string).collect();
    assert_eq!(images, ["core/gcc", "core/make", &format!("user/x@sha256:{sum}")]);
    let sources: Vec<String> = needs.sources.values().map(|source| source.url.to_string()).collect();
    assert_eq!(sources, ["https://a.org/b"]);
}

#[test]
fn paths_and_owners_are_absolute_and_numeric() {
    let stage = last(
        "FROM scratch\nUSER 1000\nWORKDIR /home\nCOPY --chown=5 a/ ../b/ x/\n\
         COPY --chmod=u=rwX,go= --parents ./a/./b .\nADD --unpack=false c.tar /d/.\nCOPY <<E /f\n$HOME \"$X\"\nE\n\
         COPY <<'E' /f\n$HOME\nE\nRUN --mount=type=cache,id=i,target=c,uid=5,mode=700 --mount=type=tmpfs,size=1k,target=/t \
         --mount=source=p,dst=/p,rw x\n",
    );
    let ops: Vec<&Op> = stage.steps.iter().map(|step| &step.op).collect();
    let owner = |id| Some(Account { user: Id::Number(id), group: Some(Id::Number(id)) });
    assert_eq!(ops[0], &Op::Mkdir(Mkdir { path: "/home".into(), owner: owner(1000) }));
    let Op::Copy(copy) = ops[1] else { panic!("a COPY") };
    assert_eq!((copy.sources.join(" "), copy.dest.as_str()), ("/a /b".into(), "/home/x/"));
    assert_eq!((&copy.chown, copy.unpack), (&owner(5), false));
    let Op::Copy(copy) = ops[2] else { panic!("a COPY") };
    assert_eq!((copy.sources.join(" "), copy.dest.as_str()), ("/a/./b".into(), "/home/"));
    assert_eq!(copy.chmod.as_ref().map(|mode| mode.apply(0o644, false)), Some(0o600));
    let Op::Copy(copy) = ops[3] else { panic!("an ADD") };
    assert_eq!((copy.dest.as_str(), copy.unpack), ("/d/", false));
    let Op::Copy(copy) = ops[4] else { panic!("a COPY") };
    assert_eq!(copy.inline, [InlineFile { name: "E".into(), data: b" \"\"\n".to_vec() }]);
    let Op::Copy(copy) = ops[5] else { panic!("a COPY") };
    assert_eq!(copy.inline[0].data, b"$HOME\n");
    let Op::Run(run) = ops[6] else { panic!("a RUN") };
    let targets: Vec<_> = run.mounts.iter().map(|m| (m.target.as_str(), m.read_only)).collect();
    assert_eq!(targets, [("/home/c", false), ("/t", false), ("/p", false)]);
    assert_eq!(run.mounts[1].kind, MountKind::Tmpfs { size: Some(1024) });
}

#[test]
fn configuration_is_what_the_lines_say() {
    let config = last(
        "FROM scratch\nENV PATH=/bin A=1\nENV A=2\nLABEL x=1\nLABEL x=2 y=\nEXPOSE 80\nVOLUME /v\n\
         CMD c\nENTRYPOINT [\"e\"]\nCMD [\"d\"]\nSTOPSIGNAL 9\nWORKDIR /w\nUSER u:g\n",
    )
    .config;
    assert_eq!(config.env, ["PATH=/bin", "A=2"]);
    assert_eq!(
        config.labels.into_iter().collect::<Vec<_>>(),
        [("x".into(), "2".into()), ("y".into(), String::new())]
    );
    assert_eq!(config.cmd.as_deref(), Some(&["d".to_owned()][..]));
    assert_eq!(config.entrypoint.as_deref(), Some(&["e".to_owned()][..]));
    assert!(config.args_escaped);
    assert_eq!((config.user.as_str(), config.working_dir.as_str()), ("u:g", "/w"));
    let reset = last("FROM scratch AS a\nCMD c\nFROM a\nENTRYPOINT [\"e\"]\n").config;
    assert_eq!(reset.cmd, None);
}

#[test]
fn a_variable_without_a_value_is_noted() {
    let plan = plan_of("FROM scratch\nLABEL a=$NOPE b=${ALSO:-x} c='$QUOTED' d=$$\n");
    let names: Vec<&str> = plan.undefined.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["NOPE"]);
}

/// The order was read off `/proc/1/environ` under a real BuildKit, which adds `HOME`.
#[test]
fn variables_reach_a_program_in_the_order_of_buildkit() {
    let stage = last(
        "ARG G=g\nFROM scratch AS a\nENV A=1 PATH=/bin\nARG B=2 G\nENV C=3 A=4\nARG D\n\
         FROM a\nENV E=5\nARG B=6\nRUN x\n",
    );
    let Op::Run(run) = &stage.steps[0].op else { panic!("a RUN") };
    let env: Vec<String> = run.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(env, ["G=g", "PATH=/bin", "A=4", "C=3", "E=5", "B=6"]);
}
