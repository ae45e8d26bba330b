//! The window's part in listening: on and off, which output, and what is said about it.

use crate::session::pairing::listening::ListenState;

/// What the status line says of listening.
pub(super) fn listening_words(state: &ListenState) -> String {
    match state {
        ListenState::Opening => "listening …".to_owned(),
        ListenState::Playing {
            output, limited_db, ..
        } if *limited_db > 0.05 => {
            format!(
                "listening on {output}, {limited_db:.1} dB below the match to stay under −1 dBTP"
            )
        }
        ListenState::Playing { output, .. } => format!("listening on {output}"),
        ListenState::Failed(why) => why.clone(),
        ListenState::Ended => String::new(),
    }
}
