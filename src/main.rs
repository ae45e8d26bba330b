//! The program: hands its arguments to the application.

fn main() -> std::process::ExitCode {
    abscope::app::main()
}
