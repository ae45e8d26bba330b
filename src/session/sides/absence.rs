//! Lengths of absences in words.

/// A length of time in words: "0.24 s", "3.2 s", "12 min 5 s", "7 h 40 min".
pub fn absence(secs: f64) -> String {
    let whole = secs.round() as u64;
    match whole {
        _ if secs < 1.0 => format!("{secs:.2} s"),
        0..100 => format!("{secs:.1} s"),
        100..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}
