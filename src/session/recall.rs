//! A snapshot in the place of the live mix, alone or as a whole picture; what is live goes on being measured behind it.

use crate::session::Session;
use crate::session::references::Reference;
use crate::session::sides::mix::MixSide;
use crate::session::snapshots::Snapshot;

impl Session {
    /// Shows a snapshot's mix in place of the live one, beside the references that are open.
    pub fn recall_mix(&mut self, snapshot: &Snapshot) {
        let recalled = snapshot.mix_side();
        let shown = self.mix.replace(recalled);
        if self.recalled.is_none() {
            self.live = shown;
        }
        self.recalled = Some(snapshot.facts.name.clone());
        self.mix_generation += 1;
        // Whoever listens to the mix listens anew.
        self.references.generation += 1;
    }

    /// Shows a snapshot as it was: its mix, its reference, and how they lay to each other.
    pub fn reopen(&mut self, snapshot: &Snapshot) {
        self.recall_mix(snapshot);
        self.park_live_reference();
        let side = snapshot.reference.as_ref();
        let reference = side
            .zip(snapshot.reference_data())
            .map(|(side, data)| Reference::of_picture(side.source.clone(), data));
        self.references.show_of_picture(reference);
        let mut beside = snapshot.beside().unwrap_or_default();
        if let Some(reference) = self.references.active() {
            beside.followed = reference.data().followed;
        }
        self.beside.clone_from(&beside);
        self.of_picture = Some((self.references.generation, beside));
    }

    /// Back to the live mix and the references as they were; false if it is shown already.
    pub fn back_to_live(&mut self) -> bool {
        if self.recalled.take().is_none() {
            return false;
        }
        self.mix = self.live.take();
        self.mix_generation += 1;
        self.references.end_picture();
        self.references.generation += 1;
        self.of_picture = None;
        if self.live_reference.is_none() {
            self.take_parked_reference();
        }
        self.parked_reference = None;
        true
    }

    /// The input, even while a snapshot stands in its place.
    pub fn live_mix(&self) -> Option<&MixSide> {
        match self.recalled {
            Some(_) => self.live.as_ref(),
            None => self.mix.as_ref(),
        }
    }
}

#[cfg(test)]
pub(in crate::session) mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::snapshots::keep::{Keeping, Visible};

    fn heard(name: &str) -> MixSide {
        let format = StreamFormat {
            sample_rate_hz: 8_000,
            layout: ChannelLayout::Stereo,
        };
        let mut side = MixSide::still(name.to_owned(), format);
        side.feed(&vec![0.1; 2 * 8_000]);
        side.settle();
        side
    }

    /// A session that hears a mix.
    pub(in crate::session) fn session() -> Session {
        Session {
            mix: Some(heard("mix")),
            ..Session::default()
        }
    }

    /// What it shows, kept.
    pub(in crate::session) fn kept(session: &Session) -> Snapshot {
        let visible = Visible {
            right_edge_secs: 1.0,
            span_secs: 1.0,
            tiers: [0; 2],
            finest_tier: 0,
            match_gain_db: None,
            settings: serde_json::Value::Null,
        };
        let meters = session.mix.as_ref().map(|mix| &mix.meters);
        let mut keeping = Keeping::begin(session, meters, &session.beside, visible).unwrap();
        while !keeping.step(session) {}
        keeping.finish(session)
    }

    #[test]
    fn a_second_live_input_comes_back_behind_a_picture_and_is_measured_meanwhile() {
        let mut session = session();
        let snapshot = kept(&session);
        session.set_live_reference(Some(heard("record")));
        for _ in 0..2 {
            session.reopen(&snapshot);
            session.poll();
            assert!(session.live_reference.is_none());
            let behind = session.lasting_live_reference().map(|side| &*side.name);
            assert_eq!(behind, Some("record"));
        }
        assert!(session.back_to_live());
        let live = session.live_reference.as_ref().map(|live| &*live.side.name);
        assert_eq!(live, Some("record"));
        assert!(session.references.active().is_none());
        session.reopen(&snapshot);
        let generation = session.references.generation;
        session.select_reference_input("");
        assert_eq!(
            session.references.generation, generation,
            "the picture stays"
        );
        session.back_to_live();
        assert!(
            session.live_reference.is_none(),
            "it was given up meanwhile"
        );
    }

    #[test]
    fn a_reopened_picture_is_nudged_from_where_its_reference_lay() {
        let mut session = session();
        let snapshot = kept(&session);
        session.reopen(&snapshot);
        session.nudge(0.5);
        session.poll();
        assert_eq!(session.beside.offset_secs, 0.5);
        session.back_to_live();
        session.poll();
        assert_eq!(
            (session.beside.offset_secs, session.nudge_secs()),
            (0.0, 0.0)
        );
    }

    #[test]
    fn measuring_anew_behind_a_snapshot_begins_both_live_sides_together() {
        let mut session = session();
        session.set_live_reference(Some(heard("record")));
        let snapshot = kept(&session);
        session.recall_mix(&snapshot);
        session.reset_measurement();
        session.back_to_live();
        let record = session.live_reference.as_ref().map(|live| &live.side);
        let sides = [session.mix.as_ref(), record];
        assert_eq!(
            sides.map(|side| side.unwrap().measured_from_secs()),
            [1.0; 2]
        );
    }
}
