//! A marked stretch of time, or of time and frequency: what was measured within it on both sides.
//!
//! Loudness is integrated and gated after BS.1770 over the 400 ms blocks that lie within the stretch, from the history
//! of both sides; the spectrum is the distribution of the columns within it. Neither needs the sound itself, so a
//! stretch of hours ago is measured like one of just now.

use crate::analysis::band_range::{BAND_TIER, BandMeter};
use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR};
use crate::analysis::distribution::{Distribution, SpectrumCurves};
use crate::compare::matching::match_gain_lu;
use crate::dsp::grid::{NUM_BINS, bin_from_hz};
use crate::dsp::loudness::{LoudnessPoint, region_integrated};
use crate::session::Session;
use crate::session::action::Mark;
use crate::session::references::ReferenceData;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::region::Region;

use crate::units::db::{db_from_power, existing, power_from_db};
use crate::view::both_sound::BothSound;
use crate::view::findings::PointedFinding;
use crate::view::looks::{Looks, Smoothing};
pub use crate::view::marked::MarkScene;
use crate::view::marked::SectionFigures;
use crate::view::overlap::overlap;
use crate::view::palette::Side;
use crate::view::panels::spectrum::smoothed_curves;
use crate::view::readout::minutes;
use crate::view::scene::{Alignment, Scene};
use crate::view::side::SpectrumScene;
use crate::view::timeline::{column_index, column_secs, tier_secs};

/// Columns counted at most: medians of more say the same.
const MOST_COLUMNS: f64 = 300.0;
/// A stretch that is still being heard is measured again after this much more of it.
const AGAIN_SECS: f64 = 0.25;
/// LRA counts as settled after this long (EBU Tech 3342).
const RANGE_SETTLES_SECS: f64 = 60.0;

/// What a measurement holds for: when it changes, the stretch is measured again.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    mark: Mark,
    heard_steps: i64,
    generation: u64,
    offset_bits: u64,
    stretches: u64,
    is_aligned: bool,
    /// Grows while the reference is read, and with another region.
    revision: u64,
    region: Option<Region>,
    smoothing: Smoothing,
}

/// The mark of a picture with what was measured last.
#[derive(Clone, Debug, Default)]
pub struct MarkState {
    mark: Option<Mark>,
    /// Whether it only points at something, as a finding's "Show" does.
    points: bool,
    /// The finding it points at, if it is one of tone.
    finding: Option<PointedFinding>,
    measured: Option<(Key, MarkScene)>,
    num_measured: u64,
}

impl MarkState {
    /// Marks something else, or nothing.
    pub fn set(&mut self, mark: Option<Mark>) {
        self.points = false;
        self.finding = None;
        self.mark = mark;
        if mark.is_none() {
            self.measured = None;
        }
    }

    /// Marks what somebody is to look at, and says which finding that is; what is compared stays what it was.
    pub fn point_at(&mut self, mark: Option<Mark>, finding: Option<PointedFinding>) {
        self.set(mark);
        self.points = mark.is_some();
        self.finding = finding;
    }

    /// What was marked to be compared alone.
    pub fn chosen(&self) -> Option<Mark> {
        self.mark.filter(|_| !self.points)
    }

    /// What is marked.
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// Measures the stretch where that has not been done for what is known now; `beside` is where the reference lies
    /// in a picture up to a mix time.
    pub fn measure(
        &mut self,
        session: &Session,
        (beside, until_secs): (&CompanionFrame, f64),
        looks: &Looks,
    ) {
        let smoothing = looks.spectrum_smoothing;
        let common = || overlap(session, beside, looks.mode, until_secs);
        let Some(mark) = self.mark.or_else(common) else {
            self.measured = None;
            return;
        };
        let heard = session.pair.mix.drawn().map_or(0.0, |mix| mix.end_secs());
        let data = session.pair.references.active().map(|active| active.data());
        let key = Key {
            mark,
            heard_steps: (heard.min(mark.to_secs + 1.0) / AGAIN_SECS).floor() as i64,
            generation: session.pair.references.generation(),
            offset_bits: beside.offset_secs.to_bits(),
            stretches: beside.stretches.revision,
            is_aligned: beside.is_aligned(),
            revision: data.as_ref().map_or(0, |data| data.revision),
            region: data.as_ref().map(|data| beside.region(data)),
            smoothing,
        };
        drop(data);
        if self.measured.as_ref().is_none_or(|(of, _)| *of != key) {
            self.measured = Some((key, measured(session, beside, mark, smoothing)));
            self.num_measured += 1;
        }
    }

    /// How often stretches were measured so far: a distribution is too much work for every picture.
    pub fn num_measured(&self) -> u64 {
        self.num_measured
    }

    /// Shows it in a scene: the spectrum panel then shows the stretch instead of now, and where sections are compared the
    /// table the mix's section instead of all of it.
    pub fn show(&self, scene: &mut Scene) {
        if let Some((_, measured)) = &self.measured {
            // What is followed has all of its section for a curve, whatever the mix has of its own.
            let is_followed = self.mark.is_none() && scene.alignment == Alignment::OtherSong;
            for side in Side::BOTH {
                if side == Side::Mix || !is_followed {
                    scene.sides[side.index()].spectrum = measured.spectra[side.index()].clone();
                }
            }
            if self.mark.is_none() {
                scene.overlap_secs = Some([measured.mark.from_secs, measured.mark.to_secs]);
                return;
            }
            if let Some(section) = measured.section.filter(|_| !self.points) {
                let mark = measured.mark;
                let mix = &mut scene.sides[Side::Mix.index()];
                let is_long = mark.to_secs - mark.from_secs >= RANGE_SETTLES_SECS;
                section.replace(&mut mix.figures, is_long);
                mix.detail = format!("[{}–{}]", minutes(mark.from_secs), minutes(mark.to_secs));
                // Section and section are compared equally loud, as their findings are.
                let [mix, reference] = &scene.sides;
                let lufs = [mix, reference].map(|side| side.figures.integrated_lufs);
                if let Some(gain_db) = match_gain_lu(lufs[0], lufs[1]) {
                    scene.match_gain_db = Some(gain_db);
                    scene.match_of = "section";
                }
            }
            scene.mark = Some(MarkScene {
                finding: self.finding,
                ..measured.clone()
            });
        }
    }
}

/// What both sides hold within a stretch.
pub fn measured(
    session: &Session,
    beside: &CompanionFrame,
    mark: Mark,
    smoothing: Smoothing,
) -> MarkScene {
    let mix = session.pair.mix.drawn();
    let live = session.pair.references.input();
    // Of the same song both sides are measured over the same seconds, where there are any; silence of one is none of them.
    let sound = BothSound::of(session, beside);
    // Whoever marks nothing but silence looks at the noise in it.
    let is_noise = common_secs(mark, |secs| sound.mix(secs)) == 0.0;
    let is_record_noise = common_secs(mark, |secs| sound.record(secs)) == 0.0;
    let common_secs = match beside.is_aligned() && live.is_none() {
        true => common_secs(mark, |secs| sound.both(secs)),
        false => 0.0,
    };
    let counts = |mix_secs: f64| match common_secs > 0.0 {
        true => sound.both(mix_secs),
        false => is_noise || sound.mix(mix_secs),
    };
    let (mix_lufs, mix_curves) = mix
        .map(|mix| heard_measured(mix, 0.0, mark, counts))
        .unzip();
    let reference = match live.and_then(LiveReference::drawn) {
        Some(live) => Some(heard_measured(live, beside.offset_secs, mark, |_| true)),
        None => session.pair.references.active().map(|reference| {
            reference_measured(&reference.data(), mark, |mix_secs| {
                let counts = match common_secs > 0.0 {
                    true => sound.both(mix_secs),
                    false => is_record_noise || sound.record(mix_secs),
                };
                sound.in_record(mix_secs).filter(|_| counts)
            })
        }),
    };
    let (reference_lufs, reference_curves) = reference.unzip();
    let section = section_of(session, beside, mark);
    // A section of the mix is held against all of the region, and not against what happened to lie there.
    let of_region = section.and_then(|_| {
        let active = session.pair.references.active()?;
        let data = active.data();
        Some((data.loudness_of_part().0, data.curves().cloned()))
    });
    let (region_lufs, region_curves) = of_region.unwrap_or_default();
    let reference_lufs = region_lufs.or(reference_lufs.flatten());
    let record_curves = if section.is_some() {
        region_curves
    } else {
        reference_curves
    };
    let curves = [mix_curves, record_curves];
    let band = |curves: &Option<SpectrumCurves>| {
        let [low_hz, high_hz] = mark.hz?;
        band_db(&curves.as_ref()?.mean_db, low_hz, high_hz)
    };
    MarkScene {
        mark,
        loudness_lufs: [mix_lufs.flatten(), reference_lufs],
        common_secs: match common_secs {
            0.0 => mark.to_secs - mark.from_secs,
            common_secs => common_secs,
        },
        finding: None,
        section,
        band_difference_db: band(&curves[0]).zip(band(&curves[1])).map(|(a, b)| a - b),
        spectra: curves.map(|curves| {
            curves.map_or_else(SpectrumScene::default, |curves| {
                spectrum_of(curves, smoothing)
            })
        }),
    }
}

/// The mix's figures of a stretch that is compared with a region of another song.
fn section_of(session: &Session, beside: &CompanionFrame, mark: Mark) -> Option<SectionFigures> {
    let reference = session.pair.references.active()?;
    let has_region = reference.data().region.is_some();
    if !has_region || beside.is_aligned() || mark.hz.is_some() {
        return None;
    }
    let points = session.pair.mix.drawn()?.loudness.points();
    let point = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
    let [from, to] = [mark.from_secs, mark.to_secs].map(point);
    Some(SectionFigures::of(points.get(from..to)?))
}

/// How much of a stretch lies beside something, in seconds.
fn common_secs(mark: Mark, lies_beside: impl Fn(f64) -> bool) -> f64 {
    let num_points = ((mark.to_secs - mark.from_secs) / POINT_SECS).round() as usize;
    let middle = |n: usize| mark.from_secs + (n as f64 + 0.5) * POINT_SECS;
    let count = (0..num_points).filter(|n| lies_beside(middle(*n))).count();
    count as f64 * POINT_SECS
}

/// What an input heard, whose time under mix time 0 is `offset_secs`, within a stretch of mix time, where that counts.
fn heard_measured(
    side: &History,
    offset_secs: f64,
    mark: Mark,
    counts: impl Fn(f64) -> bool,
) -> (Option<f64>, SpectrumCurves) {
    let [from_secs, to_secs] = [mark.from_secs, mark.to_secs].map(|secs| secs + offset_secs);
    let point = |secs: f64| (secs / POINT_SECS).round().max(0.0) as usize;
    let points = side.loudness.points();
    let within = point(from_secs)..point(to_secs).min(points.len());
    let counted: Vec<LoudnessPoint> = within
        .filter(|n| counts((*n as f64 + 0.5) * POINT_SECS - offset_secs))
        .filter_map(|n| points.get(n).copied())
        .collect();
    let lufs = region_integrated(&counted, 0..counted.len());
    let hop_secs = side.hop_secs();
    let mut tier = tier_of(hop_secs, to_secs - from_secs);
    let first = |tier| side.columns.kept(tier).start;
    // What a fine tier has let go of, a coarser one still has.
    while tier + 1 < NUM_TIERS
        && first(tier) > 0
        && column_secs(hop_secs, tier, first(tier) as f64) > from_secs
    {
        tier += 1;
    }
    let columns_of = |tier: usize| {
        let index = |secs: f64| column_index(hop_secs, tier, secs).max(0.0).ceil() as u64;
        let columns = index(from_secs)..index(to_secs);
        let at_secs = move |index: u64| column_secs(hop_secs, tier, index as f64) - offset_secs;
        let counts = &counts;
        let counted = columns.filter(move |index| counts(at_secs(*index)));
        counted.filter_map(move |index| side.columns.get(tier, index))
    };
    let curves = distribution(columns_of(tier), columns_of(tier.max(BAND_TIER.into())));
    (lufs, curves)
}

/// What a reference holds within a stretch of mix time; `reference_secs` is its own time beside a mix time.
fn reference_measured(
    data: &ReferenceData,
    mark: Mark,
    reference_secs: impl Fn(f64) -> Option<f64>,
) -> (Option<f64>, SpectrumCurves) {
    let length_secs = mark.to_secs - mark.from_secs;
    let points = data.loudness.points();
    let heard: Vec<LoudnessPoint> = (0..(length_secs / POINT_SECS).round() as i64)
        .filter_map(|n| {
            // The middle of the tenth of a second, so that rounding cannot fall into its neighbour.
            let mix_secs = mark.from_secs + (n as f64 + 0.5) * POINT_SECS;
            let secs = reference_secs(mix_secs)?;
            points.get((secs / POINT_SECS) as usize).copied()
        })
        .collect();
    let lufs = region_integrated(&heard, 0..heard.len());
    let hop_secs = data.hop_secs();
    if hop_secs <= 0.0 {
        return (lufs, SpectrumCurves::silent());
    }
    let tier = data.tier_there(tier_of(hop_secs, length_secs));
    let reference_secs = &reference_secs;
    let columns_of = |tier: usize| {
        let count = (length_secs / tier_secs(hop_secs, tier)).ceil() as i64;
        (0..count).filter_map(move |n| {
            let mix_secs = mark.from_secs + (n as f64 + 0.5) * tier_secs(hop_secs, tier);
            let secs = reference_secs(mix_secs)?;
            let index = column_index(hop_secs, tier, secs).round().max(0.0);
            data.column(tier, index as u64)
        })
    };
    let of_bands = data.tier_there(tier.max(BAND_TIER.into()));
    (lufs, distribution(columns_of(tier), columns_of(of_bands)))
}

/// The finest tier of which a stretch has few enough columns.
fn tier_of(hop_secs: f64, length_secs: f64) -> usize {
    let columns = |tier: i32| length_secs / (hop_secs * (TIER_FACTOR as f64).powi(tier));
    (0..NUM_TIERS as i32 - 1)
        .find(|tier| columns(*tier) <= MOST_COLUMNS)
        .unwrap_or(NUM_TIERS as i32 - 1) as usize
}

fn distribution<'a>(
    columns: impl Iterator<Item = &'a [u32; NUM_BINS]>,
    of_bands: impl Iterator<Item = &'a [u32; NUM_BINS]>,
) -> SpectrumCurves {
    let column = |bins: &[u32; NUM_BINS]| Column {
        index: 0,
        bins: *bins,
    };
    let mut distribution = Distribution::default();
    columns.for_each(|bins| distribution.add(&column(bins)));
    let mut bands = BandMeter::of_all();
    of_bands.for_each(|bins| bands.add(&column(bins)));
    SpectrumCurves {
        range: bands.range(),
        ..distribution.curves()
    }
}

fn spectrum_of(curves: SpectrumCurves, smoothing: Smoothing) -> SpectrumScene {
    smoothed_curves(&curves, smoothing, |levels_db, width| {
        width.smooth(levels_db)
    })
}

/// Sum of the tone levels in a band: good for the ratio of two sides only.
fn band_db(mean_db: &[f32], low_hz: f64, high_hz: f64) -> Option<f64> {
    let bin = |hz: f64| (bin_from_hz(hz).round().max(0.0) as usize).min(mean_db.len());
    let levels = &mean_db[bin(low_hz)..bin(high_hz).max(bin(low_hz))];
    let power: f64 = levels.iter().map(|db| power_from_db(f64::from(*db))).sum();
    existing(db_from_power(power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::compare::alignment::AlignmentResult;
    use crate::compare::tracker::Tracking;
    use crate::session::references::Reference;
    use crate::session::sides::still::StillSide;
    use crate::session::sides::stretches::{Stretch, Stretches};
    use crate::view::build::{Moment, PictureRequest, scene};

    #[test]
    fn beside_a_kept_sound_the_spectrum_is_of_what_both_have() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = StillSide::new("tone".to_owned(), format);
        let sound: Vec<f32> = (0..4 * 48_000)
            .map(|n| 0.2 * (n as f32 * 0.05).sin())
            .collect();
        mix.feed(&sound);
        mix.settle();
        session.pair.mix = mix.into();
        let kept = ReferenceData {
            is_kept_sound: true,
            ..ReferenceData::empty()
        };
        let kept = Reference::of_picture("kept".to_owned(), kept);
        session.pair.references.add(kept).expect("there is room");
        let beside = CompanionFrame {
            tracking: Some(Tracking::Locked(AlignmentResult::at(-0.5, 0.99))),
            offset_secs: -0.5,
            stretches: Stretches::of(vec![Stretch {
                from_secs: 0.5,
                to_secs: 1.5,
                offset_secs: -0.5,
            }]),
            ..CompanionFrame::default()
        };
        let moment = Moment::now(&session);
        let mut scene = scene(
            &session,
            moment,
            &Looks::default(),
            PictureRequest::default(),
        );
        let mut state = MarkState::default();
        state.measure(
            &session,
            (&CompanionFrame::default(), f64::INFINITY),
            &Looks::default(),
        );
        state.show(&mut scene);
        assert_eq!(scene.overlap_secs, None, "they have nothing in common");
        state.measure(&session, (&beside, f64::INFINITY), &Looks::default());
        state.show(&mut scene);
        assert_eq!(scene.overlap_secs, Some([0.5, 1.5]));
        assert_eq!((&scene.mark, state.mark()), (&None, None));
        assert!(scene.sides[0].spectrum.live_db.is_empty());
    }

    #[test]
    fn a_stretch_is_measured_once_and_again_while_more_of_it_is_heard() {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut session = Session::default();
        let mut mix = StillSide::new("tone".to_owned(), format);
        let second: Vec<f32> = (0..2 * 48_000)
            .map(|n| 0.2 * (n as f32 * 0.05).sin())
            .collect();
        mix.feed(&second);
        mix.settle();
        session.pair.mix = mix.into();
        let mut state = MarkState::default();
        let mut pictures = |session: &Session, mark| {
            state.set(Some(mark));
            for _ in 0..5 {
                state.measure(
                    session,
                    (&session.pair.beside, f64::INFINITY),
                    &Looks::default(),
                );
            }
            state.num_measured()
        };
        let mark = Mark {
            from_secs: 0.0,
            to_secs: 2.0,
            hz: None,
        };
        assert_eq!(pictures(&session, mark), 1);
        for (heard, measured) in [(2, 2), (3, 3), (4, 3), (5, 3)] {
            if let Some(mix) = session.pair.mix.still_mut() {
                mix.feed(&second);
                mix.settle();
            }
            assert_eq!(pictures(&session, mark), measured, "{heard} s");
        }
        let other = Mark {
            to_secs: 1.0,
            ..mark
        };
        assert_eq!(pictures(&session, other), 4);
    }
}
