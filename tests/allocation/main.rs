//! What may not allocate, does not. These tests replace the allocator, so they have a program of their own.

mod callback;
mod metering;

#[path = "../support/mod.rs"]
mod support;

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;
