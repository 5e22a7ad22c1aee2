//! The documents that in-toto knows: a link says what a vote says.
//!
//! ```text
//! step `build`      materials  definition      the definition digest
//!                   products   manifest.json   the image digest: it is the manifest's hash
//! ```
//!
//! in-toto signs a document's canonical form: members sorted, nothing between tokens,
//! only `"` and `\` escaped. For the texts that stand here that is [`Value::compact`].

use cairn_core::json::Value;
use cairn_trust::statement::Reproduction;

/// The name of the only step.
pub const STEP: &str = "build";
/// What goes in.
pub const DEFINITION: &str = "definition";
/// What comes out.
pub const MANIFEST: &str = "manifest.json";

/// The bytes that a reproducer signs for in-toto.
pub fn link(vote: &Reproduction) -> String {
    let artifact = |name: &str, hex: String| {
        Value::object([(name.to_owned(), Value::object([("sha256", Value::from(hex))]))])
    };
    let empty = || Value::Object(Vec::new());
    Value::object([
        ("_type", "link".into()),
        ("byproducts", empty()),
        ("command", Value::Array(Vec::new())),
        ("environment", empty()),
        ("materials", artifact(DEFINITION, vote.definition.hex())),
        ("name", STEP.into()),
        ("products", artifact(MANIFEST, vote.image.hex())),
    ])
    .compact()
}
