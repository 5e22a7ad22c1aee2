//! The command line, stated once: help, completions and man pages are derived from it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Reproducible, multi-signed OCI images, built from a seed of a few hundred bytes.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, max_term_width = 100)]
#[command(after_help = "\
Exit status: 0 fine, 1 failed, 2 wrong usage, 3 a digest differs, 4 not trusted.

Examples:
  cairn build bootstrap/stage0          build one package and check its digest
  cairn build bootstrap/stage1:musl     only as far as one of its stages
  cairn export core/gcc gcc.tgz         a file for docker load, podman load, skopeo
  cairn log core/gcc                    what the last build of it printed")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The project: the folder that has packages/ and digests/ (default: the nearest one upwards)
    #[arg(long, global = true, value_name = "DIR", env = "CAIRN_TREE")]
    pub tree: Option<PathBuf>,
    /// The store (default: ~/.cache/cairn)
    #[arg(long, global = true, value_name = "DIR", env = "CAIRN_HOME")]
    pub home: Option<PathBuf>,
    /// One JSON object a line on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build packages (default: all) and compare their digests with digests/
    Build(Build),
    /// Build packages (default: those that changed) again under other conditions and compare
    Reproduce(Reproduce),
    /// Say in what two images differ, and why they probably do
    Diff(Diff),
    /// Try finished images: run the tests of packages (default: all)
    Test(Test),
    /// Bring the sources of packages (default: all) into the store
    Fetch(Names),
    /// Write a package's image to a file that docker, podman and skopeo load
    Export(Export),
    /// Print the packages in build order, each with what it is built from
    Graph(Names),
    /// Say why A is needed to build B: the shortest chain of dependencies
    Why(Why),
    /// Show the log of a package's last build, or where its time goes
    Log(Log),
    /// Open a shell in a stage of a package, as its RUN lines would see it
    Shell(Shell),
    /// Say what opaque bytes an image rests on
    Seeds(Seeds),
    /// Say whether enough people vouch for images (default: all that have a digest)
    Verify(Verify),
    /// Show what a reviewer must read: definition, changes, sources, binary files
    Review(Review),
    /// Vote for what this machine built, or sign another statement
    Sign(Sign),
    /// List the trusted keys, or add one
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show, propose, sign or export the policy
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Check definitions, tests and what is inside the sources
    Lint(Lint),
    /// Begin a package from its source archive
    New(New),
    /// Find newer versions in the Debian index, and change the definitions to them
    Update(Update),
    /// Delete what no package of this tree needs any more from the store
    Gc,
    /// Re-hash everything in the store but unpacked trees
    Fsck(Fsck),
    /// Say what this machine lacks, and the command that fixes it
    Doctor,
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct Names {
    /// Packages, as GROUP/NAME
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

#[derive(Debug, Args, Clone)]
pub struct How {
    /// The engine that runs the build
    #[arg(long, value_enum, default_value_t = EngineName::Embedded)]
    pub engine: EngineName,
    /// Packages built at the same time (default: half the processors)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Processors that each build sees
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub cpus: u32,
    /// Use no earlier result: run every step again
    #[arg(long)]
    pub no_cache: bool,
    /// Use only sources that are in the store already
    #[arg(long)]
    pub offline: bool,
}

#[derive(Debug, Args)]
pub struct Build {
    /// Packages, as GROUP/NAME; GROUP/NAME:STAGE builds as far as that stage and compares nothing
    #[arg(value_name = "NAME[:STAGE]")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub how: How,
    /// Record the digests in digests/ instead of comparing
    #[arg(long)]
    pub update: bool,
    /// Under the other conditions of `reproduce`: how it starts its second build
    #[arg(long, hide = true)]
    pub elsewhere: bool,
    /// Those that stay as they are
    #[arg(long, hide = true, value_enum, value_delimiter = ',')]
    pub same: Vec<SameName>,
    #[command(flatten)]
    pub finished: Finished,
}

#[derive(Debug, Args, Clone, Default)]
pub struct Finished {
    /// Take finished images from this OCI layout, an unpacked folder, if `cairn verify`
    /// trusts them; build the others. May be given several times
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub from_layout: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    pub packages: Names,
    #[command(flatten)]
    pub how: How,
    /// Run also what was run before on the same images
    #[arg(long)]
    pub again: bool,
}

#[derive(Debug, Args)]
pub struct Lint {
    #[command(flatten)]
    pub packages: Names,
    /// Build each package again without each of its dependencies, to find those it does not need
    #[arg(long, requires = "names")]
    pub unneeded: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn new core/lz4 https://github.com/lz4/lz4/releases/download/v1.10.0/lz4-1.10.0.tar.gz
  cairn new core/lz4 lz4-1.10.0.tar.gz --url https://example.org/lz4-1.10.0.tar.gz
  cairn new core/lz4 lz4                the Debian source package lz4")]
pub struct New {
    /// The package, as GROUP/NAME
    pub name: String,
    /// The archive: an address, a file, or the name of a Debian source package
    pub source: String,
    /// Where a file comes from, for the definition
    #[arg(long, value_name = "ADDRESS")]
    pub url: Option<String>,
}

#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    pub packages: Names,
    /// Change the definitions instead of showing what would change
    #[arg(long)]
    pub write: bool,
}

#[derive(Debug, Args)]
pub struct Reproduce {
    #[command(flatten)]
    pub packages: Names,
    #[command(flatten)]
    pub how: How,
    /// Every package, with all it needs, instead of those not reproduced here as they are now
    #[arg(long)]
    pub all: bool,
    /// Other engines that build it again, too: `auto` is the first that answers
    #[arg(long, value_enum, value_delimiter = ',', default_value = "auto", value_name = "ENGINE")]
    pub with: Vec<With>,
    /// Leave these as they are: to find the cause, or because a build needs it
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub same: Vec<SameName>,
    /// Where the second build has its files (default: the store, or /var/tmp for another user)
    #[arg(long, value_name = "DIR")]
    pub place: Option<PathBuf>,
}

/// Who else builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum With {
    /// The first of docker, podman and buildah that answers
    Auto,
    /// No other engine
    None,
    Docker,
    Podman,
    Buildah,
}

/// What need not differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SameName {
    /// Who builds
    User,
    /// The time of day
    Clock,
    /// The order in which directories are listed
    Directories,
    /// How many processors there are
    Cpus,
    /// The machine's name
    Hostname,
    /// Where things lie in memory
    Addresses,
    /// The kernel's version
    Kernel,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// A package (its last build), a digest in the store, or a file from `cairn export`
    pub first: String,
    /// The other one
    pub second: String,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The package, as GROUP/NAME or GROUP-NAME
    pub name: String,
    /// The file to write; replaced at once when complete
    pub file: PathBuf,
    #[command(flatten)]
    pub how: How,
    #[command(flatten)]
    pub finished: Finished,
}

#[derive(Debug, Args)]
pub struct Why {
    /// The package that is needed
    pub needed: String,
    /// The package that needs it
    pub by: String,
}

#[derive(Debug, Args)]
pub struct Log {
    /// The package, as GROUP/NAME; with --times also GROUP/NAME:STAGE
    #[arg(value_name = "NAME[:STAGE]")]
    pub name: String,
    /// The whole log of every step, not only the last one
    #[arg(long)]
    pub all: bool,
    /// How long each step took when it ran, whichever build that was
    #[arg(long, conflicts_with = "all")]
    pub times: bool,
}

#[derive(Debug, Args)]
pub struct Fsck {
    /// Delete what is damaged; what is needed is fetched or built again
    #[arg(long)]
    pub delete: bool,
}

#[derive(Debug, Args)]
pub struct Shell {
    /// GROUP/NAME, or GROUP/NAME:STAGE (default stage: build)
    pub stage: String,
    /// The command to run instead of a shell
    #[arg(last = true)]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Seeds {
    /// The package, as GROUP/NAME
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// cairn's own, with no daemon
    Embedded,
    Docker,
    Podman,
    Buildah,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Images, as GROUP/NAME or GROUP/NAME@sha256:…
    #[arg(value_name = "NAME[@DIGEST]")]
    pub images: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Review {
    /// The package, as GROUP/NAME
    pub name: String,
    /// Compare with the tree of this git revision (default: the newest in which another
    /// definition of the package had a recorded digest)
    #[arg(long, value_name = "REVISION")]
    pub since: Option<String>,
    /// Use only sources that are in the store already
    #[arg(long)]
    pub offline: bool,
}

#[derive(Debug, Args)]
pub struct Sign {
    #[command(flatten)]
    pub packages: Names,
    /// Who signs: a folder of trust/keys
    #[arg(long = "as", value_name = "PERSON", env = "CAIRN_PERSON")]
    pub person: Option<String>,
    /// Sign with this SSH private key
    #[arg(long, value_name = "FILE")]
    pub ssh_key: Option<PathBuf>,
    /// Beside each vote, sign an in-toto link that says the same (one more signature)
    #[arg(long)]
    pub in_toto: bool,
    #[command(flatten)]
    pub what: SignWhat,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct SignWhat {
    /// I read these definitions and the changes of their sources
    #[arg(long)]
    pub review: bool,
    /// I propose these definitions
    #[arg(long)]
    pub propose: bool,
    /// The objections that the tree has now are settled: this image is right
    #[arg(long, value_name = "DIGEST")]
    pub settle: Option<String>,
    /// The whole set as digests/ has it now
    #[arg(long)]
    pub snapshot: bool,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Every key, whose it is and until when it counts
    List,
    /// Add a person, or a key to a person
    Add(KeyAdd),
}

#[derive(Debug, Args)]
pub struct KeyAdd {
    /// The folder in trust/keys: lower-case letters, digits, `-`
    pub person: String,
    /// An OpenPGP key in gpg's keyring
    #[arg(long, value_name = "FINGERPRINT")]
    pub gpg: Option<String>,
    /// An SSH public key
    #[arg(long, value_name = "FILE.pub")]
    pub ssh: Option<PathBuf>,
    /// The person's name
    #[arg(long)]
    pub name: Option<String>,
    /// The person's organisation, in one word
    #[arg(long)]
    pub organisation: Option<String>,
    /// maintainer, reviewer, reproducer, root, or machine alone
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// The day from which the key no longer counts
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub not_after: String,
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// What is in force, and who vouches for it
    Show,
    /// Write the next root document over trust/ as it is now
    Propose(PolicyPropose),
    /// Sign the newest root document
    Sign(PolicySign),
    /// Write the rule for podman, skopeo, sqv, in-toto, gpgv and ssh-keygen
    Export {
        /// The folder to write to
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct PolicyPropose {
    /// How many of the people with the role root must sign
    #[arg(long, value_name = "K")]
    pub threshold: u32,
    /// Days until it expires
    #[arg(long, value_name = "N", default_value_t = 365)]
    pub days: u32,
}

#[derive(Debug, Args)]
pub struct PolicySign {
    /// Who signs
    #[arg(long = "as", value_name = "PERSON", env = "CAIRN_PERSON")]
    pub person: String,
    /// Sign with this SSH private key
    #[arg(long, value_name = "FILE")]
    pub ssh_key: Option<PathBuf>,
}

impl Default for How {
    fn default() -> How {
        How { engine: EngineName::Embedded, jobs: None, cpus: 2, no_cache: false, offline: true }
    }
}
