//! Every shader is valid WGSL, and every Rust mirror of a WGSL struct has its names, order, offsets and sizes.

use abscope::render::floor;
use abscope::render::mirror::Mirror;
use abscope::render::renderer::FrameGlobals;
use abscope::render::scope::{self, ScopeParams};
use abscope::render::shapes;
use abscope::render::spectrogram::{self, BandParams, PaneParams, StripParams, StripSide};
use abscope::render::triangles;

fn parsed(wgsl: &str) -> naga::Module {
    let module = naga::front::wgsl::parse_str(wgsl)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(wgsl)));
    let mut validator = naga::valid::Validator::new(
        naga::valid::ValidationFlags::all(),
        naga::valid::Capabilities::empty(),
    );
    validator
        .validate(&module)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(wgsl)));
    module
}

/// What is wrong with a mirror, or nothing.
fn mismatch<T: Mirror>(module: &naga::Module, fields: &[(&str, usize, usize)]) -> Option<String> {
    let Some((_, ty)) = module
        .types
        .iter()
        .find(|(_, ty)| ty.name.as_deref() == Some(T::WGSL_NAME))
    else {
        return Some(format!("no struct {} in the shader", T::WGSL_NAME));
    };
    let naga::TypeInner::Struct { members, span } = &ty.inner else {
        return Some(format!("{} is not a struct", T::WGSL_NAME));
    };
    if *span as usize != size_of::<T>() {
        return Some(format!("size {} in Rust, {span} in WGSL", size_of::<T>()));
    }
    if members.len() != fields.len() {
        return Some(format!(
            "{} fields in Rust, {} in WGSL",
            fields.len(),
            members.len()
        ));
    }
    for (member, (name, offset, size)) in members.iter().zip(fields) {
        let wgsl_size = module.types[member.ty].inner.size(module.to_ctx()) as usize;
        let wgsl = (
            member.name.as_deref().unwrap_or(""),
            member.offset as usize,
            wgsl_size,
        );
        if wgsl != (*name, *offset, *size) {
            return Some(format!(
                "Rust has {:?}, WGSL has {wgsl:?}",
                (name, offset, size)
            ));
        }
    }
    None
}

fn check<T: Mirror>(wgsl: &str) {
    if let Some(why) = mismatch::<T>(&parsed(wgsl), T::FIELDS) {
        panic!("{}: {why}", T::WGSL_NAME);
    }
}

#[test]
fn every_shader_file_belongs_to_a_valid_shader() {
    let sources = [
        ("floor.wgsl", floor::WGSL),
        ("shapes.wgsl", shapes::WGSL),
        ("scope.wgsl", scope::WGSL),
        ("triangles.wgsl", triangles::WGSL),
        ("spectrogram.wgsl", spectrogram::PANE_WGSL),
        ("spectrogram_strip.wgsl", spectrogram::STRIP_WGSL),
        ("band_levels.wgsl", spectrogram::BANDS_WGSL),
        ("excitation.wgsl", spectrogram::EXCITATION_WGSL),
    ];
    for (_, wgsl) in sources {
        parsed(wgsl);
    }
    let mut on_disk: Vec<String> = std::fs::read_dir("shaders")
        .expect("shaders/ exists")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| name.ends_with(".wgsl"))
        .collect();
    on_disk.sort();
    let mut known: Vec<_> = sources.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.sort();
    assert_eq!(
        on_disk, known,
        "a shader file that no pass uses, or one that this test does not know"
    );
}

#[test]
fn every_mirror_matches_its_struct() {
    check::<FrameGlobals>(shapes::WGSL);
    check::<ScopeParams>(scope::WGSL);
    check::<PaneParams>(spectrogram::PANE_WGSL);
    check::<StripSide>(spectrogram::STRIP_WGSL);
    check::<StripParams>(spectrogram::STRIP_WGSL);
    check::<BandParams>(spectrogram::BANDS_WGSL);
    check::<BandParams>(spectrogram::EXCITATION_WGSL);
}

#[test]
fn the_check_sees_a_swapped_a_renamed_and_a_missing_field() {
    let module = parsed(scope::WGSL);
    let mut swapped = ScopeParams::FIELDS.to_vec();
    swapped.swap(0, 1);
    assert!(mismatch::<ScopeParams>(&module, &swapped).is_some());
    let mut renamed = ScopeParams::FIELDS.to_vec();
    renamed[0].0 = "rectangle";
    assert!(mismatch::<ScopeParams>(&module, &renamed).is_some());
    let missing = &ScopeParams::FIELDS[1..];
    assert!(mismatch::<ScopeParams>(&module, missing).is_some());
    assert!(mismatch::<StripParams>(&module, StripParams::FIELDS).is_some());
}

#[test]
fn constants_known_to_both_sides_agree() {
    use abscope::analysis::column;
    let module = parsed(spectrogram::STRIP_WGSL);
    let constant = |name: &str| -> f64 {
        let (_, constant) = module
            .constants
            .iter()
            .find(|(_, c)| c.name.as_deref() == Some(name))
            .unwrap_or_else(|| panic!("no constant {name}"));
        match module.global_expressions[constant.init] {
            naga::Expression::Literal(naga::Literal::F32(v)) => f64::from(v),
            naga::Expression::Literal(naga::Literal::U32(v)) => f64::from(v),
            ref other => panic!("{name} is {other:?}"),
        }
    };
    assert_eq!(constant("NUM_BINS"), abscope::dsp::grid::NUM_BINS as f64);
    assert_eq!(
        constant("RING_COLUMNS"),
        abscope::render::history::RING_COLUMNS as f64
    );
    assert_eq!(
        constant("LEVEL_FLOOR_DB"),
        f64::from(column::LEVEL_FLOOR_DB)
    );
    assert!((constant("LEVEL_STEP_DB") - f64::from(column::LEVEL_STEP_DB)).abs() < 1e-9);
    assert_eq!(constant("RATIO_STEP_DB"), f64::from(column::RATIO_STEP_DB));
}
