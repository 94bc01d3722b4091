//! Programs that a test starts: each with a log of its own, killed when the test ends, whatever its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names another binary than the one beside the tests.
const BINARY_VARIABLE: &str = "COUNTERSIGN_TEST_BINARY";
/// SIGKILL.
const KILL: i32 = 9;
/// How much of a log is shown when a test fails.
const LOG_TAIL: usize = 6_000;

/// The binary under test: that of the build which the test belongs to.
///
/// # Panics
/// When it isn't there.
pub fn binary() -> PathBuf {
    let built = || {
        let test = std::env::current_exe().unwrap();
        test.parent().and_then(Path::parent).unwrap().join("countersign")
    };
    let path = std::env::var_os(BINARY_VARIABLE).map_or_else(built, PathBuf::from);
    assert!(
        path.is_file(),
        "{} is not there: build it with `cargo build --workspace --features countersign/failpoints`, or name another \
         in {BINARY_VARIABLE}",
        path.display()
    );
    path
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// What is started, and with what around it.
#[derive(Debug, Clone)]
pub struct Call {
    /// What it is called in messages; names its log.
    pub name: String,
    /// Command line after the program.
    pub arguments: Vec<String>,
    /// Environment variables added to the test's own.
    pub variables: BTreeMap<String, String>,
}

impl Call {
    /// A call of the binary under test.
    pub fn new(name: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { name: name.to_owned(), arguments, variables: BTreeMap::new() }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // Models are named relative to the repository.
        command.args(&self.arguments).envs(&self.variables).current_dir(repository()).stdin(Stdio::null());
        command
    }

    /// Runs the binary under test to its end; gives its exit code and what it printed.
    pub fn finishes(&self) -> (Option<i32>, String) {
        let output = self.command(&binary()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}

/// A running program.
pub struct Program {
    /// How it was started.
    pub call: Call,
    path: PathBuf,
    log: PathBuf,
    child: Child,
}

impl Program {
    /// Starts the binary under test, with its log in `folder`.
    pub fn start(call: Call, folder: &Path) -> Self {
        Self::start_other(&binary(), call, folder)
    }

    /// Starts a program found on the path, or at a path.
    pub fn start_other(program: &Path, call: Call, folder: &Path) -> Self {
        let log = folder.join(format!("{}.log", call.name));
        let child = spawn(program, &call, &log);
        Self { call, path: program.to_path_buf(), log, child }
    }

    /// Starts it anew with the same log; it must have ended.
    pub fn restart(&mut self) {
        assert!(!self.is_running(), "{} still runs", self.call.name);
        self.child = spawn(&self.path, &self.call, &self.log);
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Whether SIGKILL ended it.
    pub fn was_killed(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some_and(|status| status.signal() == Some(KILL))
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as Ctrl-C does.
    pub fn asks_to_end(&self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    }

    /// Whether it ended by itself and well.
    pub fn has_ended_well(&mut self) -> Option<bool> {
        self.child.try_wait().unwrap().map(|status| status.success())
    }

    /// Everything it wrote.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }
}

fn spawn(program: &Path, call: &Call, log: &Path) -> Child {
    let log = File::options().create(true).append(true).open(log).unwrap();
    let mut command = call.command(program);
    command.stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap_or_else(|error| {
        panic!("{} can't be started ({error}): does infra/setup say what is missing?", program.display())
    })
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let start = log.char_indices().rev().nth(LOG_TAIL).map_or(0, |(at, _)| at);
            eprintln!("---- {} ----\n{}", self.call.name, &log[start..]);
        }
    }
}
