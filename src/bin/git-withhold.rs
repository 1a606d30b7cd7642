//! The same program as `withhold`, under the name by which Git finds it as `git withhold`.

#[path = "../main.rs"]
mod program;

fn main() -> std::process::ExitCode {
    program::main()
}
