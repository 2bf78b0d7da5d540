//! Tests of whole parts.

mod header;
mod sections;
mod table;
