//! `dinie completions` and `dinie man`: what shells and `man` know of the command line, from its definition.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;
use tools::say;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: ShellName,
}

/// The shells that have completions.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ShellName {
    /// source <(dinie completions bash)
    Bash,
    /// dinie completions zsh > "${fpath[1]}/_dinie"
    Zsh,
    /// dinie completions fish > ~/.config/fish/completions/dinie.fish
    Fish,
    /// dinie completions elvish >> ~/.config/elvish/rc.elv
    Elvish,
    /// dinie completions powershell >> $PROFILE
    Powershell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages of all commands (default: print the page of the program).
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub(crate) fn completions(args: &CompletionsArgs, mut program: Command) -> anyhow::Result<()> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Elvish => Shell::Elvish,
        ShellName::Powershell => Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "dinie", &mut script);
    say(String::from_utf8(script)?.trim_end());
    Ok(())
}

/// Prints the manual page of the program, or writes those of all commands.
pub(crate) fn man(args: &ManArgs, program: Command) -> anyhow::Result<()> {
    match &args.to {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(program).render(&mut page)?;
            say(String::from_utf8(page)?.trim_end());
            Ok(())
        }
        Some(folder) => write(folder, program).with_context(|| format!("the folder {}", folder.display())),
    }
}

fn write(folder: &Path, program: Command) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(program, folder)?;
    say(&format!("read them with: man -l {}", folder.join("dinie.1").display()));
    Ok(())
}
