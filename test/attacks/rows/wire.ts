import { expect } from 'vitest';
import type { Face } from '../faces.js';
import { others, type Row, type Tried } from '../matrix.js';
import type { AttackSite } from '../site.js';

/** A write of each face, and one that would be smuggled in behind it: where it is done there is a new row. */
const writes: Readonly<Record<Face, readonly [method: string, path: string, body: string]>> = {
  polyaxon: ['POST', '/api/v1/projects', '{"name":"smuggled"}'],
  submarine: ['POST', '/api/v1/environment', '{"name":"smuggled"}'],
  mlflow: ['POST', '/api/2.0/mlflow/experiments/create', '{"name":"smuggled"}'],
  seed: ['POST', '/api/v1/experiments', '{"name":"smuggled"}'],
  foundry: ['POST', '/api/v2/models/x/experiments/search', '{}'],
  gateway: ['GET', '/health', ''],
};

/** A request that a proxy could take for shorter or longer than the server does. */
type Ambiguous = (body: string) => string;

const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n`;
const chunk = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const lengths: readonly Ambiguous[] = [
  (body) => `${length(body)}Transfer-Encoding: chunked\r\n\r\n${chunk(body)}`,
  (body) => `Transfer-Encoding: chunked\r\n${length(body)}\r\n${chunk(body)}`,
  (body) => `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(body)}`,
  (body) => `${length(body)}Transfer-Encoding: identity, chunked\r\n\r\n${chunk(body)}`,
];

const doubts: readonly Ambiguous[] = [
  (body) => `${length(body)}Content-Length: 0\r\n\r\n${body}`,
  (body) => `Content-Length: +${Buffer.byteLength(body)}\r\n\r\n${body}`,
  (body) => `Content-Length : ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  (body) => `Content-Length: ${Buffer.byteLength(body)}, ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  (body) => `Transfer-Encoding: xchunked\r\n\r\n${chunk(body)}`,
  (body) => `Transfer-Encoding: chunked, identity\r\n\r\n${chunk(body)}`,
  (body) => `Transfer-Encoding:\x0bchunked\r\n\r\n${chunk(body)}`,
  (body) => `X: a\rContent-Length: 1\r\n${length(body)}\r\n${body}`,
  (body) => `X: a\0b\r\n${length(body)}\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n-1\r\n${body}\r\n0\r\n\r\n`,
];

const refusedWhole =
  (face: Face, ambiguous: readonly Ambiguous[]): Tried =>
  async ({ exchange }: AttackSite) => {
    const [method, path, body] = writes[face];
    const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
    const smuggled = `POST /api/v1/projects HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"name":"smuggled2"}`;
    for (const rest of ambiguous) {
      const answer = await exchange(`${head}${rest(body)}${smuggled}`);
      expect([JSON.stringify(rest(body)), answer]).toEqual([
        expect.anything(),
        expect.stringMatching(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/),
      ]);
      // Whose request it is nobody knows, so it is answered in no dialect; and nothing behind it is.
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(answer).toContain('\r\n\r\n{"error":"bad_request","status":400}');
    }
  };

const everywhere = (ambiguous: readonly Ambiguous[]) => others({}, (face) => refusedWhole(face, ambiguous));

export const wire: Row = {
  title: 'requests that two servers read in two ways, or that never end',
  attacks: [
    { name: 'Content-Length beside Transfer-Encoding', cells: everywhere(lengths) },
    { name: 'lengths in doubt', cells: everywhere(doubts) },
  ],
};
