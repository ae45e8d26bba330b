//! A graphics device that is lost is noticed, and the next one draws the same.

use abscope::app::headless::Headless;
use abscope::app::render_command::still_scene;
use abscope::render::gpu::GpuError;
use abscope::render::scope::ScopeFeed;
use abscope::session::Session;
use abscope::view::scene::Looks;

#[test]
fn a_lost_graphics_device_is_noticed_and_a_new_one_draws_the_same_picture() {
    let draw = |headless: &mut Headless| {
        let session = Session::default();
        let scene = still_scene(&session, &Looks::default(), [640, 360], "test");
        headless.picture(
            &session.pair.histories(),
            &scene,
            [ScopeFeed::default(), ScopeFeed::default()],
        )
    };
    let mut headless = Headless::new().expect("software graphics are installed");
    let before = draw(&mut headless).expect("it draws");
    assert!(!headless.gpu.is_lost());
    headless.gpu.device.destroy();
    // egui's painter panics on the way; the guard makes an error of that.
    let error = draw(&mut headless).expect_err("there is nothing to draw with");
    assert!(matches!(error, GpuError::Lost), "{error}");
    assert!(headless.gpu.is_lost());
    let mut again = Headless::new().expect("there is still a driver");
    assert!(draw(&mut again).expect("it draws") == before);
}
