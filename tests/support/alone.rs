//! A test in a process of its own: where the environment is set or the whole process is measured, which the other tests of
//! a program would disturb.

use std::process::{Command, Stdio};

/// Names the test in the process that [`in_own_process`] starts.
const CHILD_MARK: &str = "ABSCOPE_TEST_INSIDE";

/// Whether this process was started for a test.
pub fn is_inside(test: &str) -> bool {
    std::env::var(CHILD_MARK).as_deref() == Ok(test)
}

/// The program of the tests, told to run one of them: `test` is the name of its function, which no other one's contains.
pub fn own_program(test: &str) -> Command {
    let program = std::env::current_exe().expect("a running test knows its program");
    let mut command = Command::new(program);
    command.args([test, "--nocapture"]).stdin(Stdio::null());
    command
}

/// Runs `body` in a process of its own, the calling test `test` being started there again, with what `prepare` adds to
/// the process.
pub fn in_own_process(test: &str, prepare: impl FnOnce(&mut Command), body: impl FnOnce()) {
    if is_inside(test) {
        return body();
    }
    let mut command = own_program(test);
    prepare(command.env(CHILD_MARK, test));
    let output = command
        .output()
        .expect("the test program can be started again");
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} failed inside");
    assert!(
        said.contains("ok. 1 passed"),
        "“{test}” is in the name of not exactly one test"
    );
}
