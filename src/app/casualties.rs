//! Threads that broke, as the window says them: what has stopped stays said, a stumble once.

use crate::audio::threads;

/// What the window has said of them.
#[derive(Default)]
pub(super) struct Casualties {
    num_said: usize,
    /// Stumbles that were said.
    stumbles: Vec<String>,
    /// What no longer goes on, a line each.
    pub(super) stopped: Vec<String>,
}

impl Casualties {
    /// What is to be said since the last call, a line each.
    pub(super) fn news(&mut self) -> Vec<String> {
        if threads::num_broken() == self.num_said {
            return vec![];
        }
        let new = threads::broken().split_off(self.num_said);
        self.num_said += new.len();
        let mut news = vec![];
        for one in new {
            let words = one.words();
            let said = match one.goes_on {
                true => &mut self.stumbles,
                false => &mut self.stopped,
            };
            // One that stumbles every second is said once.
            if !said.contains(&words) {
                said.push(words.clone());
                news.push(words);
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_stopped_stays_said_and_a_stumble_is_said_once() {
        let mut casualties = Casualties::default();
        casualties.news();
        let before = casualties.stopped.len();
        for _ in 0..3 {
            threads::carry_on("casualties test", || panic!("planted"));
        }
        let _ = threads::spawn("casualties test", || panic!("planted"))
            .unwrap()
            .join();
        let news = casualties.news();
        let ours = news
            .iter()
            .filter(|words| words.contains("casualties test"));
        assert_eq!(ours.count(), 2, "{news:?}");
        assert!(casualties.stopped.len() > before);
        let again = casualties.news();
        assert!(!again.iter().any(|words| words.contains("casualties test")));
    }
}
