/** What the server and the process that reads one Parquet file say to each other; see parquet-child.ts. */

/** To the child: what it is to do, then the bytes that it asks for. */
export type ToChild =
  | { readonly kind: 'read'; readonly size: number; readonly offset: number; readonly limit: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** From the child: bytes of the file that it needs, from `start` to before `end`, or how it ended. */
export type FromChild =
  | { readonly kind: 'want'; readonly start: number; readonly end: number }
  | { readonly kind: 'rows'; readonly json: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** How many bytes the child asks for at once. */
export const pieceLength = 1024 * 1024;

/** The most that a list of rows may have, in characters of JSON. */
export const longestRows = 16 * 1024 * 1024;

/** The most that is read of a file for some of its rows, and the most that it may become unpacked, in bytes. */
export const mostBytes = { read: 256 * 1024 * 1024, unpacked: 256 * 1024 * 1024 };
