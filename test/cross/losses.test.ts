import { describe, expect, it } from 'vitest';
import { experimentDetail } from '../../adapters/polyaxon/wire/experiment.js';
import { polyaxonfileSchema } from '../../adapters/polyaxon/wire/polyaxonfile.js';
import { experiment } from '../../adapters/submarine/wire/experiment.js';
import { experimentSpec } from '../../adapters/submarine/wire/experiment-spec.js';
import * as losses from './losses.js';

const specFields = Object.keys(experimentSpec.shape).flatMap((field) =>
  field === 'meta'
    ? Object.keys(experimentSpec.shape.meta.shape).map((inner) => `spec.meta.${inner}`)
    : [`spec.${field}`],
);

describe('no field is lost without a word', () => {
  it.each([
    [
      'an experiment of Polyaxon',
      Object.keys(experimentDetail.shape),
      [losses.shownInSubmarine, losses.notInSubmarine],
    ],
    [
      'a Polyaxonfile',
      Object.keys(polyaxonfileSchema.shape),
      [losses.sectionsInSubmarine, losses.sectionsNotInSubmarine],
    ],
    [
      'an experiment of Submarine',
      [...Object.keys(experiment.shape).filter((field) => field !== 'spec'), ...specFields],
      [losses.shownInPolyaxon, losses.notInPolyaxon],
    ],
  ])('of %s', (_name, fields, tables) => {
    expect(tables.flatMap((table) => Object.keys(table)).sort()).toEqual([...fields].sort());
  });
});
