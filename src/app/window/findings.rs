//! When the window has the mix compared with the record, and what it does with what comes of it.

use crate::app::message::Message;
use crate::app::view_state::moment;
use crate::app::window::state::App;
use crate::compare::findings::Finding;
use crate::session::action::Drawer;
use crate::session::background;
use crate::session::pairing::heard::{Heard, HeardJob};
use std::time::{Duration, Instant};

/// How often: as often as a person reads, and rarely enough to cost the mix nothing.
const EVERY: Duration = Duration::from_secs(3);

/// A mouse that was not moved for so long reads no more.
const READ: Duration = Duration::from_secs(10);

impl App {
    /// Starts a comparison if the drawer is open and it is time. Costs a copy of some megabytes.
    pub(super) fn look_for_findings(&mut self) {
        let is_open = self.view.drawer == Some(Drawer::Findings);
        let generation = self.session.pair.references.generation();
        let secs = self.view.compared_secs(&self.session);
        let is_time = self
            .findings
            .last
            .is_none_or(|(at, of, then)| (of, then) != (generation, secs) || at.elapsed() >= EVERY);
        let is_read = is_time && self.are_findings_read() && self.is_of_now(generation, secs);
        if !is_open || self.findings.running || !is_time || is_read {
            return;
        }
        self.findings.last = Some((Instant::now(), generation, secs));
        let job = match self.heard_job() {
            Ok(job) => job.in_order_of(self.last_findings()),
            Err(why) => {
                self.session.heard = Some(Err(why));
                return;
            }
        };
        let proxy = self.proxy.clone();
        let comparing = background::spawn("findings", background::WORK, move || {
            // A window that has closed needs no findings.
            let _ = proxy.send_event(Message::Heard(Box::new(job.compare())));
        });
        match comparing {
            Ok(_) => self.findings.running = true,
            Err(error) => {
                let why = format!("Not compared: no thread for it: {error}");
                self.session.heard = Some(Err(why));
            }
        }
    }

    /// What is shown now.
    fn last_findings(&self) -> Vec<Finding> {
        match &self.session.heard {
            Some(Ok(heard)) => heard.told.findings.clone(),
            _ => vec![],
        }
    }

    /// Whether somebody reads or is about to click: then nothing moves under the mouse.
    fn are_findings_read(&self) -> bool {
        let drawer = self
            .mouse
            .picture
            .as_ref()
            .and_then(|picture| picture.layout.drawer);
        let is_over = drawer
            .zip(self.mouse.at)
            .is_some_and(|(drawer, [x, y])| drawer.contains(x, y));
        is_over && self.mouse.moved_at.elapsed() < READ && matches!(self.session.heard, Some(Ok(_)))
    }

    /// Whether the last findings are of the same reference and stretch.
    fn is_of_now(&self, generation: u64, secs: Option<[f64; 2]>) -> bool {
        let last = self.findings.last;
        last.is_some_and(|(_, of, then)| (of, then) == (generation, secs))
    }

    /// Copies what is compared: what stands on A and on B in the picture.
    pub(super) fn heard_job(&self) -> Result<HeardJob, String> {
        let moment = moment(&self.session, &self.view);
        let secs = self.view.compared_secs(&self.session);
        // Of a marked stretch alone they are not known.
        let measured = moment.mix.filter(|_| self.view.mark.chosen().is_none());
        HeardJob::within(&self.session.pair, moment.beside, secs, measured)
    }

    /// Shows what came out.
    pub(super) fn show_findings(&mut self, heard: Heard) {
        self.findings.running = false;
        self.session.heard = Some(Ok(heard));
    }
}
