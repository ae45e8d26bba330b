//! The words of the command line, in two steps: clap reads them, the commands only ever see valid values.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::session::action::words::{parse_mark, parse_place};
use crate::session::action::{Context, CursorPlace, Drawer, Mark};
use crate::session::settings::arrangement::{LayoutKind, Panel};
use crate::view::looks::DifferenceOf;

/// The live mix beside a reference, on one locked scale.
#[derive(Debug, Parser)]
#[command(
    name = "abscope",
    version,
    about,
    after_help = "A first evening, and five questions of a mix: docs/guide.md; where the package is installed, \
                  /usr/share/doc/abscope/guide.md.",
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    /// What to do; without a command the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the window.
    #[command(flatten)]
    pub window: WindowArgs,
}

/// Options of the window.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct WindowArgs {
    /// References: audio files, or folders of them, to compare with
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Audio input that carries the mix (see `abscope devices`)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mix", "demo"])]
    pub input: Option<String>,
    /// Start without what was open last
    #[arg(long)]
    pub fresh: bool,
    /// Play an audio file as the mix
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub mix: Option<PathBuf>,
    /// Use the built-in demo: a song's mix, its master, and a record of another song
    #[arg(long)]
    pub demo: bool,
    /// References, as above
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub reference: Vec<PathBuf>,
    /// Audio input as the reference: a name; NAME #2 is its second pair of channels
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "reference"])]
    pub reference_input: Option<String>,
    /// Monitor to open on: its number, counted from 1, or a part of its name
    #[arg(long, value_name = "N|NAME")]
    pub monitor: Option<String>,
    /// Open in full screen
    #[arg(long)]
    pub fullscreen: bool,
    /// Most pictures drawn in a second; the setting frame-rate-cap otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub fps: Option<u32>,
    /// Layout to open with
    #[arg(long, value_name = "NAME")]
    pub layout: Option<LayoutName>,
}

/// Layouts by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LayoutName {
    /// Mix above reference
    #[default]
    Compare,
    /// Mix over reference in each panel
    Overlay,
    /// Mix minus reference
    Difference,
    /// What the reference masks of the mix
    Masking,
    /// The mix alone
    Mix,
    /// The reference alone
    Reference,
    /// Large spectrograms and one line of figures
    Spectrogram,
    /// Large vectorscopes, width and correlation of each band
    Stereo,
    /// Large loudness histories and a large table
    Loudness,
    /// Short-term, integrated and true peak, readable across the room
    BigNumbers,
}

impl LayoutName {
    /// The mode it stands for.
    pub fn mode(self) -> crate::view::layout::CompareMode {
        use crate::view::layout::CompareMode;
        match self {
            Self::Compare
            | Self::Spectrogram
            | Self::Stereo
            | Self::Loudness
            | Self::BigNumbers => CompareMode::SideBySide,
            Self::Overlay => CompareMode::Overlay,
            Self::Difference | Self::Masking => CompareMode::Difference,
            Self::Mix => CompareMode::MixOnly,
            Self::Reference => CompareMode::ReferenceOnly,
        }
    }

    /// The mode, and what its difference shows; that stays where it is nothing of its own.
    pub fn mode_of(self, now: DifferenceOf) -> (crate::view::layout::CompareMode, DifferenceOf) {
        let of = match self {
            Self::Masking => DifferenceOf::Masking,
            _ => now,
        };
        (self.mode(), of)
    }

    /// The layout it stands for.
    pub fn kind(self) -> LayoutKind {
        match self {
            Self::Compare
            | Self::Overlay
            | Self::Difference
            | Self::Masking
            | Self::Mix
            | Self::Reference => LayoutKind::Compare,
            Self::Spectrogram => LayoutKind::Spectrogram,
            Self::Stereo => LayoutKind::Stereo,
            Self::Loudness => LayoutKind::Loudness,
            Self::BigNumbers => LayoutKind::BigNumbers,
        }
    }
}

/// Commands that need no window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List inputs, outputs, monitors and graphics adapters
    Devices {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Capture an input without a window and print its figures
    Live(LiveArgs),
    /// Print the figures of audio files
    Analyze(AnalyzeArgs),
    /// Say what is different between a mix and references
    Compare(CompareArgs),
    /// Make a target of what tracks have in common
    Target(TargetArgs),
    /// Draw a picture without a window
    Render(RenderArgs),
    /// Print the figures that saved pictures carry
    Show(ShowArgs),
    /// List, show, export or delete snapshots
    Snapshots(SnapshotsArgs),
    /// Have the running window do something: freeze, reference 2, set tilt 4.5
    Ctl(CtlArgs),
    /// Say where the settings are, show them, or go back to the defaults
    Config {
        /// What to do
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print what is built in, whose it is, and its licences
    Licences,
    /// Write man pages and shell completions, for packages
    #[command(hide = true)]
    Manual {
        /// Folder to write to
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Pictures saved by the window
    #[arg(required = true, value_name = "PICTURE.png")]
    pub pictures: Vec<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `ctl`.
#[derive(Debug, Args)]
pub struct CtlArgs {
    /// List all actions and settings with what they take
    #[arg(long)]
    pub list: bool,
    /// Port of the window; the one of the settings by default
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The action and its argument; `status` prints how things are
    #[arg(
        value_name = "ACTION",
        required_unless_present = "list",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub action: Vec<String>,
}

/// What can be done with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the path of the file
    Path,
    /// Print all settings as they are in force; what is wrong in the file goes to stderr
    Show,
    /// Put the file aside as .bak; the defaults are in force again
    Reset,
}

/// Options of `snapshots`.
#[derive(Debug, Args)]
pub struct SnapshotsArgs {
    /// Folder of the snapshots; the one the window keeps them in by default
    #[arg(long, value_name = "FOLDER", global = true)]
    pub folder: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: SnapshotsCommand,
}

/// What can be done with snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotsCommand {
    /// List the snapshots of the folder, oldest first
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print what a snapshot holds
    Show {
        /// Its name, its file name or its path
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write curves and histories as CSV, sound as WAV, facts as JSON
    Export {
        /// Its name, its file name or its path
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// Folder to write to; files in it are never written over
        #[arg(short, long, value_name = "FOLDER")]
        output: PathBuf,
    },
    /// Delete a snapshot
    Delete {
        /// Its name, its file name or its path
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
    },
}

/// Options of `analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// Audio files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a line, in the order given
    #[arg(long)]
    pub json: bool,
    /// Hold each file against the delivery targets; with =LIST, against those of a file of your own
    #[arg(long, value_name = "LIST.toml", num_args = 0..=1, require_equals = true)]
    pub targets: Option<Option<PathBuf>>,
}

/// Options of `live`.
#[derive(Debug, Args)]
pub struct LiveArgs {
    /// Audio input (see `abscope devices`), NAME #2 for its second pair of channels; the system's output by default
    #[arg(long, value_name = "NAME")]
    pub input: Option<String>,
    /// How long to capture
    #[arg(long, value_name = "N", value_parser = parse_secs)]
    pub seconds: f64,
    /// Reference to compare it with, and to draw beside it
    #[arg(long, value_name = "FILE", conflicts_with = "reference_input")]
    pub reference: Option<PathBuf>,
    /// Audio input to compare it with
    #[arg(long, value_name = "NAME")]
    pub reference_input: Option<String>,
    /// Print one JSON object at the end
    #[arg(long)]
    pub json: bool,
    /// Print the object once every so many seconds as well
    #[arg(long, value_name = "SECS", value_parser = parse_secs)]
    pub every: Option<f64>,
    /// Draw what was captured into a picture
    #[arg(long, value_name = "OUT.png")]
    pub image: Option<PathBuf>,
    /// Size of the picture
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    pub size: [u32; 2],
}

/// Options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Audio file of the mix
    #[arg(value_name = "MIX")]
    pub mix: PathBuf,
    /// Audio files to compare it with
    #[arg(required = true, value_name = "REFERENCE")]
    pub references: Vec<PathBuf>,
    /// Print one JSON object a line, one for each reference, in the order given
    #[arg(long)]
    pub json: bool,
    /// Say instead how much of MIX each REFERENCE masks: tracks of one song, both from their beginning
    #[arg(long, conflicts_with_all = ["image", "report", "export"])]
    pub masking: bool,
    /// Draw the difference between the mix and the first reference, over the whole mix
    #[arg(long, value_name = "OUT.png")]
    pub image: Option<PathBuf>,
    /// Size of the picture
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    pub size: [u32; 2],
    /// Write a report to hand on: one HTML file with verdict, findings, pictures and figures
    #[arg(long, value_name = "OUT.html")]
    pub report: Option<PathBuf>,
    /// Write curves, histories and figures as CSV and JSON into a new folder
    #[arg(long, value_name = "FOLDER")]
    pub export: Option<PathBuf>,
}

/// Options of `target`.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Audio files, or folders of them
    #[arg(required = true, value_name = "FOLDER|FILE")]
    pub tracks: Vec<PathBuf>,
    /// Where the target goes; it can be compared with like an audio file
    #[arg(short, long, value_name = "TARGET.json")]
    pub output: PathBuf,
    /// What to call it; the name of its file by default
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Options of `render`.
// Many fields: each is an option of its own.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Audio file to draw as the mix
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "demo",
        conflicts_with = "demo"
    )]
    pub mix: Option<PathBuf>,
    /// Draw the built-in demo song
    #[arg(long)]
    pub demo: bool,
    /// Beside the demo's other song
    #[arg(long, requires = "demo", conflicts_with = "reference")]
    pub other_song: bool,
    /// Audio file to draw as the reference
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// Time of the mix at the right edge, in seconds; the end by default
    #[arg(long, value_name = "SECS", value_parser = parse_secs)]
    pub at: Option<f64>,
    /// Seconds from the left to the right edge
    #[arg(long, value_name = "SECS", value_parser = parse_secs)]
    pub span: Option<f64>,
    /// Layout
    #[arg(long, value_name = "NAME", default_value = "compare")]
    pub layout: LayoutName,
    /// Let a panel fill the picture, by its name for `ctl`
    #[arg(long, value_name = "PANEL", value_parser = parse_panel)]
    pub fill: Option<Panel>,
    /// Show a panel that is not shown unless asked for
    #[arg(long, value_name = "PANEL", value_parser = parse_panel)]
    pub show: Vec<Panel>,
    /// Draw on white
    #[arg(long)]
    pub light: bool,
    /// Open a drawer over the right side, by its name for `ctl`
    #[arg(long, value_name = "NAME", value_parser = parse_drawer)]
    pub drawer: Option<Drawer>,
    /// Open the small menu of the right mouse button about a panel, match or place
    #[arg(long, value_name = "NAME", value_parser = parse_context)]
    pub context: Option<Context>,
    /// Put the crosshair at a frequency and a time of the mix; a time below 0 counts back from the right edge
    #[arg(long, value_name = "HZ,SECS", value_parser = parse_cursor, allow_hyphen_values = true)]
    pub cursor: Option<CursorPlace>,
    /// Mark a stretch of the mix, with a band of frequencies if you like; times below 0 count back from the right edge
    #[arg(long, value_name = "START,END[,LOW,HIGH]", value_parser = parse_marked, allow_hyphen_values = true)]
    pub mark: Option<Mark>,
    /// Size of the picture
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    pub size: [u32; 2],
    /// Draw this many frames, 60 to the second, and report their cost
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub frames: u32,
    /// Where the picture goes
    #[arg(short, long, value_name = "OUT.png")]
    pub output: PathBuf,
    /// Write the cost of the frames and the figures drawn as JSON
    #[arg(long, value_name = "OUT.json")]
    pub stats: Option<PathBuf>,
}

/// "1920x1080" to width and height.
fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let (width, height) = text
        .split_once(['x', 'X', '×'])
        .ok_or("a size is written 1920x1080")?;
    let side = |part: &str| match part.trim().parse::<u32>() {
        Ok(n @ 64..=16_384) => Ok(n),
        _ => Err(format!("{part} is not a size from 64 to 16384 pixels")),
    };
    Ok([side(width)?, side(height)?])
}

/// A panel by its name.
fn parse_panel(name: &str) -> Result<Panel, String> {
    Panel::from_name(name).ok_or_else(|| Panel::takes_names().to_owned())
}

/// What the small menu is about, by its name.
fn parse_context(name: &str) -> Result<Context, String> {
    Context::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Context::all().map(Context::name).collect();
        format!("it takes one of {}", names.join(", "))
    })
}

/// A drawer by its name.
fn parse_drawer(name: &str) -> Result<Drawer, String> {
    let names = || Drawer::ALL.map(Drawer::name).join(", ");
    Drawer::from_name(name).ok_or_else(|| format!("it is one of: {}", names()))
}

/// "440,12.5" to a place on the axes.
fn parse_cursor(text: &str) -> Result<CursorPlace, String> {
    parse_place(text).ok_or_else(|| "a place is written HZ,SECS, for example 440,12.5".to_owned())
}

/// "12,20" or "12,20,60,250" to a stretch.
fn parse_marked(text: &str) -> Result<Mark, String> {
    parse_mark(text)
        .ok_or_else(|| "a stretch is written START,END or START,END,LOW,HIGH".to_owned())
}

/// A number of seconds from 0 to a week.
fn parse_secs(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(secs) if (0.0..=604_800.0).contains(&secs) => Ok(secs),
        _ => Err(format!("{text} is not a number of seconds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_and_seconds_are_checked_where_they_are_read() {
        assert_eq!(parse_size("1920x1080"), Ok([1920, 1080]));
        for bad in ["1920", "0x100", "axb", "99999x10", ""] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_secs("2.5"), Ok(2.5));
        for bad in ["-1", "nan", "inf", "x"] {
            assert!(parse_secs(bad).is_err(), "{bad}");
        }
    }
}
