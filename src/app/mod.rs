//! The application: window, frame pacing, monitors; it joins the layers and holds no product logic.
