//! The store on an embedded DynamoDB, and what only shows with many balances or many callers.
