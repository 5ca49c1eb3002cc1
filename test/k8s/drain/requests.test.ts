import { describe, expect, it } from 'vitest';
import { allocatableOf, requestsOfPod } from '../../../src/k8s/placement/resource-requests.ts';

const container = (cpu: string, more: object = {}): object => ({
  resources: { requests: { cpu, memory: '1Mi' } },
  ...more,
});
const sidecar = (cpu: string): object => container(cpu, { restartPolicy: 'Always' });
const cpuOf = (spec: object): number | undefined => requestsOfPod({ spec }).get('cpu');

describe('what a pod requests', () => {
  it('is the sum of its containers, which run together', () => {
    expect(cpuOf({ containers: [container('1'), container('250m'), {}] })).toBe(1250);
  });

  it('is that of its greediest init container where that is more: they run one after the other', () => {
    const initContainers = [container('2'), container('3')];
    expect(cpuOf({ initContainers, containers: [container('1')] })).toBe(3000);
    expect(cpuOf({ initContainers, containers: [container('5')] })).toBe(5000);
  });

  it('is with its sidecars, which stay', () => {
    expect(cpuOf({ initContainers: [sidecar('1'), sidecar('1')], containers: [container('1')] })).toBe(3000);
  });

  it('is an init container beside the sidecars that were started before it, and no later ones', () => {
    const containers = [container('100m')];
    expect(cpuOf({ initContainers: [sidecar('1'), container('3'), sidecar('1')], containers })).toBe(4000);
    expect(cpuOf({ initContainers: [container('3'), sidecar('1')], containers })).toBe(3000);
  });

  it('is what is said for the whole pod, where that is said, for the resources that can be', () => {
    const resources = { requests: { cpu: '2', 'example.com/fpga': '4' } };
    const requests = requestsOfPod({ spec: { resources, containers: [container('5')] } });
    expect([...requests]).toEqual([
      ['cpu', 2000],
      ['memory', 1024 ** 2],
    ]);
  });

  it('is with the overhead of its runtime', () => {
    expect(cpuOf({ containers: [container('1')], overhead: { cpu: '250m' } })).toBe(1250);
  });

  it.each([{}, { spec: {} }, { spec: { containers: [] } }, { spec: { containers: [{}] } }])(
    'is nothing where nothing is requested: %j',
    (pod) => {
      expect(requestsOfPod(pod).size).toBe(0);
    },
  );

  it('leaves out what is no quantity', () => {
    const requests = { cpu: 'much', memory: '1Gi', __proto__: '1' };
    expect([...requestsOfPod({ spec: { containers: [{ resources: { requests } }] } })]).toEqual([
      ['memory', 1024 ** 3],
    ]);
  });
});

it('what a node has to give is what it says is allocatable, not all that it has', () => {
  const status = { capacity: { cpu: '4' }, allocatable: { cpu: '3920m', pods: '110' } };
  expect([...allocatableOf({ status })]).toEqual([
    ['cpu', 3920],
    ['pods', 110],
  ]);
});
