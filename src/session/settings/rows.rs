//! The settings themselves, a row each, in the order of the drawer and of the file.

use crate::session::settings::all::{COLOR_MAPS, CONTRASTS, Settings, THEMES};
use crate::session::settings::table::{
    Setting, Topic, address, choice, folder, number, switch, text,
};
use crate::session::settings::value::Value;
use crate::session::sides::history::SOUND_SECS;

/// All settings, in the order of the drawer and the file.
pub fn settings() -> &'static [Setting] {
    &SETTINGS
}

impl Setting {
    /// The setting of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        settings()
            .iter()
            .find(|setting| setting.name.eq_ignore_ascii_case(name))
    }
}

impl Settings {
    /// Every setting with its value, in order.
    pub fn values(&self) -> impl Iterator<Item = (&'static Setting, Value)> + use<> {
        let mut copy = self.clone();
        settings()
            .iter()
            .map(move |setting| (setting, setting.value_in(&mut copy)))
    }
}

static SETTINGS: [Setting; 32] = [
    choice(
        [
            "theme",
            "Theme",
            "Light text on a dark ground, or the other way round.",
        ],
        Topic::Looks,
        |s| &mut s.theme,
        &THEMES,
    ),
    choice(
        [
            "contrast",
            "Contrast",
            "High: full black and white, stronger lines, no grey text.",
        ],
        Topic::Looks,
        |s| &mut s.contrast,
        &CONTRASTS,
    ),
    number(
        [
            "font-scale",
            "Text size",
            "×",
            "Larger or smaller letters and figures everywhere.",
        ],
        Topic::Looks,
        |s| &mut s.font_scale,
        [0.8, 1.6, 0.05],
    ),
    choice(
        [
            "color-map",
            "Colour map",
            "Colours of levels. Viridis, cividis and grey read the same for colour-blind people; \
             the difference is blue and orange for all.",
        ],
        Topic::Looks,
        |s| &mut s.color_map,
        &COLOR_MAPS,
    ),
    switch(
        [
            "reduced-motion",
            "Reduced motion",
            "The picture moves on twice a second instead of scrolling.",
        ],
        Topic::Looks,
        |s| &mut s.reduced_motion,
    ),
    number(
        [
            "frame-rate-cap",
            "Frame rate, at most",
            "fps",
            "Fewer frames a second leave more of the computer to the DAW.",
        ],
        Topic::Looks,
        |s| &mut s.frame_rate_cap_hz,
        [5.0, 240.0, 5.0],
    ),
    number(
        [
            "span",
            "Time across",
            "s",
            "Seconds across spectrograms and loudness at the start, and after Home.",
        ],
        Topic::Scales,
        |s| &mut s.span_secs,
        [1.0, 3600.0, 1.0],
    ),
    number(
        [
            "top",
            "Spectrogram, brightest",
            "dBFS",
            "Level that has the brightest colour, after the tilt.",
        ],
        Topic::Scales,
        |s| &mut s.top_db,
        [-80.0, 20.0, 1.0],
    ),
    number(
        [
            "range",
            "Spectrogram, range",
            "dB",
            "From the darkest to the brightest colour.",
        ],
        Topic::Scales,
        |s| &mut s.range_db,
        [20.0, 120.0, 1.0],
    ),
    number(
        [
            "tilt",
            "Spectrogram, tilt",
            "dB/oct",
            "Added per octave above 1 kHz, so that music is about as bright at both ends.",
        ],
        Topic::Scales,
        |s| &mut s.tilt_db_per_octave,
        [0.0, 9.0, 0.5],
    ),
    number(
        [
            "spectrum-top",
            "Spectrum, top",
            "dBFS",
            "Level at the upper edge of the spectrum, after the tilt.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_top_db,
        [-80.0, 20.0, 1.0],
    ),
    number(
        [
            "spectrum-range",
            "Spectrum, range",
            "dB",
            "From the lower to the upper edge of the spectrum.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_range_db,
        [20.0, 120.0, 1.0],
    ),
    number(
        [
            "spectrum-tilt",
            "Spectrum, tilt",
            "dB/oct",
            "Added per octave above 1 kHz. At 4.5 the spectrum of most music lies level.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_tilt_db_per_octave,
        [0.0, 9.0, 0.5],
    ),
    switch(
        [
            "fit-scales",
            "Scales fit the music",
            "Levels and loudness of loud and quiet music fill their panels; once fitted they stand still.",
        ],
        Topic::Scales,
        |s| &mut s.fit_scales,
    ),
    choice(
        [
            "spectrum-smoothing",
            "Spectrum, smoothing",
            "Octaves that the spectrum's band levels are averaged over, or the level of each tone.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_smoothing,
        &["1/1", "1/2", "1/3", "1/6", "1/12", "1/24", "tones"],
    ),
    switch(
        [
            "spectrum-moment",
            "Spectrum, now",
            "A thin line in the spectrum: what the mix does now.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_moment,
    ),
    choice(
        [
            "difference-of",
            "Difference shows",
            "Moment by moment; or what lies outside the record's range, as with another song; or what the reference masks \
             of the mix.",
        ],
        Topic::Scales,
        |s| &mut s.difference_of,
        &["moments", "range", "masking"],
    ),
    number(
        [
            "masking-range",
            "Masking, margin",
            "dB",
            "A track counts as masked that stands less than this above the threshold at which it is just heard beside the \
             other. 0: what is not heard at all.",
        ],
        Topic::Scales,
        |s| &mut s.masking_range_db,
        [0.0, 20.0, 1.0],
    ),
    number(
        [
            "difference-range",
            "Difference, range",
            "dB",
            "Difference that has the full colour, and the edges of the difference's spectrum.",
        ],
        Topic::Scales,
        |s| &mut s.difference_range_db,
        [3.0, 36.0, 1.0],
    ),
    number(
        [
            "loudness-low",
            "Loudness, lower edge",
            "LUFS",
            "Lower edge of the loudness histories.",
        ],
        Topic::Scales,
        |s| &mut s.loudness_low_lufs,
        [-70.0, -24.0, 1.0],
    ),
    number(
        [
            "loudness-high",
            "Loudness, upper edge",
            "LUFS",
            "Upper edge of the loudness histories.",
        ],
        Topic::Scales,
        |s| &mut s.loudness_high_lufs,
        [-20.0, 6.0, 1.0],
    ),
    number(
        [
            "target-lufs",
            "Loudness target",
            "LUFS",
            "The line in the loudness histories (integrated, ITU-R BS.1770-5).",
        ],
        Topic::Targets,
        |s| &mut s.target_lufs,
        [-40.0, 0.0, 0.5],
    ),
    number(
        [
            "target-dbtp",
            "True peak limit",
            "dBTP",
            "A higher true peak is red (ITU-R BS.1770-5, annex 2).",
        ],
        Topic::Targets,
        |s| &mut s.target_dbtp,
        [-12.0, 3.0, 0.1],
    ),
    number(
        [
            "snapshot-sound",
            "Sound in a snapshot",
            "s",
            "Seconds of sound kept with each snapshot; 0 keeps none.",
        ],
        Topic::Keep,
        |s| &mut s.snapshot_sound_secs,
        [0.0, SOUND_SECS, 5.0],
    ),
    text(
        [
            "pictures-folder",
            "Pictures go to",
            "The folder of saved pictures.",
        ],
        Topic::Keep,
        |s| &mut s.pictures_folder,
        folder,
        "the system's folder for pictures",
    ),
    text(
        [
            "snapshots-folder",
            "Snapshots go to",
            "The folder of snapshots.",
        ],
        Topic::Keep,
        |s| &mut s.snapshots_folder,
        folder,
        "Abscope's own folder",
    ),
    switch(
        [
            "remote",
            "Remote control",
            "Takes `abscope ctl` and OSC messages; see docs/remote.md.",
        ],
        Topic::Remote,
        |s| &mut s.remote,
    ),
    number(
        [
            "remote-port",
            "Remote control, port",
            "",
            "UDP port of the remote control.",
        ],
        Topic::Remote,
        |s| &mut s.remote_port,
        [1024.0, 65535.0, 1.0],
    ),
    text(
        [
            "remote-address",
            "Remote control, address",
            "At 127.0.0.1 only this computer is heard. At 0.0.0.0 tablets of the network are, after they have sent the \
             code that `abscope ctl status` names.",
        ],
        Topic::Remote,
        |s| &mut s.remote_address,
        address,
        "127.0.0.1",
    ),
    switch(
        [
            "remote-surfaces-may-all",
            "OSC, all actions",
            "OSC messages may also delete, rename, open files, change folders and the remote control, and quit. \
             Every program and person on this computer can send them.",
        ],
        Topic::Remote,
        |s| &mut s.surfaces_may_all,
    ),
    switch(
        [
            "hotkeys",
            "Hotkeys everywhere",
            "Ctrl+Alt and F freeze, S snapshot, P picture, D difference, N next reference act while another window \
             has the keyboard. Not on Wayland.",
        ],
        Topic::Remote,
        |s| &mut s.hotkeys,
    ),
    switch(
        [
            "hints-seen",
            "First hints seen",
            "Off: the three hints of the first start are shown once more at the next one.",
        ],
        Topic::Looks,
        |s| &mut s.hints_seen,
    ),
];
