/** The policy of the demo: a realistic one, with waits short enough for a visitor. */
export const demoConfig = {
  cluster: 'demo',
  timeZone: 'Europe/Berlin',
  approvers: 'channel',
  concurrency: 1,
  pools: [
    {
      name: 'control-plane',
      selector: 'node-role.kubernetes.io/control-plane',
      settleTime: '4s',
      rebootTimeout: '1m',
      settleTimeout: '1m',
    },
    {
      name: 'workers',
      selector: '!node-role.kubernetes.io/control-plane',
      approval: 'window',
      windows: [{ days: ['tue'], start: '02:00', end: '05:00' }],
      settleTime: '4s',
      rebootTimeout: '1m',
      settleTimeout: '1m',
      drain: { timeout: '5m' },
    },
  ],
} as const;

export const demoNodes = [
  { name: 'cp-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
  { name: 'worker-2', controlPlane: false },
  { name: 'worker-3', controlPlane: false },
] as const;
