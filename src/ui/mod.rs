//! User interface: egui functions that write text, edit plain data or return an action.
