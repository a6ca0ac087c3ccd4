import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/core/ports/runner.js';
import type { PodObject } from '../../../src/runner/kubernetes/objects.js';
import type { Sight } from '../../../src/runner/kubernetes/observe.js';
import { aPod, at, look, main, micros, origin, running, unready, waiting } from './sights.js';

describe('a job that has not begun', () => {
  it.each<[string, Partial<Sight>, Partial<Observation>]>([
    ['has no pod yet', {}, { status: 'scheduled', message: null }],
    ['has no pod yet and is to be set up', { hasSetup: true }, { status: 'building', message: null }],
    [
      'waits for its queue',
      { origin: origin({ status: { conditions: [{ type: 'Suspended', status: 'True' }] } }) },
      { status: 'unschedulable', message: 'waits to be let in by its queue' },
    ],
    [
      'is beyond a quota',
      {
        notice: {
          reason: 'FailedCreate',
          message:
            'Error creating: pods "r-x-1-worker-0-abcde" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
        },
      },
      {
        status: 'unschedulable',
        message:
          'its pod cannot be made: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
      },
    ],
    [
      'fits on no node',
      {
        pod: aPod(
          {
            phase: 'Pending',
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: '0/1 nodes are available: 1 Insufficient cpu.',
              },
            ],
          },
          { spec: {} },
        ),
      },
      { status: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.', node: null },
    ],
    ['is on its way to a node', { pod: aPod({ phase: 'Pending' }, { spec: {} }) }, { status: 'scheduled' }],
    [
      'is being made',
      { pod: waiting('ContainerCreating') },
      { status: 'starting', message: null, node: 'node-1' },
    ],
    [
      'waits for an image that is on its way',
      {
        pod: waiting('ContainerCreating'),
        notice: { reason: 'Pulling', message: 'Pulling image "a/b:1"' },
      },
      { status: 'starting', message: 'node-1 pulls the image "a/b:1"' },
    ],
    [
      'waits for a volume',
      {
        pod: waiting('ContainerCreating'),
        notice: { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "data"' },
      },
      {
        status: 'starting',
        message: 'a volume cannot be mounted: MountVolume.SetUp failed for volume "data"',
      },
    ],
    [
      'waits for an image',
      { pod: waiting('ErrImagePull', 'not found') },
      { status: 'starting', message: 'the image "a/b:1" cannot be pulled: not found' },
    ],
    [
      'waits for an image, and the cluster repeats itself',
      { pod: waiting('ImagePullBackOff', 'Back-off pulling image "a/b:1": ErrImagePull: not found') },
      { status: 'starting', message: 'the image "a/b:1" cannot be pulled: not found' },
    ],
    [
      'waits for a secret',
      { pod: waiting('CreateContainerConfigError', 'secret "s" not found') },
      { status: 'starting', message: 'could not be started: secret "s" not found' },
    ],
  ])('%s', (_, sight, expected) => {
    const { observation, giveUp } = look(sight);
    expect(observation).toMatchObject({ startedAt: null, finishedAt: null, reason: null, ...expected });
    expect(giveUp).toBe(false);
  });

  it('is looked at again when its patience ends, and given up then', () => {
    const pod = waiting('ErrImagePull', 'not found');
    expect(look({ pod }, 30)).toMatchObject({ lookAgainAt: micros(31), giveUp: false });
    expect(look({ pod }, 31)).toMatchObject({
      giveUp: true,
      observation: {
        status: 'failed',
        reason: 'image_pull',
        message: 'the image "a/b:1" cannot be pulled: not found',
        exitCode: null,
        finishedAt: micros(31),
      },
    });
    expect(look({ pod, stop: 'user_stop' }, 31)).toMatchObject({ giveUp: false });
  });

  it('is given up at once where no patience helps', () => {
    expect(look({ pod: waiting('InvalidImageName', 'invalid reference format') })).toMatchObject({
      giveUp: true,
      observation: { reason: 'image_pull', message: '"a/b:1" is not the name of an image' },
    });
  });

  it('fails by a deadline though it never had a pod', () => {
    const overdue = origin({
      status: { conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }] },
    });
    expect(look({ origin: overdue }).observation).toMatchObject({
      status: 'failed',
      reason: 'deadline_exceeded',
    });
  });
});

describe('a job that runs', () => {
  it('says since when and where', () => {
    expect(look({ pod: running() }).observation).toMatchObject({
      status: 'running',
      node: 'node-1',
      startedAt: micros(5),
      builtAt: null,
      finishedAt: null,
    });
  });

  it('began no earlier than it was asked for: the cluster tells whole seconds', () => {
    expect(look({ pod: running(), askedAt: micros(5) + 700_000 }).observation.startedAt).toBe(
      micros(5) + 700_000,
    );
  });

  it('builds until its setup is done', () => {
    const before = aPod({
      phase: 'Running',
      containerStatuses: [main({ running: { startedAt: at(5) } }, false)],
    });
    expect(look({ pod: before, hasSetup: true }).observation).toMatchObject({
      status: 'building',
      builtAt: null,
      startedAt: null,
    });
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: at(8) }];
    expect(look({ pod: running({}, { conditions }), hasSetup: true }).observation).toMatchObject({
      status: 'running',
      builtAt: micros(8),
      startedAt: micros(8),
    });
  });

  it('is unknown while its node is silent, and lost in the end', () => {
    const pod = running({}, unready);
    expect(look({ pod }, 25)).toMatchObject({
      observation: { status: 'unknown', message: 'its node node-1 does not answer' },
      lookAgainAt: micros(26),
    });
    expect(look({ pod }, 26)).toMatchObject({
      observation: { status: 'failed', reason: 'node_lost', message: 'its node node-1 does not answer' },
      giveUp: true,
    });
  });
});

describe('what others may have written', () => {
  it.each<[string, PodObject]>([
    ['nothing', {}],
    ['no containers', { status: { phase: 'Running' } }],
    [
      'times that are none',
      { status: { phase: 'Failed', containerStatuses: [main({ terminated: { finishedAt: 'x' } })] } },
    ],
    ['a phase that nobody knows', { status: { phase: 'Odd' } }],
  ])('is read: %s', (_, pod) => {
    const { observation } = look({ pod });
    for (const time of [observation.startedAt, observation.finishedAt]) expect(time).not.toBeNaN();
  });
});
