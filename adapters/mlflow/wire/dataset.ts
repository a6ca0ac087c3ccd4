import { z } from '@hono/zod-openapi';
import { keyValue, listOf, optionalText, requiredText, textOrEmpty } from './values.js';

/** The longest of each, in characters (`mlflow.utils.validation`). */
const longest = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
} as const;

const words = (most: number) => `must not be longer than ${most} characters`;
const atMost = (most: number) => requiredText.max(most, words(most));
const optionalAtMost = (most: number) =>
  optionalText.refine((text) => text === undefined || text.length <= most, words(most));

/** A dataset that a run used, as clients send it. */
export const datasetUsed = z
  .object({
    dataset: z.object(
      {
        name: atMost(longest.name),
        digest: atMost(longest.digest),
        source_type: requiredText,
        source: atMost(longest.source),
        schema: optionalAtMost(longest.schema),
        profile: optionalAtMost(longest.profile),
      },
      'must be an object',
    ),
    tags: listOf(
      z.object({
        key: atMost(longest.tagKey),
        value: textOrEmpty.refine((text) => text.length <= longest.tagValue, words(longest.tagValue)),
      }),
    ),
  })
  .openapi('DatasetUsed');

export type DatasetUsed = z.output<typeof datasetUsed>;

/** A dataset that a run used, as it is shown. */
export const datasetInput = z
  .object({
    dataset: z
      .object({
        name: z.string(),
        digest: z.string(),
        source_type: z.string(),
        source: z.string(),
        schema: z.string().optional(),
        profile: z.string().optional(),
      })
      .openapi('Dataset'),
    tags: z.array(keyValue),
  })
  .openapi('DatasetInput');

export type DatasetInputWire = z.output<typeof datasetInput>;
