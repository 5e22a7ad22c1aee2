//! What a user would lose if the store did not keep its promises.
