//! The page under construction: Markdown, and a count of what passed.

/// A Markdown page.
#[derive(Default)]
pub struct Page {
    text: String,
    passed: usize,
    failed: usize,
}

/// Where the verdict is put once it is known.
const VERDICT: &str = "@VERDICT@";

/// What must be read, and how far from it is allowed.
#[derive(Clone, Copy)]
pub struct Expect {
    pub value: f64,
    /// Lowest and highest allowed deviation.
    pub tolerance: [f64; 2],
}

impl Expect {
    pub fn within(value: f64, tolerance: f64) -> Self {
        Self {
            value,
            tolerance: [-tolerance, tolerance],
        }
    }

    fn accepts(self, measured: f64) -> bool {
        // Steps of a level quantised to f32 must not decide.
        let deviation = measured - self.value;
        (self.tolerance[0] - 1e-6..=self.tolerance[1] + 1e-6).contains(&deviation)
    }

    /// Of several readings, the one farthest from what is expected.
    pub fn farthest(self, readings: impl Iterator<Item = f64>) -> Option<f64> {
        readings.max_by(|a, b| {
            let distance = |reading: &f64| (reading - self.value).abs();
            distance(a).total_cmp(&distance(b))
        })
    }

    /// "±0.1", or both sides where they differ.
    pub fn tolerance_words(self) -> String {
        let [low, high] = self.tolerance;
        if low == -high {
            format!("±{high}")
        } else {
            format!("+{high} / −{}", -low)
        }
    }
}

impl Page {
    pub fn heading(&mut self, level: usize, words: &str) {
        self.text += &format!("{} {words}\n\n", "#".repeat(level));
    }

    pub fn paragraph(&mut self, words: &str) {
        self.text += words;
        self.text += "\n\n";
    }

    pub fn list(&mut self, items: &[&str]) {
        for item in items {
            self.text += &format!("- {item}\n");
        }
        self.text += "\n";
    }

    pub fn verdict_goes_here(&mut self) {
        self.paragraph(VERDICT);
    }

    pub fn table_head(&mut self, columns: &[&str]) {
        self.row(&columns.iter().map(|c| c.to_string()).collect::<Vec<_>>());
        self.text += &format!("|{}\n", "---|".repeat(columns.len()));
    }

    pub fn row(&mut self, cells: &[String]) {
        self.text += &format!("| {} |\n", cells.join(" | "));
    }

    pub fn table_end(&mut self) {
        self.text += "\n";
    }

    /// A figure of Abscope: it counts for the verdict.
    pub fn ours(&mut self, expect: Expect, measured: Option<f64>, decimals: usize) -> String {
        match measured.is_some_and(|measured| expect.accepts(measured)) {
            true => self.passed += 1,
            false => self.failed += 1,
        }
        Self::theirs(expect, measured, decimals)
    }

    /// A figure of another meter.
    pub fn theirs(expect: Expect, measured: Option<f64>, decimals: usize) -> String {
        match measured {
            Some(measured) if expect.accepts(measured) => number(measured, decimals),
            Some(measured) => format!("**{} ✗**", number(measured, decimals)),
            None => "–".to_owned(),
        }
    }

    pub fn is_passed(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    pub fn verdict(&self) -> String {
        let all = self.passed + self.failed;
        format!(
            "{} of {all} figures of Abscope are within tolerance",
            self.passed
        )
    }

    pub fn text(&self) -> String {
        let verdict = format!("**{}.**", self.verdict());
        let text = self.text.replace(VERDICT, &verdict);
        text.trim_end().to_owned() + "\n"
    }
}

/// A number with a true minus and no negative zero.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_owned(),
        Some(size) => format!("−{size}"),
        None => text,
    }
}
