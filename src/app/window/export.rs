//! X: writes the curves, histories and figures of what was heard as CSV and JSON, beside the window.

use crate::app::screenshot::picture_path;
use crate::app::window::state::App;
use crate::cli::export::{self, Export};
use crate::session::pairing::heard::Heard;

impl App {
    /// Compares what was heard and writes it into a new folder beside the pictures.
    pub(super) fn export(&mut self) {
        if let Err(why) = self.jobs.room() {
            return self.refuse(why);
        }
        let job = match self.heard_job() {
            Ok(job) => job,
            Err(why) => return self.refuse(format!("nothing to export: {why}")),
        };
        let folder = picture_path(&self.pictures_folder(), &jiff::Zoned::now(), &self.song())
            .with_extension("");
        self.say("writing the figures …".to_owned());
        self.write_beside(Box::new(move || match write(&folder, &job.compare()) {
            Ok(folder) => Ok(format!("figures exported: {}", folder.display())),
            Err(error) => Err(format!("no export: {error:#}")),
        }));
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
