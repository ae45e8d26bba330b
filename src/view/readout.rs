//! Numbers as people read them: a true minus, one decimal, units, and a dash where no value exists.

/// What stands where there is no value.
pub const NONE: &str = "–";

/// A level or loudness with one decimal: "−18.6".
pub fn one_decimal(value: Option<f64>) -> String {
    match value.filter(|v| v.is_finite()) {
        Some(v) => with_minus(format!("{v:.1}")),
        None => NONE.to_owned(),
    }
}

/// A number with so many decimals: "−18", "4.5".
pub fn fixed(value: f64, decimals: usize) -> String {
    with_minus(format!("{value:.decimals$}"))
}

/// A difference with its sign always shown: "+0.4", "−3.0", "0.0".
pub fn signed(value: Option<f64>) -> String {
    match value.filter(|v| v.is_finite()) {
        Some(v) => {
            let text = format!("{v:+.1}");
            match text.as_str() {
                "+0.0" | "-0.0" => "0.0".to_owned(),
                _ => with_minus(text),
            }
        }
        None => NONE.to_owned(),
    }
}

/// How far two figures lie apart as they are shown, with so many decimals: beside "−9.1" and "−12.1" stands "+3.0",
/// whatever was rounded away.
pub fn apart(values: [Option<f64>; 2], decimals: i32) -> Option<f64> {
    let shown = |value: Option<f64>| {
        let unit = 10f64.powi(decimals);
        let value = value.filter(|value| value.is_finite())?;
        Some((value * unit).round() / unit)
    };
    Some(shown(values[0])? - shown(values[1])?)
}

/// A correlation with two decimals and its sign.
pub fn correlation(value: Option<f64>) -> String {
    match value.filter(|v| v.is_finite()) {
        // Nothing has no sign.
        Some(v) if v.abs() < 0.005 => "0.00".to_owned(),
        Some(v) => with_minus(format!("{v:+.2}")),
        None => NONE.to_owned(),
    }
}

/// A frequency with three digits: "61.7 Hz", "440 Hz", "1.24 kHz".
pub fn frequency(hz: f64) -> String {
    if hz >= 9_995.0 {
        format!("{:.1} kHz", hz / 1000.0)
    } else if hz >= 999.5 {
        format!("{:.2} kHz", hz / 1000.0)
    } else if hz >= 99.95 {
        format!("{hz:.0} Hz")
    } else {
        format!("{hz:.1} Hz")
    }
}

/// A tick of the frequency axis: "50", "2k".
pub fn frequency_tick(hz: f64) -> String {
    if hz >= 1000.0 {
        format!("{}k", (hz / 1000.0).round() as i64)
    } else {
        format!("{}", hz.round() as i64)
    }
}

/// The same to be read without an axis: "50 Hz", "2 kHz".
pub fn frequency_edge(hz: f64) -> String {
    match frequency_tick(hz) {
        tick if tick.ends_with('k') => tick.replace('k', " kHz"),
        tick => format!("{tick} Hz"),
    }
}

/// A tick or a number with no decimals and a true minus.
pub fn whole(value: f64) -> String {
    with_minus(format!("{value:.0}"))
}

/// A time as minutes and seconds: "2:05".
pub fn minutes(secs: f64) -> String {
    let total = secs.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A time as minutes, seconds and hundredths: "2:05.40".
pub fn clock_time(secs: f64) -> String {
    let hundredths = (secs.max(0.0) * 100.0).round() as u64;
    let (total, rest) = (hundredths / 100, hundredths % 100);
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:02}")
    } else {
        format!("{minutes}:{seconds:02}.{rest:02}")
    }
}

/// Seconds before the right edge: "−4.20 s", "−63 s".
pub fn seconds_back(secs: f64) -> String {
    let words = if secs.abs() < 60.0 {
        format!("{:.2} s", -secs)
    } else {
        format!("{:.0} s", -secs)
    };
    with_minus(words)
}

/// Bar and beat as people count, from so many bars with the part that has passed: "33.2".
pub fn bar_and_beat(bars: f64, beats_in_bar: u16) -> String {
    let beats_in_bar = i64::from(beats_in_bar.max(1));
    // What lies on a beat, by a rounded number, is that beat.
    let beats = (bars * beats_in_bar as f64 + 1e-6).floor() as i64;
    let (bar, beat) = (
        beats.div_euclid(beats_in_bar),
        beats.rem_euclid(beats_in_bar),
    );
    with_minus(format!("{}.{}", bar + 1, beat + 1))
}

/// "bars 33–49"; "bar 33" where it is one.
pub fn bars_words([from, to]: [i64; 2]) -> String {
    let bar = |bar: i64| bar.to_string().replace('-', "−");
    match from == to {
        true => format!("bar {}", bar(from)),
        false => format!("bars {}–{}", bar(from), bar(to)),
    }
}

/// A distance from a note: "+21 ct", "−3 ct", "0 ct".
pub fn cents(value: f64) -> String {
    match value.round() as i64 {
        0 => "0 ct".to_owned(),
        whole => with_minus(format!("{whole:+} ct")),
    }
}

/// A sample rate: "48 kHz", "44.1 kHz".
pub fn sample_rate(hz: u32) -> String {
    let khz = f64::from(hz) / 1000.0;
    if hz.is_multiple_of(1000) {
        format!("{khz:.0} kHz")
    } else {
        format!("{khz:.1} kHz")
    }
}

/// Shortens a name in the middle so that its end, which tells versions apart, stays readable.
pub fn shortened(name: &str, max_chars: usize) -> String {
    let count = name.chars().count();
    if count <= max_chars || max_chars < 4 {
        return name.to_owned();
    }
    let head = (max_chars - 1) / 2;
    let tail = max_chars - 1 - head;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

fn with_minus(text: String) -> String {
    match text.strip_prefix('-') {
        Some(digits) if !digits.chars().any(|c| matches!(c, '1'..='9')) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_screen_rules_say() {
        assert_eq!(one_decimal(Some(-18.64)), "−18.6");
        assert_eq!(one_decimal(Some(-0.01)), "0.0");
        assert_eq!(one_decimal(None), "–");
        assert_eq!(fixed(-18.0, 0), "−18");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(signed(Some(0.42)), "+0.4");
        assert_eq!(signed(Some(-0.04)), "0.0");
        assert_eq!(correlation(Some(-0.5)), "−0.50");
        // −9.1 beside −12.1.
        assert_eq!(signed(apart([Some(-9.14), Some(-12.06)], 1)), "+3.0");
        assert_eq!(apart([Some(1.0), None], 1), None);
        assert_eq!(frequency(1240.0), "1.24 kHz");
        assert_eq!(frequency(61.7), "61.7 Hz");
        assert_eq!(frequency_tick(20_000.0), "20k");
        assert_eq!(frequency_edge(20_000.0), "20 kHz");
        assert_eq!(frequency_edge(31.5), "32 Hz");
        assert_eq!(minutes(3725.0), "1:02:05");
        assert_eq!(sample_rate(44_100), "44.1 kHz");
        assert_eq!(clock_time(125.4), "2:05.40");
        assert_eq!(clock_time(3599.999), "1:00:00.00");
        assert_eq!(seconds_back(4.2), "−4.20 s");
        assert_eq!(seconds_back(-0.001), "0.00 s");
        assert_eq!(cents(21.3), "+21 ct");
        assert_eq!(cents(-0.4), "0 ct");
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("short", 12), "short");
        let cut = shortened("A very long song title - final master 7", 16);
        assert!(cut.chars().count() <= 16);
        assert!(cut.starts_with("A very") && cut.ends_with("ster 7"));
    }
}
