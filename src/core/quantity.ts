const factors: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

const quantity = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** A Kubernetes quantity by its parts; `factor` is that of its unit. null for a text that is none. */
export function parseQuantity(
  text: string,
): { readonly digits: number; readonly unit: string; readonly factor: number } | null {
  const [, digits, unit = ''] = quantity.exec(text) ?? [];
  if (digits === undefined) return null;
  return { digits: Number(digits), unit, factor: factors[unit] ?? 1 };
}

/** The amount of a Kubernetes quantity, e.g. bytes or cores; null for a text that is none, or without bounds. */
export function amountOf(text: string): number | null {
  const parts = parseQuantity(text);
  const amount = parts === null ? Number.NaN : parts.digits * parts.factor;
  return Number.isFinite(amount) ? amount : null;
}
