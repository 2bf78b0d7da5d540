//! Tests of whole parts.

mod sections;
mod table;
