//! Tests of the layouts: nothing overlaps, nothing leaves the window, whatever a person arranges.

use super::*;
use crate::session::settings::arrangement::{Divider, LayoutKind, Panel};

const MODES: [CompareMode; 5] = [
    CompareMode::SideBySide,
    CompareMode::Overlay,
    CompareMode::Difference,
    CompareMode::MixOnly,
    CompareMode::ReferenceOnly,
];

const SIZES: [[u32; 2]; 12] = [
    [1280, 720],
    [1920, 1080],
    [3840, 2160],
    [700, 900],
    [1080, 1920],
    [1000, 600],
    [900, 200],
    [899, 201],
    [2560, 1080],
    [1920, 120],
    [700, 120],
    [1920, 199],
];

fn room(size: [u32; 2], font_scale: f32) -> Room {
    Room {
        size,
        scale: 1.0,
        font_scale,
        has_drawer: false,
    }
}

fn check(what: &str, size: [u32; 2], scale: f32, mode: CompareMode, arrangement: &Arrangement) {
    let layout = Layout::of(size, scale, mode, arrangement);
    let at = format!("{what} at {size:?} × {scale} in {mode:?}");
    check_places(&at, size, &layout);
    assert!(layout.text.label >= 12.0 * scale, "{at}");
    assert!(
        layout.table_text.label >= layout.text.label
            && layout.table_text.key >= layout.table_text.table
            && layout.table_text.table >= layout.text.label,
        "{at}"
    );
}

fn check_places(at: &str, size: [u32; 2], layout: &Layout) {
    let rects = layout.all_rects();
    for (i, (name, rect)) in rects.iter().enumerate() {
        let is_inside = rect.x >= 0.0
            && rect.y >= 0.0
            && rect.right() <= size[0] as f32
            && rect.bottom() <= size[1] as f32;
        assert!(is_inside, "{name} leaves {at}: {rect:?}");
        for (other_name, other) in &rects[i + 1..] {
            assert!(
                !rect.overlaps(*other),
                "{name} {rect:?} over {other_name} {other:?}, {at}"
            );
        }
    }
}

#[test]
fn larger_and_smaller_type_keeps_everything_apart_and_inside() {
    for layout in LayoutKind::ALL {
        let arrangement = Arrangement {
            layout,
            ..Arrangement::default()
        };
        for (mode, size) in MODES.into_iter().flat_map(|m| SIZES.map(|s| (m, s))) {
            let usual = Layout::of(size, 1.0, mode, &arrangement);
            for font_scale in [0.8, 1.25, 1.6] {
                let scaled = Layout::in_room(room(size, font_scale), mode, &arrangement);
                let at = format!("{} at {size:?}, type × {font_scale}", layout.name());
                check_places(&at, size, &scaled);
                let ratio = scaled.text.label / usual.text.label;
                assert!(ratio <= font_scale + 1e-3, "{at}: {ratio}");
                let is_usual = size == [1920, 1080] && layout == LayoutKind::Compare;
                if is_usual && font_scale <= 1.25 {
                    assert!((ratio - font_scale).abs() < 1e-3, "{at}: {ratio}");
                }
            }
        }
    }
}

fn check_everywhere(what: &str, arrangement: &Arrangement) {
    for mode in MODES {
        for size in SIZES {
            for scale in [1.0, 1.5, 2.0] {
                check(what, size, scale, mode, arrangement);
            }
        }
    }
}

#[test]
fn nothing_overlaps_or_leaves_the_window_at_any_size() {
    for layout in LayoutKind::ALL {
        let mut arrangement = Arrangement {
            layout,
            ..Arrangement::default()
        };
        check_everywhere(layout.name(), &arrangement);
        for panel in Panel::ALL {
            arrangement.filled = Some(panel);
            check_everywhere(panel.name(), &arrangement);
        }
    }
}

#[test]
fn nothing_overlaps_however_panels_are_hidden_swapped_and_dragged() {
    for hidden in 0..63u32 {
        let mut arrangement = Arrangement::default();
        for (bit, panel) in Panel::ALL.into_iter().enumerate() {
            if hidden & (1 << bit) != 0 {
                arrangement.toggle_hidden(panel);
            }
        }
        for ends in 0..16u32 {
            for (bit, divider) in Divider::ALL.into_iter().enumerate() {
                let end = usize::from(ends & (1 << bit) != 0);
                arrangement.move_divider(divider, divider.range()[end]);
            }
            arrangement.swapped = ends % 3 == 0;
            for size in SIZES {
                let what = format!("hidden {hidden:b}, dividers {ends:b}");
                check(&what, size, 1.0, CompareMode::SideBySide, &arrangement);
                check(&what, size, 1.0, CompareMode::Difference, &arrangement);
            }
        }
    }
}

#[test]
fn a_hidden_panel_is_gone_and_its_neighbours_take_its_place() {
    let size = [1920, 1080];
    let usual = Layout::compare(size, 1.0, CompareMode::SideBySide);
    let mut arrangement = Arrangement::default();
    arrangement.toggle_hidden(Panel::Loudness);
    let layout = Layout::of(size, 1.0, CompareMode::SideBySide, &arrangement);
    assert_eq!(layout.place(Panel::Loudness), None);
    assert!(layout.panes[0].plot.h > usual.panes[0].plot.h * 1.1);
    for panel in [Panel::Spectrum, Panel::Scopes, Panel::Width, Panel::Table] {
        arrangement.toggle_hidden(panel);
    }
    let layout = Layout::of(size, 1.0, CompareMode::SideBySide, &arrangement);
    assert!(layout.panes[0].plot.w > 1800.0, "{:?}", layout.panes[0]);
}

#[test]
fn a_divider_stands_where_the_mouse_left_it() {
    let size = [1920, 1080];
    for swapped in [false, true] {
        let mut arrangement = Arrangement {
            swapped,
            ..Arrangement::default()
        };
        for divider in Divider::ALL {
            let place = |arrangement: &Arrangement| {
                let layout = Layout::of(size, 1.0, CompareMode::SideBySide, arrangement);
                let found = layout.dividers.iter().find(|p| p.divider == divider);
                *found.expect("the usual layout has all dividers")
            };
            let before = place(&arrangement);
            let shift = if before.is_upright {
                [70.0, 0.0]
            } else {
                [0.0, -60.0]
            };
            let at = [
                before.rect.x + before.rect.w / 2.0 + shift[0],
                before.rect.y + before.rect.h / 2.0 + shift[1],
            ];
            arrangement.move_divider(divider, before.fraction_at(at[0], at[1]));
            let after = place(&arrangement).rect;
            let moved = [after.x - before.rect.x, after.y - before.rect.y];
            for axis in 0..2 {
                let off = (moved[axis] - shift[axis]).abs();
                assert!(
                    off <= before.rect.w.min(before.rect.h),
                    "{divider:?}: {moved:?}"
                );
            }
        }
    }
}

#[test]
fn what_fills_the_window_is_the_only_panel_in_it() {
    for panel in Panel::ALL {
        let arrangement = Arrangement {
            filled: Some(panel),
            ..Arrangement::default()
        };
        let layout = Layout::of([1920, 1080], 1.0, CompareMode::MixOnly, &arrangement);
        let panels: Vec<_> = layout.all_rects().into_iter().skip(2).collect();
        for (name, rect) in &panels {
            if *name != "time axis" {
                let middle = [rect.x + rect.w / 2.0, rect.y + rect.h / 2.0];
                assert_eq!(layout.panel_at(middle[0], middle[1]), Some(panel));
            }
        }
        let area: f32 = panels.iter().map(|(_, rect)| rect.w * rect.h).sum();
        assert!(area > 0.85 * 1920.0 * 1080.0, "{panel:?} fills {area}");
    }
}

#[test]
fn the_two_panes_are_equally_large_so_that_their_axes_match() {
    for layout in [LayoutKind::Compare, LayoutKind::Spectrogram] {
        let arrangement = Arrangement {
            layout,
            ..Arrangement::default()
        };
        for size in SIZES {
            let layout = Layout::of(size, 1.0, CompareMode::SideBySide, &arrangement);
            if let [upper, lower] = layout.panes.as_slice() {
                assert_eq!([upper.plot.w, upper.plot.h], [lower.plot.w, lower.plot.h]);
            }
        }
    }
}

#[test]
fn a_size_of_type_that_nobody_can_mean_is_the_largest() {
    for mode in [CompareMode::SideBySide, CompareMode::Difference] {
        let of = |font_scale| {
            Layout::in_room(room([1280, 720], font_scale), mode, &Arrangement::default())
        };
        for absurd in [1e30, f32::INFINITY] {
            assert_eq!(of(absurd), of(FONT_SCALES[1]));
        }
        assert_eq!(of(-1e30), of(FONT_SCALES[0]));
    }
}

#[test]
fn a_drawer_stands_beside_the_panels_wherever_there_is_room() {
    for layout in LayoutKind::ALL {
        let arrangement = Arrangement {
            layout,
            ..Arrangement::default()
        };
        for (mode, size) in MODES.into_iter().flat_map(|m| SIZES.map(|s| (m, s))) {
            let with_drawer = Room {
                has_drawer: true,
                ..room(size, 1.0)
            };
            let layout = Layout::in_room(with_drawer, mode, &arrangement);
            let at = format!("{arrangement:?} at {size:?} in {mode:?}");
            check_places(&at, size, &layout);
            let drawer = layout.drawer.expect("it is open");
            assert!(!drawer.overlaps(layout.top_bar) && !drawer.overlaps(layout.status_bar));
            assert!(drawer.x >= 0.0 && drawer.right() <= size[0] as f32, "{at}");
            let has_room = size[1] >= 720 && size[0] >= 1280;
            if has_room {
                let covered = layout
                    .all_rects()
                    .into_iter()
                    .find(|(_, r)| r.overlaps(drawer));
                assert_eq!(covered, None, "{at}");
            }
        }
    }
}

#[test]
fn a_narrow_window_keeps_spectrum_and_table_beside_a_drawer() {
    for size in [[700, 1000], [800, 1100], [899, 1600]] {
        let with_drawer = Room {
            has_drawer: true,
            ..room(size, 1.0)
        };
        let layout = Layout::in_room(
            with_drawer,
            CompareMode::SideBySide,
            &Arrangement::default(),
        );
        let drawer = layout.drawer.expect("it is open");
        for panel in [Panel::Spectrum, Panel::Table] {
            let place = layout.place(panel).expect("it has room");
            assert!(!drawer.overlaps(place), "{panel:?} at {size:?}");
        }
        assert!(drawer.h >= 24.0 * layout.text.label, "{size:?}: {drawer:?}");
    }
}

#[test]
fn bars_have_two_lines_where_one_is_too_short_for_their_words() {
    let bars = |size, font_scale| {
        let arrangement = Arrangement::default();
        let layout = Layout::in_room(
            room(size, font_scale),
            CompareMode::SideBySide,
            &arrangement,
        );
        let [title, label] = [layout.text.title, layout.text.label];
        [
            layout.top_bar.h > 3.0 * title,
            layout.status_bar.h > 3.0 * label,
        ]
    };
    assert_eq!(bars([1280, 720], 1.0), [false; 2]);
    assert_eq!(bars([1920, 1080], 1.0), [false; 2]);
    assert_eq!(bars([1280, 720], 1.4), [true; 2]);
    assert_eq!(bars([700, 1000], 1.0), [true; 2]);
}

#[test]
fn a_wider_table_has_no_fewer_rows() {
    let rows = |columns: f32| {
        let mut arrangement = Arrangement::default();
        arrangement.move_divider(Divider::Columns, columns);
        let layout = Layout::of([1920, 1080], 1.0, CompareMode::SideBySide, &arrangement);
        let (table, text) = (
            layout.place(Panel::Table).expect("it is shown"),
            layout.table_text,
        );
        let plain = table.h - text.table_head() - 3.0 * text.table_row(true);
        (plain / text.table_row(false)) as usize
    };
    for columns in [0.655, 0.6, 0.5, 0.4, 0.3] {
        assert!(rows(columns) >= 4, "{columns}: {}", rows(columns));
    }
}
