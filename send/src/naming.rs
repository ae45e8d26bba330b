//! What a sender is called: what somebody in Abscope said, else what was chosen in the DAW, else what the DAW calls the
//! track.

/// Names to choose from in the DAW. The first stands for the track's own name.
pub const CHOICES: [&str; 22] = [
    "the track's name",
    "Master",
    "Mix bus",
    "Vocal",
    "Backing vocals",
    "Drums",
    "Kick",
    "Snare",
    "Percussion",
    "Bass",
    "Guitar",
    "Keys",
    "Synth",
    "Pads",
    "Strings",
    "Brass",
    "Effects",
    "Bus 1",
    "Bus 2",
    "Bus 3",
    "Bus 4",
    "The rest",
];

/// All that is known of a sender's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// What somebody in Abscope said.
    pub asked: Option<String>,
    /// Which of [`CHOICES`]; 0 for the track's own name.
    pub choice: u32,
    /// What the host calls the track.
    pub track: Option<String>,
}

impl Naming {
    /// The name; empty when there is none, and a number must do.
    pub fn name(&self) -> &str {
        let chosen = CHOICES
            .get(self.choice as usize)
            .filter(|_| self.choice > 0);
        self.asked
            .as_deref()
            .or(chosen.copied())
            .or(self.track.as_deref())
            .unwrap_or_default()
    }

    /// Somebody in Abscope says a name; an empty one takes it back.
    pub fn ask(&mut self, name: String) {
        self.asked = (!name.is_empty()).then_some(name);
    }

    /// Somebody in the DAW chooses; what was said in Abscope is over then.
    pub fn choose(&mut self, choice: u32) {
        if choice != self.choice {
            self.choice = choice;
            self.asked = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_last_counts_and_the_track_has_a_name_otherwise() {
        let mut naming = Naming::default();
        assert_eq!(naming.name(), "");
        naming.track = Some("Lead Vox".to_owned());
        assert_eq!(naming.name(), "Lead Vox");
        naming.choose(3);
        assert_eq!(naming.name(), "Vocal");
        naming.ask("Chorus vocal".to_owned());
        assert_eq!(naming.name(), "Chorus vocal");
        naming.choose(3);
        assert_eq!(naming.name(), "Chorus vocal");
        naming.choose(5);
        assert_eq!(naming.name(), "Drums");
        naming.choose(0);
        assert_eq!(naming.name(), "Lead Vox");
        naming.ask("X".to_owned());
        naming.ask(String::new());
        assert_eq!(naming.name(), "Lead Vox");
        naming.choose(9999);
        assert_eq!(naming.name(), "Lead Vox");
    }
}
