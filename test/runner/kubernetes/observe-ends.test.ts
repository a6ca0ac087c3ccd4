import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/core/ports/runner.js';
import type { Origin } from '../../../src/runner/kubernetes/failure.js';
import type { PodObject } from '../../../src/runner/kubernetes/objects.js';
import { aPod, at, disrupted, failed, look, main, micros, origin, unready } from './sights.js';

describe('a job that has ended', () => {
  const deleted: Partial<PodObject> = { metadata: { deletionTimestamp: at(8) } };
  const overdue = origin({
    status: { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }] },
  });
  const training = origin({}, 'TFJob');

  it('has succeeded', () => {
    const state = { terminated: { exitCode: 0, startedAt: at(5), finishedAt: at(9) } };
    const pod = aPod({ phase: 'Succeeded', containerStatuses: [main(state)] });
    expect(look({ pod }).observation).toMatchObject({
      status: 'succeeded',
      reason: null,
      message: null,
      exitCode: 0,
      signal: null,
      startedAt: micros(5),
      finishedAt: micros(9),
    });
  });

  it.each<[string, PodObject, Partial<Observation>, Origin?]>([
    ['exit code', failed({ exitCode: 3 }), { reason: 'exit_nonzero', message: 'exit code 3', exitCode: 3 }],
    [
      'a signal',
      failed({ exitCode: 143 }),
      { reason: 'signal', message: 'ended by signal SIGTERM', exitCode: 143, signal: 'SIGTERM' },
    ],
    [
      'SIGKILL without a word of memory',
      failed({ exitCode: 137, reason: 'Error' }),
      { reason: 'signal', signal: 'SIGKILL' },
    ],
    [
      'memory',
      failed({ exitCode: 137, reason: 'OOMKilled' }),
      {
        reason: 'oom_killed',
        message: 'used more memory than its limit of 64Mi (exit code 137)',
        exitCode: 137,
      },
    ],
    [
      'a command that is not there',
      failed({
        exitCode: 128,
        reason: 'StartError',
        startedAt: '1970-01-01T00:00:00Z',
        message:
          'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
      }),
      { reason: 'config_error', message: 'command not found: "nope"', exitCode: null, startedAt: null },
    ],
    [
      'an eviction by its node',
      failed({ exitCode: 137 }, { reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      { reason: 'evicted', message: 'evicted: The node was low on resource: memory.' },
    ],
    [
      'a drain',
      failed({ exitCode: 143 }, disrupted('EvictionByEvictionAPI', 'Eviction API: evicting'), deleted),
      { reason: 'evicted', message: 'was evicted from its node: Eviction API: evicting' },
    ],
    [
      'a pod of higher priority',
      failed({ exitCode: 143 }, disrupted('PreemptionByScheduler', 'default-scheduler: preempting')),
      { reason: 'preempted', message: 'gave way to a pod of higher priority: default-scheduler: preempting' },
    ],
    [
      'the shutdown of its node',
      failed(
        { exitCode: 143 },
        { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' },
      ),
      {
        reason: 'node_shutdown',
        message: 'node shutdown: Pod was terminated in response to imminent node shutdown.',
      },
    ],
    [
      'the loss of its node',
      failed({ exitCode: 137 }, disrupted('DeletionByPodGC', 'PodGC: node not found')),
      { reason: 'node_lost', message: 'its node is gone: PodGC: node not found' },
    ],
    [
      'a node that had no room any more',
      aPod({ phase: 'Failed', reason: 'OutOfcpu', message: 'Node didn’t have enough resource: cpu' }),
      { reason: 'evicted', message: 'was refused by its node: Node didn’t have enough resource: cpu' },
    ],
    [
      'its deadline, for which the cluster deletes it',
      failed({ exitCode: 143 }, {}, deleted),
      { reason: 'deadline_exceeded', message: 'took longer than its deadline allows', exitCode: 143 },
      overdue,
    ],
    [
      'the deletion of its pod',
      failed({ exitCode: 143 }, {}, deleted),
      { reason: 'pod_deleted', message: 'its pod was deleted from outside (exit code 143)', exitCode: 143 },
    ],
    [
      'the deletion of its Job',
      failed({ exitCode: 143 }, {}, deleted),
      { reason: 'pod_deleted', message: 'its Job was deleted from outside (exit code 143)' },
      origin({ metadata: { deletionTimestamp: at(8) } }),
    ],
    [
      'the deletion of its TFJob',
      failed({ exitCode: 143 }, {}, deleted),
      { reason: 'pod_deleted', message: 'its TFJob was deleted from outside (exit code 143)' },
      { ...training, state: null },
    ],
    [
      'a deadline of the training operator’s',
      failed({ exitCode: 143 }, {}, deleted),
      { reason: 'deadline_exceeded', message: 'took longer than its deadline allows' },
      origin(
        {
          status: {
            conditions: [
              {
                type: 'Failed',
                status: 'True',
                reason: 'TFJobFailed',
                message: 'Job x has failed because it was active longer than specified deadline',
              },
            ],
          },
        },
        'TFJob',
      ),
    ],
    [
      'a container that the training operator has added',
      aPod({
        phase: 'Failed',
        initContainerStatuses: [{ name: 'init-pytorch', state: { terminated: { exitCode: 1 } } }],
      }),
      { reason: 'exit_nonzero', message: 'its container init-pytorch failed: exit code 1' },
    ],
    [
      'its exit code, whatever a container beside it ended with',
      failed(
        { exitCode: 3 },
        { initContainerStatuses: [{ name: 'proxy', state: { terminated: { exitCode: 137 } } }] },
        { spec: { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] } },
      ),
      { reason: 'exit_nonzero', message: 'exit code 3' },
    ],
    [
      'code that could not be fetched',
      aPod({
        phase: 'Failed',
        initContainerStatuses: [
          {
            name: 'code',
            state: { terminated: { exitCode: 128, message: 'Cloning…\nfatal: no such branch\n' } },
          },
        ],
      }),
      {
        reason: 'exit_nonzero',
        message: 'the code could not be fetched: exit code 128: fatal: no such branch',
        exitCode: null,
      },
    ],
    [
      'a container of which nothing is known any more',
      failed({ exitCode: 137, reason: 'ContainerStatusUnknown' }),
      { reason: 'node_lost', message: 'its node does not know any more how it ended' },
    ],
    ['nothing that is told', aPod({ phase: 'Failed' }), { reason: 'internal', message: 'its pod failed' }],
  ])('failed by %s', (_, pod, expected, by = origin({})) => {
    expect(look({ pod, origin: by }).observation).toMatchObject({ status: 'failed', ...expected });
  });

  it('is what it was, though its pod was deleted afterwards', () => {
    const gone = (deletionTimestamp: string) =>
      failed({ exitCode: 3 }, {}, { metadata: { deletionTimestamp } });
    expect(look({ pod: gone('2026-11-26T12:02:00Z') }).observation.reason).toBe('exit_nonzero');
    expect(look({ pod: gone(at(40)) }).observation.reason).toBe('pod_deleted');
  });

  it('failed in its setup, if that says so', () => {
    const pod = failed({ exitCode: 7, message: 'franca-setup\n' });
    expect(look({ pod, hasSetup: true }).observation).toMatchObject({
      reason: 'exit_nonzero',
      message: 'a step of the setup failed: exit code 7',
      builtAt: null,
      startedAt: null,
    });
    const command = failed({ exitCode: 7 });
    expect(look({ pod: command, hasSetup: true }).observation).toMatchObject({
      message: 'exit code 7',
      builtAt: micros(5),
      startedAt: micros(5),
    });
  });

  it('has failed where Franca ended it for its deadline, whatever its exit code', () => {
    const state = { terminated: { exitCode: 0, startedAt: at(5), finishedAt: at(9) } };
    const pod = aPod({ phase: 'Succeeded', containerStatuses: [main(state)] }, deleted);
    expect(look({ pod, stop: 'deadline_exceeded' }).observation).toMatchObject({
      status: 'failed',
      reason: 'deadline_exceeded',
      message: 'took longer than its deadline allows',
      exitCode: 0,
    });
  });

  it.each([
    ['user_stop', 'stopped', 'user_stop'],
    [null, 'failed', 'pod_deleted'],
  ] as const)('has ended where its pod is deleted before it had a node: %s', (stop, status, reason) => {
    const pod = aPod({ phase: 'Pending' }, { spec: {}, metadata: { deletionTimestamp: at(9) } });
    expect(look({ stop, pod }).observation).toMatchObject({ status, reason, startedAt: null });
  });

  it('was stopped where Franca asked for that, whatever its exit code', () => {
    const pod = failed({ exitCode: 137 }, {}, deleted);
    expect(look({ pod, stop: 'respecified' }).observation).toMatchObject({
      status: 'stopped',
      reason: 'respecified',
      message: null,
      exitCode: 137,
      signal: 'SIGKILL',
    });
  });
});

it('a pod that was ended before its work has ended then, not when it was last unready', () => {
  const state = { terminated: { exitCode: 137, finishedAt: at(20) } };
  const pod = aPod(
    { phase: 'Failed', ...unready, initContainerStatuses: [{ name: 'init-pytorch', state }] },
    { metadata: { deletionTimestamp: at(19) } },
  );
  const { observation } = look({ pod, stop: 'respecified' }, 30);
  expect(observation).toMatchObject({ status: 'stopped', startedAt: null, finishedAt: micros(20) });
});

it('the container that works is the one that its pod names', () => {
  const ended = { terminated: { exitCode: 3, startedAt: at(5), finishedAt: at(9) } };
  const status = { name: 'tensorflow', state: ended };
  const pod = aPod(
    { phase: 'Failed', containerStatuses: [main({ terminated: { exitCode: 0 } }), status] },
    { metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'tensorflow' } } },
  );
  expect(look({ pod }).observation).toMatchObject({ message: 'exit code 3', exitCode: 3 });
});
