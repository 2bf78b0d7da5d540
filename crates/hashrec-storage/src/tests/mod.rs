//! Tests of whole parts.

mod sections;
