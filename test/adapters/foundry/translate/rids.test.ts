import { describe, expect, it } from 'vitest';
import {
  experimentIdIn,
  experimentRidOf,
  modelIdIn,
  modelRidOf,
  ridOrNull,
} from '../../../../adapters/foundry/translate/rids.js';
import { isRid } from '../../../../adapters/foundry/wire/rids.js';
import type { ProjectId, RunId } from '../../../../src/core/ids.js';

const uuid = '01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11';

describe('RIDs', () => {
  it('name projects and runs', () => {
    expect(modelRidOf(uuid as ProjectId)).toBe(`ri.models.main.model.${uuid}`);
    expect(experimentRidOf(uuid as RunId)).toBe(`ri.models.main.experiment.${uuid}`);
    expect(modelIdIn(modelRidOf(uuid as ProjectId))).toBe(uuid);
    expect(experimentIdIn(experimentRidOf(uuid as RunId))).toBe(uuid);
  });

  it.each([
    `ri.models.main.experiment.${uuid}`,
    `ri.models.main.model.${uuid.toUpperCase()}`,
    `ri.models.main.model.${uuid.replaceAll('-', '')}`,
    `ri.models.other.model.${uuid}`,
    'ri.models.main.model.abc123',
    uuid,
    '',
  ])('%j names no project', (rid) => {
    expect(modelIdIn(rid)).toBeNull();
  });

  it.each([
    ['ri.a..b.c', true],
    ['ri.foundry-container-service.main.container.a1B2_c.3-', true],
    ['ri.models.main.model.', false],
    ['ri.Models.main.model.x', false],
    ['ri.models.main.model.a/b', false],
    ['ri.models.main.model.a b', false],
    ['ri.models.main.model.x\n', false],
    ['xri.models.main.model.x', false],
    ['', false],
  ])('%j has their form: %s', (text, is) => {
    expect(isRid(text)).toBe(is);
    expect(ridOrNull(text)).toBe(is ? text : null);
  });
});
