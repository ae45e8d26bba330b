//! X: writes the curves, histories and figures of what was heard as CSV and JSON, on a thread of its own.

use crate::app::message::Message;
use crate::app::screenshot::picture_path;
use crate::app::window::state::App;
use crate::cli::export::{self, Export};
use crate::session::background;
use crate::session::pairing::heard::Heard;

impl App {
    /// Compares what was heard and writes it into a new folder beside the pictures.
    pub(super) fn export(&mut self) {
        let job = match self.heard_job() {
            Ok(job) => job,
            Err(why) => return self.say(format!("nothing to export: {why}")),
        };
        let folder = picture_path(&self.pictures_folder(), &jiff::Zoned::now(), &self.song())
            .with_extension("");
        let proxy = self.proxy.clone();
        let exporting = background::spawn("export", background::WORK, move || {
            let words = match write(&folder, &job.compare()) {
                Ok(folder) => format!("figures exported: {}", folder.display()),
                Err(error) => format!("no export: {error:#}"),
            };
            // A window that has closed needs no words.
            let _ = proxy.send_event(Message::Say(words));
        });
        if let Err(error) = exporting {
            self.say(format!("no export: no thread for it: {error}"));
        }
    }
}

fn write(folder: &std::path::Path, heard: &Heard) -> anyhow::Result<std::path::PathBuf> {
    let [mix, reference] = &heard.sides;
    let from_secs = heard.mix_secs[0];
    export::write(
        folder,
        &Export {
            comparison: &heard.comparison(),
            spectra: heard.summaries.each_ref().map(|summary| &summary.spectrum),
            loudness: [&mix.loudness, &reference.loudness],
            loudness_from_secs: [from_secs; 2],
        },
    )
}
