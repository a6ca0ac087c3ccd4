import { expect } from 'vitest';
import type { RawAnswer } from '../support/raw-http.js';

/** Every kind of answer that Franca gives: the dialects, MLflow's two of them, and what belongs to none. */
export const faces = ['polyaxon', 'submarine', 'mlflow', 'seed', 'foundry', 'gateway'] as const;

export type Face = (typeof faces)[number];

type Body = Readonly<Record<string, unknown>>;

const sorted = (body: Body) => Object.keys(body).sort();

/** The words of an error by its envelope, which has these parts and no other. */
const wordsOf: Readonly<Record<Face, (body: Body, status: number) => string>> = {
  polyaxon(body) {
    expect(sorted(body)).not.toEqual([]);
    for (const words of Object.values(body).flat()) expect(words).toMatch(/\S/);
    return JSON.stringify(body);
  },
  submarine(body, status) {
    expect(sorted(body)).toEqual(['attributes', 'code', 'message', 'result', 'status', 'success']);
    expect(body).toMatchObject({ code: status, success: null, result: null, attributes: {} });
    return String(body.message);
  },
  mlflow(body) {
    expect(sorted(body)).toEqual(['error_code', 'message']);
    return `${body.error_code}: ${body.message}`;
  },
  seed(body) {
    expect(sorted(body).filter((key) => key !== 'details')).toEqual(['error', 'message']);
    return `${body.error}: ${body.message} ${JSON.stringify(body.details ?? '')}`;
  },
  foundry(body) {
    expect(sorted(body)).toEqual([
      'errorCode',
      'errorDescription',
      'errorInstanceId',
      'errorName',
      'parameters',
    ]);
    return `${body.errorName}: ${body.errorDescription} ${JSON.stringify(body.parameters)}`;
  },
  gateway(body) {
    expect(sorted(body)).toEqual(['error', 'message', 'requestId']);
    return `${body.error}: ${body.message}`;
  },
};

/** Checks that an answer is an error in the envelope of its face, with the headers of one, and gives its words. */
export function refusal(face: Face, { http, headers, text }: RawAnswer): string {
  const type = face === 'submarine' ? 'application/json;charset=utf-8' : 'application/json';
  expect(headers.get('content-type')).toBe(type);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  expect(text.length).toBeLessThan(10_000);
  return wordsOf[face](JSON.parse(text) as Body, http);
}
