//! What a saved picture carries: it comes back as it went in, nothing malformed panics, and the stamp is drawn.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use abscope::app::headless::Headless;
use abscope::app::render_command::still_scene;
use abscope::app::scopes::{ScopeTracks, TrackFeed};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::cli::picture::{encode_with_text, write_png};
use abscope::session::Session;
use abscope::session::action::PictureKind;
use abscope::session::sides::still::StillSide;
use abscope::session::snapshots::picture_metadata::{
    KEYWORD, MetadataError, PictureAlignment, PictureMetadata, PictureSide, SCHEMA,
};
use abscope::units::plain::plain;
use abscope::view::build::Moment;
use abscope::view::layout::Layout;
use abscope::view::palette::Palette;
use abscope::view::rect::Rect;
use abscope::view::scene::{Looks, SideState};
use abscope::view::stamp::Stamp;
use proptest::prelude::*;
use serde_json::json;

fn metadata() -> PictureMetadata {
    PictureMetadata {
        schema: SCHEMA,
        app_version: "0.1.0".to_owned(),
        created_unix_secs: 1_795_408_265,
        created: "23 November 2026, 04:31:05".to_owned(),
        song: "Lied \"ohne\" Wörter 🎵".to_owned(),
        snapshot: Some("Chorus 3".to_owned()),
        at_secs: 40.25,
        bars: Some([33, 49]),
        mix: PictureSide {
            source: "Monitor of Main Out".to_owned(),
            sample_rate_hz: 48_000,
            integrated_lufs: Some(-17.6),
            ..PictureSide::default()
        },
        reference: None,
        match_gain_db: Some(-4.0),
        alignment: Some(PictureAlignment {
            offset_secs: 0.0698,
            confidence: 0.98,
        }),
        settings: json!({ "mode": "difference" }),
    }
}

/// A small PNG that carries a text.
fn picture(keyword: &str, text: &str) -> Vec<u8> {
    encode_with_text([3, 2], &[7; 24], keyword, text).expect("memory has room")
}

fn read(bytes: &[u8]) -> Result<PictureMetadata, MetadataError> {
    PictureMetadata::read(&mut Cursor::new(bytes))
}

fn assert_refused(bytes: &[u8], reason: &str) {
    let why = read(bytes).expect_err(reason).to_string();
    assert!(why.contains(reason), "{why:?} does not say {reason:?}");
}

#[test]
fn figures_come_back_from_a_picture_that_decodes() {
    let bytes = picture(KEYWORD, &metadata().to_text());
    assert_eq!(read(&bytes).expect("it is ours"), metadata());
    let mut reader = png::Decoder::new(Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    reader.next_frame(&mut pixels).expect("whole");
    assert_eq!(pixels, [7; 24]);
}

#[test]
fn what_is_not_ours_is_refused_with_a_reason() {
    assert_refused(b"", "no PNG");
    assert_refused(b"GIF89a and so on", "no PNG");
    assert_refused(&picture("Comment", "hello"), "holds no figures of Abscope");
    assert_refused(&picture("AbscopeX", "{}"), "holds no figures of Abscope");
    assert_refused(&picture(KEYWORD, "not json"), "damaged");
    assert_refused(&picture(KEYWORD, "{\"schema\":0}"), "no schema 0");
    assert_refused(
        &picture(KEYWORD, "{\"schema\":9,\"new\":1}"),
        "newer Abscope (schema 9)",
    );
    assert_refused(&picture(KEYWORD, "{\"schema\":1}"), "missing field");
    assert_refused(&picture(KEYWORD, &"[".repeat(100_000)), "damaged");
    assert_refused(&picture(KEYWORD, &" ".repeat(300_000)), "more than 256 KiB");
    let mut long = metadata();
    long.song = "x".repeat(2000);
    assert_refused(&picture(KEYWORD, &long.to_text()), "1024 letters");
    let mut strange = metadata();
    strange.settings = json!([1, 2]);
    assert_refused(&picture(KEYWORD, &strange.to_text()), "settings");
}

#[test]
fn a_changed_byte_of_the_text_is_noticed_and_so_is_an_early_end() {
    let bytes = picture(KEYWORD, &metadata().to_text());
    let at = bytes
        .windows(8)
        .position(|w| w == b"Chorus 3")
        .expect("it is there");
    let mut changed = bytes.clone();
    changed[at] ^= 1;
    assert_refused(&changed, "checksum of its iTXt chunk");
    assert_refused(&bytes[..at], "ends too early");
}

proptest! {
    #[test]
    fn any_figures_come_back_bit_for_bit(
        song in ".{0,200}".prop_map(|song| plain(&song).into_owned()),
        values in prop::array::uniform8(prop::option::of(-1e6f64..1e6)),
        offset_secs in -1e5f64..1e5,
        rate in 1u32..768_000,
    ) {
        let mut sent = metadata();
        sent.song = song;
        let [a, b, c, d, e, f, g, h] = values;
        sent.reference = Some(PictureSide {
            source: "r".to_owned(),
            sample_rate_hz: rate,
            momentary_lufs: a,
            short_term_lufs: b,
            integrated_lufs: c,
            range_lu: d,
            true_peak_dbtp: e,
            plr_lu: f,
            psr_lu: g,
            correlation: h,
        });
        sent.alignment = Some(PictureAlignment { offset_secs, confidence: 0.5 });
        prop_assert_eq!(read(&picture(KEYWORD, &sent.to_text())).expect("it is ours"), sent);
    }

    #[test]
    fn flipped_and_cut_bytes_never_panic(
        flips in prop::collection::vec((0usize..2000, 0u8..8), 1..8),
        end in 0usize..2000,
    ) {
        let mut bytes = picture(KEYWORD, &metadata().to_text());
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        bytes.truncate(end.max(1));
        let _ = read(&bytes);
    }

    #[test]
    fn any_bytes_after_the_signature_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        png.extend(bytes);
        prop_assert!(read(&png).is_err());
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stamps");
    std::fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// A session that has heard a tone for some seconds.
fn session() -> Session {
    let format = StreamFormat {
        sample_rate_hz: 48_000,
        layout: ChannelLayout::Stereo,
    };
    let mut mix = StillSide::new("A song with a name".to_owned(), format);
    let tone = |frame: usize| (frame as f32 * 0.13).sin() * 0.2;
    let frames: Vec<f32> = (0..480_000).flat_map(|n| [tone(n), tone(n + 3)]).collect();
    mix.feed(&frames);
    mix.settle();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    session
}

#[test]
fn the_stamp_is_drawn_on_every_kind_of_picture_and_covers_no_panel() {
    let session = session();
    let mut headless = Headless::new().expect("the tests have a GPU or Mesa's");
    for kind in PictureKind::ALL {
        let (size, looks) = (kind.size(), Looks::default());
        let whole = Layout::compare(size, kind.scale(), looks.mode);
        let rest = [size[0], Stamp::rest(&whole)];
        let mut scene = still_scene(&session, &looks, rest, "");
        scene.layout = Layout::compare(rest, kind.scale(), looks.mode);
        let mix = scene.sides[0].figures;
        let reference = &mut scene.sides[1];
        reference.name = "Another Band - Another Song (Remastered 2011)".to_owned();
        reference.state = SideState::Running;
        reference.sample_rate_hz = 44_100;
        reference.figures = mix;
        scene.match_gain_db = Some(-3.4);
        let stamp = Stamp {
            rect: Rect::default(),
            song: "A song with a name".to_owned(),
            snapshot: Some("Chorus 3".to_owned()),
            made: "23 November 2026, 04:31:05".to_owned(),
            version: "0.1.0".to_owned(),
        };
        stamp.put_into(&mut scene, &whole);
        let rect = scene.stamp.as_ref().expect("it was put there").rect;
        for (name, panel) in scene.layout.all_rects() {
            assert!(
                panel.bottom() <= rect.y + 1.0 || panel.h == 0.0,
                "{name} under the stamp"
            );
        }
        let feeds = ScopeTracks::default().advance(Moment::now(&session));
        let pixels = headless
            .picture(
                &session.pair.histories(),
                &scene,
                feeds.each_ref().map(TrackFeed::feed),
            )
            .expect("it fits");
        write_png(
            &folder().join(format!("{}.png", kind.name())),
            size,
            &pixels,
        )
        .expect("room");
        let rows = pixels
            .chunks_exact(4 * size[0] as usize)
            .skip(rect.y as usize + 4);
        let is_ink = |p: &[u8]| p[..3].iter().all(|c| *c > 150);
        let inked = rows.filter(|row| row.chunks_exact(4).any(is_ink)).count();
        assert!(
            inked as f32 > 0.25 * rect.h,
            "{kind:?}: {inked} rows with words of {}",
            rect.h
        );
        let ground = Palette::DARK.panel.0;
        let last = &pixels[pixels.len() - 4..];
        assert_eq!(
            last,
            &ground[..],
            "{kind:?}: the band reaches to the corner"
        );
    }
}
