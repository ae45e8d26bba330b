//! A rectangle in physical pixels, origin at the window's upper left.

/// Left, top, width, height in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// A rectangle from its edges, each rounded to a whole pixel so that nothing drawn on them blurs.
    pub fn snapped(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        let (x, y) = (left.round(), top.round());
        Self {
            x,
            y,
            w: (right.round() - x).max(0.0),
            h: (bottom.round() - y).max(0.0),
        }
    }

    /// Right edge.
    pub fn right(self) -> f32 {
        self.x + self.w
    }

    /// Lower edge.
    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    /// Whether a point lies inside.
    pub fn contains(self, x: f32, y: f32) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// Whether two rectangles share any area.
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// How many square pixels it shares with another one.
    pub fn shared(self, other: Self) -> f32 {
        let w = self.right().min(other.right()) - self.x.max(other.x);
        let h = self.bottom().min(other.bottom()) - self.y.max(other.y);
        w.max(0.0) * h.max(0.0)
    }

    /// The same rectangle less a margin on each side: left, top, right, bottom.
    pub fn inset(self, left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self::snapped(
            self.x + left,
            self.y + top,
            (self.right() - right).max(self.x + left),
            (self.bottom() - bottom).max(self.y + top),
        )
    }

    /// The part between two fractions of the height.
    pub fn rows(self, from: f32, to: f32) -> Self {
        Self::snapped(
            self.x,
            self.y + from * self.h,
            self.right(),
            self.y + to * self.h,
        )
    }

    /// The part between two fractions of the width.
    pub fn columns(self, from: f32, to: f32) -> Self {
        Self::snapped(
            self.x + from * self.w,
            self.y,
            self.x + to * self.w,
            self.bottom(),
        )
    }
}
