import { byKey, hex, lastOf, textOf, wordOf } from '../facts.js';
import { expectedInfo, expectedTags } from './mlflow.js';
import type { Reader } from './reader.js';

/** The seed's face of MLflow: the run, which has all that it shows. */
export const seed: Reader = {
  name: 'MLflow’s seed',

  async read({ mlflow }, { uuid }) {
    return { run: (await mlflow('GET', `/api/v1/experiments/runs/${hex(uuid)}`)).body };
  },

  expected(facts) {
    const info = expectedInfo(facts);
    const { 'mlflow.runName': _name, 'mlflow.note.content': _description, ...tags } = expectedTags(facts);
    const metrics = byKey(facts.points).flatMap(([key, points]) => {
      const last = lastOf(points);
      return last === undefined ? [] : [[key, wordOf(last.value ?? 0)] as const];
    });
    return {
      run: {
        id: info.id,
        run_id: info.id,
        experiment_id: '0',
        name: info.name,
        description: facts.description,
        status: info.status,
        lifecycle_stage: 'active',
        start_time: info.start,
        end_time: info.end,
        params: Object.fromEntries(facts.params.map(({ key, value }) => [key, textOf(value)])),
        metrics: Object.fromEntries(metrics),
        tags,
        artifact_uri: info.artifactUri,
      },
    };
  },
};
