//! A report of what the window has heard, written beside it.

use crate::app::captured::Captured;
use crate::app::report::ReportJob;
use crate::app::report_pictures::{PanelScene, panel_scenes};
use crate::app::screenshot::picture_path;
use crate::app::view_state::moment;
use crate::app::window::state::App;
use crate::session::pairing::heard::HeardJob;

impl App {
    /// Writes a report of the mix heard so far against the active reference, beside the pictures.
    pub(super) fn report(&mut self) {
        if let Err(why) = self.jobs.room() {
            return self.refuse(why);
        }
        let heard = match self.heard_job() {
            Ok(heard) => heard,
            Err(why) => return self.refuse(format!("no report: {why}")),
        };
        let panels = self.report_panels(&heard);
        let scenes: Vec<_> = panels.iter().map(|panel| &panel.scene).collect();
        let captured = Captured::of(
            &self.session.pair.histories(),
            moment(&self.session, &self.view),
            &scenes,
        );
        let made = jiff::Zoned::now();
        let job = ReportJob {
            heard,
            panels,
            captured,
            path: picture_path(&self.pictures_folder(), &made, &self.song()).with_extension("html"),
            song: self.shown_snapshot().unwrap_or_else(|| self.song()),
        };
        self.say("writing the report …".to_owned());
        self.write_beside(Box::new(move || match job.run() {
            Ok(path) => Ok(format!("report saved: {}", path.display())),
            Err(error) => Err(format!("no report: {error:#}")),
        }));
    }

    /// The scenes of a report, live and with its own looks, whatever the window shows now.
    fn report_panels(&mut self, heard: &HeardJob) -> Vec<PanelScene> {
        let [from_secs, to_secs] = heard.mix_secs();
        let (looks, frozen) = (self.view.looks.clone(), self.view.frozen.take());
        let panels = panel_scenes(to_secs - from_secs, to_secs, |looks, size| {
            self.view.looks = looks.clone();
            self.scene(size, 1.0, to_secs)
        });
        (self.view.looks, self.view.frozen) = (looks, frozen);
        panels
    }
}
