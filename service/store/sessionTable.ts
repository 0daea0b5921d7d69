/** Who is signed in on the page: the digest of what the browser has, and the id of the token. For both kinds of record. */
export const SESSION_TABLE = `
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  until TEXT NOT NULL
);
`;
